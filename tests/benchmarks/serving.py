"""How fast the service answers, beside empty ones: ``python -m tests.benchmarks.serving --bundle FOLDER``.

All services run at the same time and are asked in turn, so that a busy machine slows all of them alike; each
figure is the median of the rounds. ``wrk`` asks. Nothing is judged: times are of this machine, ratios travel.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from serving.http.web_pages import EXAMPLE
from tests.debian import found_or_installed
from tests.e2e.workplace import PROJECT, Running, free_port

EMPTY, CONSTANT, OURS = "empty", "constant 27 kB", "cart-outcomes"
MODULE = "tests.benchmarks.empty_service"
CLIENTS = (1, 4, 16, 64)
ROUNDS, SECONDS = 3, 3
READY_WITHIN_SECONDS = 120
ASKING = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [=[{body}]=]
"""
PERCENTILE = re.compile(r"\s+(50|99)%\s+([0-9.]+)(us|ms|s)")
TO_MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True)
class Load:
    """What one round of asking found.

    Attributes
    ----------
    p50, p99 : float
        Milliseconds.
    per_second : float
        Answers.
    cpu : float
        Milliseconds of processor time of the service, an answer.
    """

    p50: float
    p99: float
    per_second: float
    cpu: float


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
def started(command: Sequence[str], folder: Path, port: int) -> Iterator[Service]:
    """Start a service; end it, by its process, afterwards.

    Parameters
    ----------
    command : sequence of str
        After Python's own name.
    folder : Path
        For its files; made here.
    port : int
        On which the command listens.
    """
    folder.mkdir()
    settings = {**os.environ, "PYTHONPATH": str(PROJECT), "BENTOML_HOME": str(folder / "bentoml")}
    settings.pop("PROMETHEUS_MULTIPROC_DIR", None)
    log = folder / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            (sys.executable, *command),
            cwd=folder,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address, process, log)
        yield Service(address, psutil.Process(process.pid))
    finally:
        Running(process, log).stop(signal.SIGTERM)


def asked(wrk: str, service: Service, script: Path, *, clients: int, seconds: int) -> Load:
    """Ask a service for some seconds.

    Parameters
    ----------
    wrk : str
        Path of the program.
    service : Service
    script : Path
        What wrk asks, in Lua.
    clients : int
        Connections, each with one request at a time.
    seconds : int
    """
    before = service.cpu
    command = (wrk, "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", str(script))
    text = subprocess.run(
        (*command, f"{service.address}/risk"), check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in text:
        message = f"{service.address} refused requests:\n{text}"
        raise RuntimeError(message)
    times = {share: float(value) * TO_MILLISECONDS[unit] for share, value, unit in PERCENTILE.findall(text)}
    number = int(re.search(r"(\d+) requests in", text)[1])  # type: ignore[index]
    return Load(times["50"], times["99"], number / seconds, 1e3 * (service.cpu - before) / number)


def measured(
    services: Mapping[str, Service], folder: Path, *, clients: Sequence[int], rounds: int, seconds: int
) -> dict[tuple[str, int], Load]:
    """Ask all services in turn, round by round: the median of the rounds by service and number of clients."""
    wrk = found_or_installed(lambda: shutil.which("wrk"), ("wrk",), missing="wrk is not installed")
    script = folder / "ask.lua"
    script.write_text(ASKING.replace("{body}", json.dumps(EXAMPLE)))
    for service in services.values():
        asked(wrk, service, script, clients=1, seconds=1)
    found: dict[tuple[str, int], list[Load]] = {}
    for _ in range(rounds):
        for number in clients:
            for name, service in services.items():
                load = asked(wrk, service, script, clients=number, seconds=seconds)
                found.setdefault((name, number), []).append(load)
    return {key: _median(loads) for key, loads in found.items()}


def start_seconds(
    commands: Mapping[str, tuple[int, Sequence[str]]], folder: Path, rounds: int
) -> dict[str, float]:
    """Start each service alone, in turn: the median of the seconds until it is ready, by name.

    Parameters
    ----------
    commands : mapping of str to (int, sequence of str)
        Port and command of each service.
    folder : Path
        For its files.
    rounds : int
        After one that is not counted, in which files get into the memory of the machine.
    """
    found: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, (port, command) in commands.items():
            begun = time.perf_counter()
            with started(command, folder / f"start-{number}-{port}", port):
                found[name].append(time.perf_counter() - begun)
    return {name: statistics.median(seconds[1:]) for name, seconds in found.items()}


def table(
    services: Mapping[str, Service],
    loads: Mapping[tuple[str, int], Load],
    starts: Mapping[str, float],
) -> str:
    """Write the figures as a table of Markdown, each with its ratio to the empty service."""
    lines = [
        "| service | clients | p50, ms | p99, ms | answers/s | CPU, ms |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (name, clients), load in loads.items():
        least = loads[EMPTY, clients]
        cells = [
            f"{load.p50:.2f} ({load.p50 / least.p50:.2f} x)",
            f"{load.p99:.1f} ({load.p99 / least.p99:.2f} x)",
            f"{load.per_second:.0f} ({load.per_second / least.per_second:.2f} x)",
            f"{load.cpu:.2f} ({load.cpu / least.cpu:.2f} x)",
        ]
        lines.append(f"| {name} | {clients} | {' | '.join(cells)} |")
    lines += ["", "| service | start, s | memory of all processes, MB |", "| --- | --- | --- |"]
    for name, service in services.items():
        ratio = starts[name] / starts[EMPTY]
        lines.append(f"| {name} | {starts[name]:.1f} ({ratio:.2f} x) | {service.memory:.0f} |")
    return "\n".join(lines)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    message = f"{address} is not ready:\n{log.read_text()[-2000:]}"
    raise RuntimeError(message)


def _median(loads: Sequence[Load]) -> Load:
    columns = zip(*((each.p50, each.p99, each.per_second, each.cpu) for each in loads), strict=True)
    return Load(*(statistics.median(column) for column in columns))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, help="Bundle folder to serve")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    given = parser.parse_args(arguments)
    ports = {name: free_port() for name in (EMPTY, CONSTANT, OURS)}
    bento = ("-m", "bentoml", "serve", "--host", "127.0.0.1", "--port")
    bundle = str(given.bundle.resolve())
    commands: dict[str, tuple[int, tuple[str, ...]]] = {
        EMPTY: (ports[EMPTY], (*bento, str(ports[EMPTY]), f"{MODULE}:Empty")),
        CONSTANT: (ports[CONSTANT], (*bento, str(ports[CONSTANT]), f"{MODULE}:Constant")),
        OURS: (ports[OURS], ("-m", "training", "serve", "--port", str(ports[OURS]), "--bundle", bundle)),
    }
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        starts = start_seconds(commands, folder, given.rounds)
        services = {
            name: stack.enter_context(started(command, folder / str(port), port))
            for name, (port, command) in commands.items()
        }
        loads = measured(services, folder, clients=given.clients, rounds=given.rounds, seconds=given.seconds)
        sys.stdout.write(table(services, loads, starts) + "\n")


if __name__ == "__main__":
    main()
