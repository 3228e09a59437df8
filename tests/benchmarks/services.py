"""Services that run beside each other on this machine, and what they use of it."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.e2e.workplace import PROJECT, Running, free_port

READY_WITHIN_SECONDS, WAIT_SECONDS = 180, 30


@dataclass(frozen=True)
class Command:
    """How a service is started.

    Attributes
    ----------
    arguments : tuple of str
        After Python's own name; ``{port}`` stands for the port.
    ready : str
        Path that answers when the service is ready.
    environment : mapping of str to str
        Beside the variables of this process.
    """

    arguments: tuple[str, ...]
    ready: str = "/readyz"
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """A running service.

    Attributes
    ----------
    address : str
    process : psutil.Process
        The first of its processes.
    """

    address: str
    process: psutil.Process

    @property
    def processes(self) -> list[psutil.Process]:
        """All of its processes."""
        return [self.process, *self.process.children(recursive=True)]

    @property
    def cpu(self) -> float:
        """Processor time so far, seconds."""
        return sum(sum(each.cpu_times()[:2]) for each in self.processes)

    @property
    def memory(self) -> float:
        """Memory of all processes, shared parts once, MB."""
        return sum(each.memory_full_info().pss for each in self.processes) / 2**20


@contextmanager
def started(command: Command, folder: Path) -> Iterator[Service]:
    """Start a service; end it, by its process, afterwards.

    Parameters
    ----------
    command : Command
    folder : Path
        For its files; made here.

    Yields
    ------
    service : Service
        Ready.

    Raises
    ------
    RuntimeError
        If it is not ready in time, with the end of its output.
    """
    folder.mkdir(parents=True)
    port, log = free_port(), folder / "output.txt"
    settings = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "BENTOML_HOME": str(folder / "bentoml"),
        # MLflow starts uvicorn by its name.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    settings.pop("PROMETHEUS_MULTIPROC_DIR", None)
    with log.open("w") as output:
        process = subprocess.Popen(
            (sys.executable, *(each.replace("{port}", str(port)) for each in command.arguments)),
            cwd=folder,
            env={**settings, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address + command.ready, process, log)
        yield Service(address, psutil.Process(process.pid))
    finally:
        _end(process, log)


def start_seconds(commands: Mapping[str, Command], folder: Path, rounds: int) -> dict[str, list[float]]:
    """Start each service alone, in turn.

    Parameters
    ----------
    commands : mapping of str to Command
    folder : Path
        For their files.
    rounds : int
        After one that is not counted, in which files get into the memory of the machine.

    Returns
    -------
    seconds : dict of str to list of float
        Until it was ready, each round.
    """
    found: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for place, (name, command) in enumerate(commands.items()):
            begun = time.perf_counter()
            with started(command, folder / f"start-{number}-{place}"):
                found[name].append(time.perf_counter() - begun)
    return {name: seconds[1:] for name, seconds in found.items()}


def median_ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """State the median over rounds of how many times the others a value is; both were measured side by side.

    Examples
    --------
    >>> median_ratio([2.0, 9.0, 4.0], [1.0, 3.0, 4.0])
    2.0
    """
    return statistics.median(value / other for value, other in zip(values, others, strict=True))


def _end(process: subprocess.Popen[bytes], log: Path) -> None:
    """End a service, and those of its processes that it leaves behind."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    Running(process, log).stop(signal.SIGTERM)
    _, left = psutil.wait_procs(children, timeout=1)
    for each in left:
        each.terminate()
    psutil.wait_procs(left, timeout=WAIT_SECONDS)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    message = f"{address} is not ready:\n{log.read_text()[-2000:]}"
    raise RuntimeError(message)
