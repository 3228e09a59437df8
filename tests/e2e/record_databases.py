"""Databases of a record that fail: a disk that can be full, a server that can be stopped."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from serving.record.settings import POSTGRESQL
from tests.e2e.postgresql import DATABASE, USER, PostgreSQL, new_cluster, running
from tests.e2e.workplace import free_port
from tests.kept_answers import KeptAnswers, kept_answers

PART = 2**12
"""Bytes that are written at a time while a disk is filled."""


@dataclass
class Disk:
    """A small file system.

    Attributes
    ----------
    folder : Path
        Where it is mounted.
    """

    folder: Path

    def fill(self) -> None:
        """Take all that is left."""
        ballast = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while True:
                os.write(ballast, bytes(PART))
        except OSError:
            pass
        finally:
            os.close(ballast)

    def free(self) -> None:
        """Give it back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mount a file system in memory, which only root may do."""
    if os.geteuid() != 0:
        pytest.skip("a disk can be mounted by root only")
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@dataclass
class StoppableServer:
    """A PostgreSQL that can be stopped, crashed and started again.

    Attributes
    ----------
    binaries : Path
        Its programs.
    folder : Path
        For its files.
    """

    binaries: Path
    folder: Path
    server: PostgreSQL = field(default_factory=lambda: PostgreSQL(free_port(), secrets.token_hex(16)))
    _running: ExitStack = field(default_factory=ExitStack, repr=False)

    def make(self) -> None:
        """Make an empty database, and start."""
        new_cluster(self.binaries, self.folder, self.server.password)
        self.start()
        self.server.execute(f"CREATE DATABASE {DATABASE}")

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._running.enter_context(running(self.binaries, self.folder, self.server))

    def stop(self) -> None:
        """End it and the connections to it; what is committed is written."""
        self._running.close()

    def crash(self) -> None:
        """End it at once: it recovers with its next start."""
        process = int((self.folder / "cluster" / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGQUIT)
        self.stop()


@contextmanager
def stoppable_postgresql(binaries: Path, folder: Path) -> Iterator[StoppableServer]:
    """Run a server in a folder that is there; its path is short."""
    found = StoppableServer(binaries, folder)
    found.make()
    try:
        yield found
    finally:
        found.stop()


def kept_in(server: PostgreSQL, folder: Path) -> KeptAnswers:
    """Make the settings of a record in the database of a server."""
    (folder / "password").write_text(server.password)
    (folder / "password").chmod(0o600)
    address = f"{POSTGRESQL}{USER}@127.0.0.1:{server.port}/{DATABASE}"
    return kept_answers(folder, address=address, more='password_file = "password"\n')
