"""A Dask cluster of separate processes on this machine, for tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from features.project_files import PROJECT

ENDS_WITHIN_SECONDS = 5


@dataclass(frozen=True)
class Cluster:
    """A scheduler with its workers."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def dask_cluster(n_workers: int, folder: Path) -> Iterator[Cluster]:
    """Start a scheduler and workers on loopback, and end them by their process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, here = f"tcp://127.0.0.1:{port}", ("--host", "127.0.0.1", "--no-dashboard")
    started = [_started("scheduler", folder, *here, "--port", str(port))]
    options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--local-directory", str(folder))
    try:
        started += [_started("worker", folder, address, *here, *options) for _ in range(n_workers)]
        yield Cluster(address, tuple(started[1:]))
    finally:
        for process in reversed(started):
            _end(process)


def _started(what: str, folder: Path, *options: str) -> subprocess.Popen[bytes]:
    with (folder / f"{what}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *options],
            env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
