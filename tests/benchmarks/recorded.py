"""What keys and the record cost: ``python -m tests.benchmarks.recorded --bundle FOLDER``.

The services run at the same time and are asked in turn, so that a busy machine slows all of them alike.
Ratios to the service that knows no callers and records nothing are medians over rounds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

from serving.identity.identity import IDENTITY_VARIABLE
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.record.settings import RECORD_VARIABLE
from tests.benchmarks.served import BENTO, RISK
from tests.benchmarks.services import Command, median_ratio, started
from tests.benchmarks.wrk import Load, Question, asked, wrk_program
from tests.callers import new_key_in
from tests.debian import NotInstalledError
from tests.e2e.workplace import PROJECT
from tests.kept_answers import kept_answers

CLIENTS, ROUNDS, SECONDS = (1, 16), 5, 3
RATE = "1000000/minute"
"""Of one caller: more than any service answers."""
PLAIN, KEYS, RECORD = "no callers, no record", "keys", "keys and record"

Loads = Mapping[tuple[str, int], Sequence[Load]]
"""By service and number of clients, one a round."""


def measured(
    bundle: Path, folder: Path, *, address: str | None, clients: Sequence[int], rounds: int, seconds: float
) -> Loads:
    """Start the services, and ask them in turn.

    Parameters
    ----------
    bundle : Path
        Bundle folder.
    folder : Path
        For files of the services.
    address : str, optional
        Of the record's database; a file of SQLite by default.
    clients : sequence of int
    rounds : int
    seconds : float
        Of each asking.

    Returns
    -------
    loads : mapping
        Without a first round, in which the services read what they need.
    """
    wrk = wrk_program()
    loads: dict[tuple[str, int], list[Load]] = {}
    targets = _targets(bundle, folder, address)
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(started(command, folder / f"service-{place}"))
            for place, (name, (command, _)) in enumerate(targets.items())
        }
        for _ in range(rounds + 1):
            for count in clients:
                for name, (_, question) in targets.items():
                    load = asked(wrk, running[name], question, folder, clients=count, seconds=seconds)
                    loads.setdefault((name, count), []).append(load)
    return {key: each[1:] for key, each in loads.items()}


def table(loads: Loads) -> str:
    """Write a row for each service and number of clients.

    Examples
    --------
    >>> fast, slow = Load(2, 3, 4, 500, 1.5), Load(3, 5, 6, 400, 2)
    >>> print(table({("plain", 1): [fast], ("record", 1): [slow]}))
    | service | clients | p50, ms | times the first | answers/s | times the first | CPU an answer, ms |
    | --- | --- | --- | --- | --- | --- | --- |
    | plain | 1 | 2.00 | 1.00 | 500 | 1.00 | 1.50 |
    | record | 1 | 3.00 | 1.50 | 400 | 0.80 | 2.00 |
    """
    first = next(iter(loads))[0]
    heads = ("service", "clients", "p50, ms", "times the first", "answers/s", "times the first")
    lines = [f"| {' | '.join((*heads, 'CPU an answer, ms'))} |", f"|{' --- |' * 7}"]
    for (name, clients), each in loads.items():
        slower = _ratio(each, loads[first, clients], "p50")
        rate = _ratio(each, loads[first, clients], "per_second")
        cells = (
            *(name, str(clients), f"{_median(each, 'p50'):.2f}", f"{slower:.2f}"),
            *(f"{_median(each, 'per_second'):.0f}", f"{rate:.2f}", f"{_median(each, 'cpu'):.2f}"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _median(loads: Sequence[Load], name: str) -> float:
    return median(getattr(each, name) for each in loads)


def _ratio(loads: Sequence[Load], first: Sequence[Load], name: str) -> float:
    return median_ratio([getattr(each, name) for each in loads], [getattr(each, name) for each in first])


def _targets(bundle: Path, folder: Path, address: str | None) -> dict[str, tuple[Command, Question]]:
    """State how each service is started and asked."""
    key = new_key_in(folder / "keys.json", "predict")
    kept = kept_answers(folder, address=address or "record.db")
    with_key = replace(RISK, headers={"Authorization": f"Bearer {key}"})
    settings = folder / "identity.toml"
    settings.write_text(f'keys = "keys.json"\nrate = "{RATE}"\n', encoding="utf-8")
    keys = {IDENTITY_VARIABLE: str(settings)}
    arguments = (*BENTO, "--working-dir", str(PROJECT), "serving.service:RiskService")
    served = {BUNDLE_VARIABLE: str(bundle.resolve())}
    return {
        PLAIN: (Command(arguments, environment=served), RISK),
        KEYS: (Command(arguments, environment={**served, **keys}), with_key),
        RECORD: (
            Command(arguments, environment={**served, **keys, RECORD_VARIABLE: str(kept.file)}),
            with_key,
        ),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, help="Bundle folder to serve")
    parser.add_argument("--address", help="Of the record's database; a file of SQLite by default")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="Of each asking")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            loads = measured(
                given.bundle,
                Path(scratch),
                address=given.address,
                clients=given.clients,
                rounds=given.rounds,
                seconds=given.seconds,
            )
        except NotInstalledError as missing:
            parser.exit(1, f"{missing}\n")
    sys.stdout.write(table(loads) + "\n")


if __name__ == "__main__":
    main()
