"""A Redis of the tests' own: found or installed, in a temporary folder, on loopback, ended by process id."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.debian import found_or_installed
from tests.e2e.served import free_port

PACKAGES = ("redis-server",)
READY_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Redis:
    """A running server with a password."""

    process: subprocess.Popen[bytes]
    port: int
    password: str

    @property
    def uri(self) -> str:
        """Address of the settings."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def redis_program() -> str:
    """Find the server; install it if need be.

    Raises
    ------
    tests.debian.NotInstalledError
        If it is not there and cannot be installed.
    """
    return found_or_installed(
        lambda: shutil.which("redis-server"), PACKAGES, missing="no redis-server on the PATH"
    )


@contextmanager
def redis(program: str) -> Iterator[Redis]:
    """Run a server that keeps nothing on the disk."""
    port, password = free_port(), secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        settings = f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ''\nappendonly no\n"
        process = subprocess.Popen(
            [program, "-", "--dir", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        process.stdin.write(settings.replace("save ''", 'save ""').encode())
        process.stdin.close()
        server = Redis(process, port, password)
        try:
            _wait(server)
            yield server
        finally:
            server.stop()


def _wait(server: Redis) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=1):
            return
        assert server.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
