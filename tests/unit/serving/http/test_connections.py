"""Connections of clients that are slow, silent, too many or ambiguous, on a transport that is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from serving.http import connections
from serving.http.connections import CHANCES, ROUND_SECONDS, Connection, make_room
from tests import virtual_time
from tests.virtual_time import VirtualTime

HEAD = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
QUESTION = b"POST /risk HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"


class Transport(asyncio.Transport):
    """Keeps what is written, and what happens to the connection."""

    def __init__(self, *, unread: int = 0) -> None:
        super().__init__()
        self.written = b""
        self.unread = unread
        self.closed = self.aborted = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Know nothing."""
        return default

    def write(self, data: bytes) -> None:  # type: ignore[override]
        """Keep the data."""
        self.written += data

    def get_write_buffer_size(self) -> int:
        """State what the client has not read."""
        return self.unread

    def is_closing(self) -> bool:
        """Whether the end has begun."""
        return self.closed or self.aborted

    def close(self) -> None:
        """Begin the end."""
        self.closed = True

    def abort(self) -> None:
        """End at once."""
        self.aborted = True

    def pause_reading(self) -> None:
        """Do nothing."""

    def resume_reading(self) -> None:
        """Do nothing."""


async def answering(_scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and answer."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answer"})


STATE = ServerState()


def connected(transport: Transport, *, takes: float = 1e-6) -> Connection:
    """Open a connection to `answering`, some time after the one before."""
    config = uvicorn.Config(answering, http=Connection, log_config=None, lifespan="off")
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTime)
    loop.let_pass(takes)
    connection = Connection(config, STATE, {}, loop)
    connection.connection_made(transport)
    return connection


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait only briefly."""
    monkeypatch.setattr(connections, "HEAD_WITHIN_SECONDS", 0.05)
    monkeypatch.setattr(connections, "READ_WITHIN_SECONDS", 0.05)
    STATE.connections.clear()
    yield
    STATE.connections.clear()


def run(steps: Callable[[], Awaitable[Transport]]) -> Transport:
    """Run what happens on a connection."""
    return virtual_time.run(asyncio.wait_for(_ended(steps), 20))


async def _ended(steps: Callable[[], Awaitable[Transport]]) -> Transport:
    return await steps()


async def end_of(transport: Transport) -> None:
    """Wait until a connection is closed."""
    while not transport.is_closing():
        await asyncio.sleep(0.01)


def test_a_connection_that_sends_nothing_is_closed() -> None:
    """Without an answer, since there was no request."""

    async def steps() -> Transport:
        connected(transport := Transport())
        await end_of(transport)
        return transport

    assert run(steps).written == b""


@pytest.mark.parametrize("step", [1, 7])
def test_a_head_that_trickles_is_answered_408(step: int) -> None:
    """However many bytes come each time."""

    async def steps() -> Transport:
        connection = connected(transport := Transport())
        for start in range(0, 10**6, step):
            connection.data_received(
                b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "[start : start + step] or b"a"
            )
            await asyncio.sleep(0.005)
            if transport.is_closing():
                break
        return transport

    written = run(steps).written
    assert written.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'{"error":"the head of the request did not arrive in time; send all of it at once"}' in written
    assert b"content-security-policy: default-src 'none'" in written


def test_a_kept_connection_has_as_long_for_its_next_head() -> None:
    """One byte does not keep it open."""

    async def steps() -> Transport:
        connection = connected(transport := Transport())
        connection.data_received(HEAD)
        while b"answer" not in transport.written:
            await asyncio.sleep(0.001)
        connection.data_received(b"G")
        await end_of(transport)
        return transport

    written = run(steps).written
    assert written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 408 " in written


def test_a_request_in_work_is_not_closed() -> None:
    """Its body has a time of its own."""

    async def steps() -> Transport:
        connection = connected(transport := Transport())
        connection.data_received(QUESTION)
        await asyncio.sleep(0.15)
        assert not transport.is_closing()
        connection.data_received(b"12345678")
        while b"answer" not in transport.written:
            await asyncio.sleep(0.001)
        return transport

    assert run(steps).written.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_reads_nothing_is_cut_off() -> None:
    """After an answer, and while one waits to be sent."""

    async def steps() -> Transport:
        connection = connected(transport := Transport(unread=1000))
        connection.data_received(HEAD)
        while not transport.aborted:
            await asyncio.sleep(0.01)
        connected(paused := Transport(unread=10**6)).pause_writing()
        while not paused.aborted:
            await asyncio.sleep(0.01)
        return paused

    assert run(steps).aborted


def test_a_client_that_reads_slowly_gets_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it goes on reading."""
    monkeypatch.setattr(connections, "HEAD_WITHIN_SECONDS", 60)

    async def steps() -> Transport:
        connected(transport := Transport(unread=connections.READ_AT_LEAST * 8)).pause_writing()
        while transport.unread:
            await asyncio.sleep(0.01)
            transport.unread = max(transport.unread - connections.READ_AT_LEAST, 0)
        await asyncio.sleep(0.1)
        return transport

    assert not run(steps).is_closing()


@pytest.mark.parametrize("paused", [False, True])
def test_a_connection_that_is_lost_is_forgotten(paused: bool) -> None:
    """No time that was running for it ends later: neither that of a head nor that of reading."""

    async def steps() -> Transport:
        connection = connected(transport := Transport(unread=10**6))
        connection.data_received(b"GET / HTTP/1.1\r\n")
        if paused:
            connection.pause_writing()
        connection.connection_lost(ConnectionResetError())
        await asyncio.sleep(0.15)
        assert not transport.is_closing()
        return transport

    assert run(steps).written == b""


def test_a_connection_that_closes_already_is_not_answered_408() -> None:
    """As when the service ends."""

    async def steps() -> Transport:
        connection = connected(transport := Transport())
        connection.data_received(b"GET / HTTP/1.1\r\n")
        transport.close()
        await asyncio.sleep(0.15)
        return transport

    assert run(steps).written == b""


def test_where_there_is_room_no_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long they have waited."""
    monkeypatch.setattr(Connection, "rounds", 0)

    async def steps() -> Transport:
        transports = [Transport() for _ in range(3)]
        for transport in transports:
            connected(transport)
        monkeypatch.setattr(Connection, "rounds", CHANCES)
        make_room(STATE.connections, most=3)
        assert not any(transport.is_closing() for transport in transports)
        return transports[0]

    run(steps)


def test_the_longest_waiting_connections_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose request has arrived is never closed for another one."""

    async def steps() -> Transport:
        transports = [Transport() for _ in range(5)]
        opened = [connected(transport) for transport in transports]
        opened[0].data_received(HEAD)
        opened[1].data_received(QUESTION)
        opened[2].data_received(b"GET")
        monkeypatch.setattr(Connection, "rounds", Connection.rounds + CHANCES)
        make_room(STATE.connections, most=3)
        assert [transport.is_closing() for transport in transports] == [False, False, True, True, False]
        return transports[0]

    run(steps)


def test_an_answer_is_not_lost_when_room_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end waits for what was sent; a client that does not read it is cut off."""
    monkeypatch.setattr(Connection, "rounds", 0)

    async def steps() -> Transport:
        transports = [Transport(), Transport(unread=2**20)]
        for transport in transports:
            connected(transport)
        monkeypatch.setattr(Connection, "rounds", CHANCES)
        make_room(STATE.connections, most=0)
        assert [transport.closed for transport in transports] == [True, False]
        assert [transport.aborted for transport in transports] == [False, True]
        return transports[0]

    run(steps)


def test_a_new_connection_has_its_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood that is accepted at once ends no connection before its request can be read."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 10)
    monkeypatch.setattr(connections, "HEAD_WITHIN_SECONDS", 10.0)

    async def steps() -> Transport:
        transports = [Transport() for _ in range(50)]
        opened = [connected(transport) for transport in transports]
        assert not any(transport.is_closing() for transport in transports)
        opened[0].data_received(HEAD)
        await asyncio.sleep((CHANCES + 2) * ROUND_SECONDS)
        assert transports[0].written.startswith(b"HTTP/1.1 200")
        assert [transport.is_closing() for transport in transports] == [False] + [True] * 40 + [False] * 9
        return transports[0]

    run(steps)


def test_a_step_that_takes_long_is_one_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many connections are accepted in it: none loses its chances before it is read."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    monkeypatch.setattr(connections, "ROUND_SECONDS", 0.001)
    monkeypatch.setattr(connections, "HEAD_WITHIN_SECONDS", 60.0)

    async def steps() -> Transport:
        transports = [Transport() for _ in range(2 * CHANCES + 2)]
        before = Connection.rounds
        for transport in transports:
            connected(transport, takes=0.005)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert Connection.rounds - before <= 1
        assert not any(transport.is_closing() for transport in transports)
        return transports[0]

    run(steps)


def test_new_connections_are_never_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of silent ones ends the silent ones, however new, and the newest is there."""
    monkeypatch.setattr(connections, "MOST_NEW_CONNECTIONS", 20)

    async def steps() -> Transport:
        transports = [Transport() for _ in range(50)]
        for transport in transports:
            connected(transport)
        make_room(STATE.connections, most=10)
        assert [transport.is_closing() for transport in transports] == [True] * 30 + [False] * 20
        return transports[-1]

    run(steps)


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /risk HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /risk HTTP/1.1\r\nHost: a\r\ncontent-length: 2, 2\r\n\r\n{}",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nCONTENT-LENGTH: 3\r\n\r\n{}",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /risk HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        b"NOISE\r\n\r\n",
    ],
    ids=["twice", "list", "conflict", "sign", "gzip", "x", "codings", "space", "hosts", "no host", "noise"],
)
@pytest.mark.parametrize("cut", [None, 30])
def test_what_is_ambiguous_or_no_http_is_answered_400_and_closed(raw: bytes, cut: int | None) -> None:
    """In one piece or in two; nothing that follows on the connection is read."""

    async def steps() -> Transport:
        connection = connected(transport := Transport())
        for part in (raw[:cut], raw[cut:] if cut else b""):
            if part and not transport.is_closing():
                connection.data_received(part)
        await asyncio.sleep(0)
        return transport

    transport = run(steps)
    assert transport.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/json" in transport.written
    assert transport.closed
    assert b"answer" not in transport.written


def test_every_server_of_this_process_uses_these_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """BentoML leaves the choice to uvicorn."""
    monkeypatch.setattr(uvicorn.config, "HTTP_PROTOCOLS", dict(uvicorn.config.HTTP_PROTOCOLS))
    connections.use_for_every_server()
    config = uvicorn.Config(answering, log_config=None)
    config.load()
    assert config.http_protocol_class is Connection
