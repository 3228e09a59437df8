"""A PostgreSQL of the tests' own: found, set up in a temporary folder, on loopback, ended by process id."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pg8000.dbapi

from tests.debian import found_or_installed
from tests.e2e.workplace import free_port

PACKAGES = ("postgresql",)
"""Debian's; it makes the user `postgres` too."""

USER = "mlflow"
DATABASE = "mlflow"
READY_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class PostgreSQL:
    """A running server with one user and one empty database."""

    port: int
    password: str

    @property
    def uri(self) -> str:
        """Address for SQLAlchemy, by the driver that is installed."""
        return f"postgresql+pg8000://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def rows(self, query: str) -> list[Any]:
        """Ask the database itself."""
        connection = self._connected(DATABASE)
        try:
            cursor = connection.cursor()
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            connection.close()

    def execute(self, statement: str) -> None:
        """Run a statement as the administrator."""
        connection = self._connected("postgres")
        connection.autocommit = True
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self._connected("postgres").close()
        except (pg8000.dbapi.Error, OSError):
            return False
        return True

    def _connected(self, database: str) -> Any:
        return pg8000.dbapi.connect(
            USER, host="127.0.0.1", port=self.port, password=self.password, database=database, timeout=20
        )


def postgresql_binaries() -> Path:
    """Find the folder of PostgreSQL's programs, which Debian keeps off the PATH; install them if need be.

    Raises
    ------
    tests.debian.NotInstalledError
        If it is not there and cannot be installed.
    """
    missing = "no initdb in /usr/lib/postgresql/*/bin or on the PATH"
    return Path(found_or_installed(_initdb, PACKAGES, missing=missing)).parent


@contextmanager
def postgresql(binaries: Path) -> Iterator[PostgreSQL]:
    """Run a server whose files, socket and password are nobody else's.

    Parameters
    ----------
    binaries : Path
        As `postgresql_binaries` gives it.

    Yields
    ------
    server : PostgreSQL
    """
    # A socket's path may have 107 bytes, fewer than pytest's folders need.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder, server = Path(name), PostgreSQL(free_port(), secrets.token_hex(16))
        new_cluster(binaries, folder, server.password)
        with running(binaries, folder, server):
            server.execute(f"CREATE DATABASE {DATABASE}")
            yield server


def _initdb() -> str | None:
    known = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(known, key=lambda path: path.parents[1].name.zfill(4), default=None)
    return str(newest) if newest is not None else shutil.which("initdb")


def new_cluster(binaries: Path, folder: Path, password: str) -> None:
    """Make the cluster; every connection is asked for the password."""
    secret = folder / "password"
    secret.write_text(password)
    _give_away(folder, secret)
    arguments = (
        *("--pgdata", str(folder / "cluster"), "--username", USER, "--pwfile", str(secret)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
    )
    done = subprocess.run(
        [binaries / "initdb", *arguments],
        cwd=folder,
        user=_user(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    secret.unlink()


@contextmanager
def running(binaries: Path, folder: Path, server: PostgreSQL) -> Iterator[None]:
    """Run the server of a cluster that `new_cluster` made; it can be started again."""
    log = folder / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                *(binaries / "postgres", "-D", folder / "cluster", "-p", str(server.port)),
                *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-F"),
            ],
            cwd=folder,
            user=_user(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, server, log)
            yield
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], server: PostgreSQL, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not server.answers():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask for PostgreSQL's fast shutdown, which does not wait for clients; it ends its own children."""
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(30)
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        process.wait(30)


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else None


def _give_away(*paths: Path) -> None:
    user = _user()
    if user is not None:
        entry = pwd.getpwnam(user)
        for path in paths:
            os.chown(path, entry.pw_uid, entry.pw_gid)
