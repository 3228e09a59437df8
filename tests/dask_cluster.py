"""A Dask cluster of separate processes on this machine, for tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from features.project_files import PROJECT

ENDS_WITHIN_SECONDS = 5


@dataclass(frozen=True)
class Cluster:
    """A scheduler with its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def dask_cluster(
    n_workers: int, folder: Path, *, worker_path: Path = PROJECT, settings: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """Start a scheduler and workers on loopback, and end them by their process.

    Parameters
    ----------
    n_workers : int
    folder : Path
        Gets their logs.
    worker_path : Path
        Where workers find this software.
    settings : mapping of str, optional
        Of Dask, as environment variables.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, here = f"tcp://127.0.0.1:{port}", ("--host", "127.0.0.1", "--no-dashboard")
    variables = {**os.environ, "PYTHONWARNINGS": "ignore", **(settings or {})}
    of_scheduler = {**variables, "PYTHONPATH": str(PROJECT)}
    of_worker = {**variables, "PYTHONPATH": str(worker_path)}
    started = [_started("scheduler", folder, of_scheduler, *here, "--port", str(port))]
    options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--local-directory", str(folder))
    try:
        for _ in range(n_workers):
            started.append(_started("worker", folder, of_worker, address, *here, *options))
        yield Cluster(address, started[0], tuple(started[1:]))
    finally:
        for process in reversed(started):
            _end(process)


def _started(what: str, folder: Path, variables: Mapping[str, str], *options: str) -> subprocess.Popen[bytes]:
    with (folder / f"{what}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *options],
            env=variables,
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
