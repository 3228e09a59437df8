"""Clients that send half a request, too slowly or too much, and a service that answers the others."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
from collections.abc import Iterator

import pytest

from serving.http.connections import MOST_CONNECTIONS
from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_bundle
from tests.e2e.served import Served, free_port, serve_command, started

pytestmark = pytest.mark.slow

HALF = (
    b"POST /risk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 130\r\n\r\n{"age_years":'
)
CLIENTS = 256


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the service by our command."""
    port, folder = free_port(), tmp_path_factory.mktemp("flood")
    write_bundle(make_bundle(), folder / "bundle")
    call = f"serve({port}, bundle=Path({str(folder / 'bundle')!r}))"
    with started(serve_command(call), port, folder) as it:
        it.wait_until_ready()
        yield it


@contextlib.contextmanager
def clients(served: Served, raw: bytes, *, number: int = CLIENTS) -> Iterator[list[socket.socket]]:
    """Open connections that send a part of a request and stay."""
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(number):
            opened.append(stack.enter_context(socket.create_connection(("127.0.0.1", served.port))))
            opened[-1].sendall(raw)
        yield opened


def assert_answers(served: Served) -> None:
    """Expect answers for a patient, a batch, the page and a file, and a service that is ready."""
    assert served.ask("POST", "/risk", PATIENT)[0] == 200
    assert served.ask("POST", "/risk/batch", {"patients": [PATIENT]})[0] == 200
    assert [served.ask("GET", path)[0] for path in ("/", "/assets/shell.css", "/readyz")] == [200] * 3


@pytest.mark.parametrize(
    "raw",
    [HALF, HALF.replace(b"/risk", b"/risk/batch"), HALF[:60], b"", b"GET / HTTP/1.1\r\nHost: a\r\n"],
    ids=["half a body", "half a batch", "half a head", "nothing", "half a page"],
)
def test_half_sent_requests_keep_no_one_waiting(served: Served, raw: bytes) -> None:
    """As many as could once block everything; two times, since a flood does not stop."""
    for _ in range(2):
        with clients(served, raw):
            assert_answers(served)


def test_a_half_sent_body_is_told_that_it_is_late(served: Served) -> None:
    """In words, and the connection ends; meanwhile others are answered."""
    with clients(served, HALF, number=1) as (client,):
        assert_answers(served)
        client.settimeout(30)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"connection: close" in head
    assert json.loads(body)["error"].startswith("the body did not arrive in time; ")


def test_more_connections_than_the_service_holds_shut_no_one_out(served: Served) -> None:
    """The longest waiting ones are closed instead."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with contextlib.suppress(ConnectionError), clients(served, HALF, number=MOST_CONNECTIONS + 100):
            assert_answers(served)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert_answers(served)
