"""What a run of the serving benchmark found, as a file that tables and the picture are made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.wrk import Load


@dataclass(frozen=True)
class Machine:
    """Where it ran.

    Attributes
    ----------
    kind, python : str
    cores : int
    """

    kind: str
    cores: int
    python: str


@dataclass(frozen=True)
class ServiceUse:
    """What a service uses beside processor time.

    Attributes
    ----------
    start_seconds : list of float
        From the command until it is ready, each round.
    memory_mb : float
        Of all processes, shared parts once, after it was asked.
    """

    start_seconds: list[float]
    memory_mb: float


@dataclass(frozen=True)
class Asked:
    """One asking.

    Attributes
    ----------
    name : str
        What was asked, an entry of `ServingResult.service_of`.
    clients, round : int
    load : Load
    """

    name: str
    clients: int
    round: int
    load: Load


@dataclass(frozen=True)
class ServingResult:
    """One run.

    Attributes
    ----------
    machine : Machine
    service_of : mapping of str to str
        The service of everything that was asked; the first is what ratios are to.
    use : mapping of str to ServiceUse
        By service.
    asked : tuple of Asked
    """

    machine: Machine
    service_of: Mapping[str, str]
    use: Mapping[str, ServiceUse]
    asked: tuple[Asked, ...]

    @property
    def reference(self) -> str:
        """What ratios are to."""
        return next(iter(self.service_of))

    @property
    def clients(self) -> list[int]:
        """Numbers of clients, in the order in which they asked."""
        return list(dict.fromkeys(each.clients for each in self.asked))

    def figures(self, name: str, clients: int, measure: str) -> list[float]:
        """List a measure of `Load`, each round.

        Parameters
        ----------
        name : str
            What was asked.
        clients : int
        measure : str
            An attribute of `Load`.
        """
        return [
            getattr(each.load, measure) for each in self.asked if (each.name, each.clients) == (name, clients)
        ]


def write_result(result: ServingResult, file: Path) -> None:
    """Write a result as JSON."""
    file.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")


def read_result(file: Path) -> ServingResult:
    """Read what `write_result` wrote."""
    stated = json.loads(file.read_text(encoding="utf-8"))
    return ServingResult(
        Machine(**stated["machine"]),
        stated["service_of"],
        {name: ServiceUse(**use) for name, use in stated["use"].items()},
        tuple(Asked(**{**each, "load": Load(**each["load"])}) for each in stated["asked"]),
    )
