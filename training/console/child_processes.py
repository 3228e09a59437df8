"""Run several servers together: check before the start, wait until ready, stop together."""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from features.problems import Refused
from training.console.killed_starter import ends_with_us

ANSWERS_WITHIN_SECONDS = 120
"""A server that does not answer by then is given up."""

ENDS_WITHIN_SECONDS = 15
"""A server that has not ended by then after the signal to end is killed, unless it states its own time."""

LOOKED_AT_EVERY_SECONDS = 0.25
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Server:
    """A server to start.

    Attributes
    ----------
    name : str
        For people: ``the service``.
    arguments : tuple of str
        Program and arguments.
    host : str
    port : int
        Where it will listen.
    ready_path : str
        Answers 200 when the server is ready.
    environment : mapping of str to str
        Added to our own.
    start_page : str
        Path of the page to open, where it is not the first.
    ends_within_seconds : float
        Time to finish the answers under way after the signal to end; then it is killed.
    sees_its_starter_end : bool
        Whether it ends by itself when this program is killed. Any other server is sent SIGTERM then.
    """

    name: str
    arguments: tuple[str, ...]
    host: str
    port: int
    ready_path: str
    environment: Mapping[str, str] = field(default_factory=dict)
    start_page: str = ""
    ends_within_seconds: float = ENDS_WITHIN_SECONDS
    sees_its_starter_end: bool = False

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{self.host}:{self.port}{self.start_page}"


def ip_address(host: str) -> str:
    """Find the IPv4 address of a host, as servers want it.

    Raises
    ------
    Refused
        If the host is not known.

    Examples
    --------
    >>> ip_address("localhost")
    '127.0.0.1'
    """
    try:
        return socket.gethostbyname(host)
    except OSError:
        message = f"{host} is not an address of this machine; use --host 127.0.0.1"
        raise Refused(message) from None


def refuse_taken_port(port: int, host: str, *, option: str = "--port") -> None:
    """Refuse a port that cannot be opened, before anything starts.

    Parameters
    ----------
    port : int
    host : str
        An address of this machine.
    option : str
        The option by which the user chooses another port.

    Raises
    ------
    Refused
        If it is in use or cannot be opened.

    Examples
    --------
    >>> refuse_taken_port(70000, "127.0.0.1")
    Traceback (most recent call last):
        ...
    features.problems.Refused: port 70000 must be 1 to 65535
    """
    if not 1 <= port <= 65535:
        message = f"port {port} must be 1 to 65535"
        raise Refused(message)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = port + 1 if port < 65535 else port - 1
            taken = error.errno == errno.EADDRINUSE
            why = "is in use; stop the program that uses it, or" if taken else "cannot be opened;"
            message = f"port {port} on {host} {why} choose another: {option} {other}"
            raise Refused(message) from None


def run_until_stopped(servers: Sequence[Server], *, announce: Callable[[str], None]) -> None:
    """Start servers, announce their addresses, and stop all on Ctrl-C or SIGTERM, or when one stops.

    A second signal is passed on as SIGINT to all processes of the servers, so that they end sooner. To be
    called in the main thread.

    Parameters
    ----------
    servers : sequence of Server
        Started in this order, each in a process group of its own.
    announce : callable
        Is given one line for each server when all of them answer.

    Raises
    ------
    Refused
        If a server stops unexpectedly or does not answer; the others were stopped.
    """
    for server in servers:
        refuse_taken_port(server.port, server.host)
    running: list[_Running] = []
    with _stop_signals(running) as stop, contextlib.ExitStack() as started:
        for server in servers:
            running.append(started.enter_context(_Running(server)))
            if not server.sees_its_starter_end:
                started.enter_context(ends_with_us(running[-1].process.pid))
        _wait_until_ready(running, stop)
        if not stop.is_set():
            for server in servers:
                announce(f"{server.name}: {server.address}")
        while not stop.wait(LOOKED_AT_EVERY_SECONDS):
            _refuse_ended(running)


class _Running:
    """A started server with all the processes it has started in turn."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.process = subprocess.Popen(
            server.arguments,
            env={**os.environ, **server.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._family: set[psutil.Process] = set()

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def status(self) -> int | None:
        """Exit status, None while it runs; remembers its children, since a dead parent names none."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._family.update(psutil.Process(self.process.pid).children(recursive=True))
        return self.process.poll()

    def hurry(self) -> None:
        """Have each process of the server end sooner."""
        self.status()
        for process in self._family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT)

    def _end(self) -> None:
        """Ask the server to end, wait, then kill what is left of it; nothing else is touched."""
        if self.status() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.server.ends_within_seconds)
        _, alive = psutil.wait_procs(self._family, timeout=1)
        for left in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def _stop_signals(running: Sequence[_Running]) -> Iterator[threading.Event]:
    """Turn the signals that ask us to stop into an event; put their handling back afterwards."""
    stop = threading.Event()

    def ask(*_: object) -> None:
        for one in running if stop.is_set() else ():
            one.hurry()
        stop.set()

    before = {number: signal.signal(number, ask) for number in STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handling in before.items():
            signal.signal(number, handling)


def _wait_until_ready(running: Sequence[_Running], stop: threading.Event) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    for server in (one.server for one in running):
        while not _answers(server) and not stop.wait(LOOKED_AT_EVERY_SECONDS):
            _refuse_ended(running)
            if time.monotonic() > deadline:
                message = (
                    f"{server.name} did not answer at {server.address} within {ANSWERS_WITHIN_SECONDS} s"
                )
                raise Refused(message)


def _answers(server: Server) -> bool:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=2)
    try:
        connection.request("GET", server.ready_path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _refuse_ended(running: Sequence[_Running]) -> None:
    for one in running:
        status = one.status()
        if status is not None:
            others = ". The other server was stopped too" if len(running) > 1 else ""
            message = (
                f"{one.server.name} stopped unexpectedly with status {status}; see its messages above{others}"
            )
            raise Refused(message)
