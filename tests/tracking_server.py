"""An MLflow server for tests, in a process of its own, and a door before it that may fail in every way."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

READY_WITHIN_SECONDS = 120
ARTIFACTS = "/mlflow-artifacts/"
"""In the path of every request for artifacts."""

How = Literal["closes", "hangs", "answers 500", "answers 503", "answers 403"]


@dataclass(frozen=True)
class MlflowServer:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def address(self) -> str:
        """For MLFLOW_TRACKING_URI."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def mlflow_server(folder: Path, *, store: str = "") -> Iterator[MlflowServer]:
    """Run ``mlflow server``, which hands out artifacts itself, and end it with all that it started.

    Parameters
    ----------
    folder : Path
        Where artifacts are, and SQLite's database.
    store : str
        Another database.

    Yields
    ------
    server : MlflowServer
        It answers.
    """
    port = _free_port()
    log = folder / f"mlflow-server-{port}.txt"
    with log.open("a") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
                *("--backend-store-uri", store or f"sqlite:///{folder / 'server.db'}"),
                *("--artifacts-destination", str(folder / "artifacts"), "--serve-artifacts"),
                *("--workers", "1", "--uvicorn-opts", "--log-level warning"),
            ],
            cwd=folder,
            env={**_environment(), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(process, port, log)
            yield MlflowServer(process, port, folder)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a server with its worker: they are a session of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


@dataclass
class Door:
    """Answers in place of a server, from it or with trouble.

    Attributes
    ----------
    upstream : str
        Address of the server.
    port : int
        Where it listens.
    how : How or None
        Trouble that it makes; None while all is well.
    after : int
        Requests for `path` that are answered before.
    path : str
        Part of the path of requests that get trouble; all by default.
    login : str
        ``user:password`` without which it answers 401; empty for none.
    """

    upstream: str
    port: int = 0
    how: How | None = None
    after: int = 0
    path: str = ""
    login: str = ""
    seen: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """For MLFLOW_TRACKING_URI."""
        login = f"{self.login}@" if self.login else ""
        return f"http://{login}127.0.0.1:{self.port}"

    def fails(self, how: How, *, after: int = 0, path: str = "") -> None:
        """Make trouble from now on, once some more requests were answered."""
        self.how, self.after, self.path = how, after, path

    def mended(self) -> None:
        """Answer again."""
        self.how = None

    def trouble(self, path: str) -> How | None:
        """Say what a request gets."""
        self.seen.append(path)
        if self.how is None or self.path not in path:
            return None
        self.after -= 1
        return self.how if self.after < 0 else None


@contextmanager
def door(upstream: str, *, login: str = "") -> Iterator[Door]:
    """Open a door before a server, on a port of its own."""
    opened = Door(upstream, login=login)

    class Handler(_Handler):
        door = opened

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        opened.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield opened
        finally:
            opened.released.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Hands a request on, unless there is trouble."""

    protocol_version = "HTTP/1.1"
    door: Door

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        how = self.door.trouble(self.path)
        expected = f"Basic {b64encode(self.door.login.encode()).decode()}"
        if how == "closes":
            self.close_connection = True
        elif how == "hangs":
            self.door.released.wait(120)
            self.close_connection = True
        elif how is not None:
            self._send(int(how.split()[1]), b"trouble", "text/plain")
        elif self.door.login and self.headers.get("Authorization") != expected:
            self._send(401, b"who are you?", "text/plain")
        else:
            self._hand_on(body)

    def _hand_on(self, body: bytes) -> None:
        host, _, port = self.door.upstream.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _OURS}
        try:
            connection.request(self.command, self.path, body, {**kept, "Content-Length": str(len(body))})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        self._send(answer.status, content, answer.headers.get("Content-Type", "application/json"))

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


_OURS = {"host", "content-length", "transfer-encoding", "connection", "authorization", "accept-encoding"}


def _environment() -> dict[str, str]:
    """Leave out what the test has set for its client."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not _answers(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
