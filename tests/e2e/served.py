"""The service as a process: started by our command, asked over sockets, ended by its own id."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).parents[2]


@dataclass
class Served:
    """A started command and what it has written so far."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def written(self) -> str:
        """Standard output and standard error."""
        return self.log.read_text(errors="replace")

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Send a request; a body that is not bytes goes as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        sent = {"Content-Type": "application/json"} | headers
        with contextlib.closing(connection):
            connection.request(method, path, raw, sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def wait_until_ready(self, *, within: float = 90) -> None:
        """Wait for /readyz."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.written
            with contextlib.suppress(OSError):
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.2)
        raise AssertionError(self.written)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(arguments: list[str], port: int, folder: Path, **environment: str) -> Iterator[Served]:
    """Run a command in an empty folder; end it, by its own id, if the test did not."""
    log = folder / f"output-{port}.txt"
    settings = {
        **os.environ,
        "BENTOML_HOME": str(folder / "bentoml"),
        "PYTHONPATH": str(PROJECT),
    } | environment
    settings.pop("PROMETHEUS_MULTIPROC_DIR", None)
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments, cwd=folder, env=settings, stdout=output, stderr=subprocess.STDOUT
        )
    family: list[psutil.Process] = []
    try:
        served = Served(process, port, log)
        yield served
        family = descendants(process.pid)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
        for left in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()


def serve_command(call: str) -> list[str]:
    """Run `serve`, or `serve_and_ui` of the demo, as the command line does: message and exit status 1."""
    script = f"""
import sys
from pathlib import Path
from features.problems import Refused
from training.commands.demo import serve_and_ui
from training.commands.serve import serve
try:
    {call}
except Refused as error:
    sys.exit(str(error))
"""
    return [sys.executable, "-c", script]


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def gone(family: list[psutil.Process]) -> bool:
    """Whether all of these processes have ended."""
    return not psutil.wait_procs(family, timeout=10)[1]
