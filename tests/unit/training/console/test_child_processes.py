"""Ports and addresses are looked at before a server is started on them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from features.problems import Refused
from training.console.child_processes import Server, ip_address, refuse_taken_port, run_until_stopped


def refusal(port: int, host: str = "127.0.0.1") -> str:
    with pytest.raises(Refused) as caught:
        refuse_taken_port(port, host)
    return str(caught.value)


def test_a_taken_port_is_refused_with_a_way_out(taken_port: int) -> None:
    """The next one is proposed."""
    assert refusal(taken_port) == (
        f"port {taken_port} on 127.0.0.1 is in use; stop the program that uses it, or choose another: "
        f"--port {taken_port + 1}"
    )


def test_a_free_port_is_accepted(free_port: int) -> None:
    """Nothing is left listening by the look at it."""
    refuse_taken_port(free_port, "127.0.0.1")
    refuse_taken_port(free_port, "127.0.0.1")


def test_an_address_of_another_machine_is_refused(free_port: int) -> None:
    """It cannot be listened on."""
    assert refusal(free_port, "192.0.2.1").startswith(
        f"port {free_port} on 192.0.2.1 cannot be opened; choose another"
    )


def test_a_host_that_is_none_is_refused() -> None:
    """With the default that works everywhere."""
    with pytest.raises(
        Refused, match=r"^no.such.host is not an address of this machine; use --host 127.0.0.1$"
    ):
        ip_address("no.such.host")


READY = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
"""
"""A server that answers every question."""

SLOW_TO_END = (
    READY
    + """
import signal, sys, time
def end(*_):
    time.sleep({seconds})
    print("ended", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
HTTPServer(("127.0.0.1", {port}), Ready).serve_forever()
"""
)


@pytest.mark.parametrize(("seconds", "within", "ended"), [(0.5, 30, True), (30, 0.2, False)])
def test_a_server_ends_in_its_own_time(
    free_port: int, capfd: pytest.CaptureFixture[str], seconds: float, within: float, ended: bool
) -> None:
    """As long as it stated for the answers under way; then it is killed."""
    script = SLOW_TO_END.format(port=free_port, seconds=seconds)
    server = Server(
        name="service",
        arguments=(sys.executable, "-c", script),
        host="127.0.0.1",
        port=free_port,
        ready_path="/",
        ends_within_seconds=within,
    )
    run_until_stopped([server], announce=lambda _line: signal.raise_signal(signal.SIGTERM))
    assert ("ended" in capfd.readouterr().out) is ended


WITH_A_CHILD = (
    READY
    + """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
def end(*_):
    print("child ended with", child.wait(), flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
HTTPServer(("127.0.0.1", {port}), Ready).serve_forever()
"""
)
"""A server that ends after its child, which SIGINT alone ends."""


def test_a_second_signal_hurries_the_processes_of_a_server(
    free_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first one tells the server to end in its own time."""
    server = Server(
        name="service",
        arguments=(sys.executable, "-c", WITH_A_CHILD.format(port=free_port)),
        host="127.0.0.1",
        port=free_port,
        ready_path="/",
        ends_within_seconds=60,
    )
    second = threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM))

    def stop(_line: str) -> None:
        signal.raise_signal(signal.SIGTERM)
        second.start()

    run_until_stopped([server], announce=stop)
    second.join()
    assert "child ended with" in capfd.readouterr().out


ANSWERS_FOR_EVER = (
    READY
    + """
HTTPServer(("127.0.0.1", {port}), Ready).serve_forever()
"""
)

STARTER = """
import sys
from training.console.child_processes import Server, run_until_stopped
server = Server("pages", (sys.executable, "-c", {script!r}), "127.0.0.1", {port}, "/")
run_until_stopped([server], announce=lambda line: print(line, flush=True))
"""


def test_a_server_ends_when_the_program_that_started_it_is_killed(free_port: int) -> None:
    """Nothing keeps the port, though a killed program can end nothing itself."""
    script = ANSWERS_FOR_EVER.format(port=free_port)
    with subprocess.Popen(
        [sys.executable, "-c", STARTER.format(script=script, port=free_port)], stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline().startswith(b"pages: ")
        started = psutil.Process(starter.pid).children(recursive=True)
        starter.kill()
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not alive
    refuse_taken_port(free_port, "127.0.0.1")


def test_a_server_that_was_stopped_leaves_no_process(free_port: int) -> None:
    """What watched for a kill ends with it."""
    script = ANSWERS_FOR_EVER.format(port=free_port)
    server = Server("pages", (sys.executable, "-c", script), "127.0.0.1", free_port, "/")
    before = set(psutil.Process().children(recursive=True))
    run_until_stopped([server], announce=lambda _line: signal.raise_signal(signal.SIGTERM))
    assert set(psutil.Process().children(recursive=True)) == before
