"""Requests as they arrive: in parts, together, too large, with an offer of another protocol, or wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from serving.http.arrived import is_alone, is_whole
from serving.http.outer_middleware import methods_by_path
from serving.http.request_heads import LENGTH_AND_CODING, NO_PATH, NOT_HTTP, OTHER_HOST, UNACCEPTED_METHOD
from serving.http.strict_protocol import LARGEST_HEAD, MOST_WAITING, TOO_LARGE, StrictProtocol
from tests.unit.serving.http.test_connections import Transport

HOST = b"Host: localhost\r\n"
GET = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"POST /risk HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the body that was sent, in brackets, and the number of headers."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        more = message["more_body"]
    answer = b"[%b] of %d" % (body, len(scope["headers"]))
    length = (b"content-length", b"%d" % len(answer))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": answer})


def written(*parts: bytes, app: Callable[..., object] = echo) -> bytes:
    """Send parts on one connection, and give what is answered."""
    return asyncio.run(_written(parts, app))


def connected(transport: Transport, app: Callable[..., object] = echo) -> StrictProtocol:
    """Open a connection."""
    config = uvicorn.Config(app, http=StrictProtocol, log_config=None, lifespan="off")  # type: ignore[arg-type]
    connection = StrictProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    connection.connection_made(transport)
    return connection


async def _written(parts: tuple[bytes, ...], app: Callable[..., object]) -> bytes:
    connection = connected(transport := Transport(), app)
    for part in parts:
        connection.data_received(part)
        await _quiet()
    for _ in range(MOST_WAITING + 10):
        await _quiet()
    connection.connection_lost(ConnectionResetError())
    await _quiet()
    return transport.written + (b"(closed)" if transport.closed else b"")


async def _quiet() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def refused(text: bytes, why: str) -> bool:
    """Whether an answer ends with a refusal in these words, and the connection is closed."""
    return text.endswith(b'{"error":"' + why.encode() + b'"}(closed)')


def test_a_body_in_chunks_is_read_and_its_trailer_dropped() -> None:
    """A trailer must not become a header of the request."""
    text = written(CHUNKED, b"3;a=b\r\nabc\r\n", b"2\r\nde\r\n0\r\nHost: other\r\n\r\n")
    assert text.endswith(b"[abcde] of 2")


def test_requests_that_arrive_together_are_answered_in_turn() -> None:
    """Each once."""
    assert written(GET * 5).count(b"[] of 1") == 5


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (b"NOISE\r\n\r\n", NOT_HTTP),
        (CHUNKED + b"zz\r\n", NOT_HTTP),
        (GET + CHUNKED + b"zz\r\n", NOT_HTTP),
        (b"GET /livez HTTP/1.1\r\n\r\n", NOT_HTTP),
    ],
    ids=["noise", "chunk", "chunk behind another", "no host"],
)
def test_a_refusal_follows_the_answers_before_it(wrong: bytes, why: str) -> None:
    """A client must not take it for the answer to an earlier request."""
    text = written(GET + GET + wrong)
    assert text.startswith(b"HTTP/1.1 200 OK")
    assert text.count(b"HTTP/1.1 200") == 2 + wrong.count(b"GET") * (b"chunked" in wrong)
    assert refused(text, why)


def test_a_body_that_becomes_wrong_is_refused_at_once() -> None:
    """Its request is not answered."""
    text = written(CHUNKED, b"3\r\nabc\r\n", b"zz\r\n", GET)
    assert text.startswith(b"HTTP/1.1 400 ")
    assert refused(text, NOT_HTTP)


def test_a_body_that_becomes_wrong_during_its_answer_ends_the_connection() -> None:
    """Two answers to one request would be worse."""

    async def early(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(3600)

    text = written(CHUNKED, b"zz\r\n", app=early)
    assert text.startswith(b"HTTP/1.1 200")
    assert b"400" not in text
    assert text.endswith(b"(closed)")


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"GET http://other.example/livez HTTP/1.1\r\n" + HOST + b"\r\n", OTHER_HOST),
        (b"GET http://localhost@other/livez HTTP/1.1\r\n" + HOST + b"\r\n", OTHER_HOST),
        (b"GET http:///livez HTTP/1.1\r\n" + HOST + b"\r\n", OTHER_HOST),
        (b"GET http://localhost/livez HTTP/1.1\r\n" + HOST * 2 + b"\r\n", OTHER_HOST),
        (b"GET http://localhost/livez HTTP/1.1\r\n\r\n", OTHER_HOST),
        (b"GET http://localhost/livez HTTP/1.0\r\n\r\n", OTHER_HOST),
        (b"GET https://localhost/livez HTTP/1.1\r\n" + HOST + b"\r\n", NO_PATH),
        (b"GET http://localhost/livez#part HTTP/1.1\r\n" + HOST + b"\r\n", NO_PATH),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", NO_PATH),
        (b"GET /livez#part HTTP/1.1\r\n" + HOST + b"\r\n", NO_PATH),
        (b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n", NOT_HTTP),
        (b"GET /livez HTTP/2.0\r\n" + HOST + b"\r\n", NOT_HTTP),
        (CHUNKED[:-2] + b"Content-Length: 2\r\n\r\n{}", LENGTH_AND_CODING),
    ],
)
def test_a_head_that_is_refused_says_why(head: bytes, why: str) -> None:
    """Without repeating any of it."""
    assert refused(written(head), why)


@pytest.mark.parametrize(
    "parts",
    [
        (b"GET /" + b"a" * LARGEST_HEAD + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
        (GET[:-2] + b"X: ", *([b"a" * 1000] * (LARGEST_HEAD // 1000 + 1))),
        (CHUNKED, b"1\r\na\r\n", b"1;" + b"a" * LARGEST_HEAD, b"a" * 1000),
        (CHUNKED, b"0\r\nX: ", *([b"a" * 1000] * (LARGEST_HEAD // 1000 + 1))),
    ],
    ids=["target", "header in parts", "extension of a chunk", "trailer"],
)
def test_heads_and_what_surrounds_a_body_have_a_limit(parts: tuple[bytes, ...]) -> None:
    """The parser keeps them in memory."""
    assert refused(written(*parts), TOO_LARGE)


def test_a_body_in_the_smallest_chunks_is_no_large_head() -> None:
    """Each byte may have a chunk of its own."""
    n = LARGEST_HEAD // 4
    assert b"[" + b"a" * n + b"]" in written(CHUNKED + b"1\r\na\r\n" * n + b"0\r\n\r\n")


def test_too_many_requests_at_once_are_refused_after_the_answers() -> None:
    """What waits is memory."""
    text = written(GET * (MOST_WAITING + 2))
    assert text.count(b"HTTP/1.1 200") == MOST_WAITING + 1
    assert b"requests wait on this connection" in text


OFFER = b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"


@pytest.mark.parametrize("cut", [None, 70, 110])
def test_an_offer_of_another_protocol_is_declined(cut: int | None) -> None:
    """The request is answered with its body, and the connection goes on."""
    raw = b"POST /risk HTTP/1.1\r\n" + HOST + OFFER + b"Content-Length: 4\r\n\r\nbody" + GET
    text = written(raw[:cut], raw[cut:] if cut else b"")
    assert text.endswith(b"[] of 1")
    assert b"[body] of 3" in text


WEBSOCKET = (
    GET[:-2]
    + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def test_an_offer_of_a_websocket_is_declined() -> None:
    """Its request is answered as any other; no other parser takes the connection over."""
    text = written(GET + WEBSOCKET + GET)
    assert text.count(b"HTTP/1.1 200") == 3
    assert b"[] of 4" in text
    assert text.endswith(b"[] of 1")


def test_what_follows_the_last_answer_is_not_answered() -> None:
    """The client asked to close the connection after it."""
    text = written(GET[:-2] + b"Connection: close\r\n\r\nNOISE\r\n\r\n")
    assert text.count(b"HTTP/1.1 ") == 1
    assert text.endswith(b"[] of 2(closed)")


def test_a_refusal_is_written_once() -> None:
    """As when the head of a connection that closes already is late."""

    async def twice() -> bytes:
        connection = connected(transport := Transport())
        connection.refuse(400, NOT_HTTP)
        connection.refuse(408, NOT_HTTP)
        return transport.written

    assert asyncio.run(twice()).count(b"HTTP/1.1 ") == 1


async def named(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer with method and path."""
    answer = f"{scope['method']} {scope['path']}".encode()
    length = (b"content-length", b"%d" % len(answer))
    await send({"type": "http.response.start", "status": 405, "headers": [length]})
    await send({"type": "http.response.body", "body": answer})


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://localhost/livez", b"/livez []"),
        (b"HTTP://LocalHost/a%20b?c=1", b"/a b [c=1]"),
        (b"http://localhost", b"/ []"),
        (b"http://localhost?c=1", b"/ [c=1]"),
    ],
)
@pytest.mark.parametrize("more", [b"", b"Upgrade: h2c\r\nConnection: Upgrade\r\n"])
def test_a_target_may_be_an_address(target: bytes, path: bytes, more: bytes) -> None:
    """RFC 9112 has every server accept it, as a proxy gets it; the layers see a path, and the same host."""

    async def stated(scope: Scope, _receive: Receive, send: Send) -> None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        answer = b"%b [%b] at %b" % (scope["path"].encode(), scope["query_string"], b"".join(hosts))
        length = (b"content-length", b"%d" % len(answer))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": answer})

    text = written(b"GET " + target + b" HTTP/1.1\r\n" + HOST + more + b"\r\n", app=stated)
    assert text.endswith(path + b" at localhost")


@pytest.mark.parametrize("method", [b"BREW", b"get", b"PATCHES", b"G" * 100])
def test_a_method_that_the_parser_does_not_know_reaches_the_service(method: bytes) -> None:
    """As one that no path accepts, so that it is answered and logged there; the connection goes on."""
    raw = method + b" /risk HTTP/1.1\r\n" + HOST + b"\r\n"
    text = written(raw, raw + GET, app=named)
    assert text.count(b"PATCH /risk") == 2
    assert text.endswith(b"GET /livez")


def test_no_service_accepts_the_method_that_stands_for_unknown_ones() -> None:
    """Else it would be taken for it."""
    accepted = {method for methods in methods_by_path().values() for method in methods}
    assert UNACCEPTED_METHOD.decode() not in accepted


@pytest.mark.parametrize("parts", [(GET + b"BREW /risk HTTP/1.1\r\n",), (b"B", b"REW /risk HTTP/1.1\r\n")])
def test_a_method_amid_other_bytes_is_no_http(parts: tuple[bytes, ...]) -> None:
    """It is not known where its request began."""
    assert refused(written(*parts), NOT_HTTP)


async def arrival(scope: Scope, receive: Receive, send: Send) -> None:
    """State what the connection knows of the request."""
    answer = b"whole %d, alone %d; " % (is_whole(scope), is_alone(scope))
    while (await receive())["more_body"]:
        pass
    answer += b"then whole %d" % is_whole(scope)
    length = (b"content-length", b"%d" % len(answer))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": answer})


@pytest.mark.parametrize(
    ("parts", "whole"), [((b"3\r\nabc\r\n0\r\n\r\n",), 1), ((b"3\r\nabc\r\n", b"0\r\n\r\n"), 0)]
)
def test_a_request_knows_whether_all_of_it_has_arrived(parts: tuple[bytes, ...], whole: int) -> None:
    """When its answer begins; later it does."""
    first, *later = parts
    assert written(CHUNKED + first, *later, app=arrival).endswith(b"whole %d, alone 1; then whole 1" % whole)


def test_requests_on_two_connections_know_of_each_other() -> None:
    """Both were read before the first is answered."""

    async def both() -> list[bytes]:
        loop, state = asyncio.get_running_loop(), ServerState()
        config = uvicorn.Config(arrival, http=StrictProtocol, log_config=None, lifespan="off")  # type: ignore[arg-type]
        transports = [Transport(), Transport()]
        for transport in transports:
            connection = StrictProtocol(config, state, {}, loop)
            connection.connection_made(transport)
            connection.data_received(GET)
        await _quiet()
        return [transport.written for transport in transports]

    assert all(b"whole 1, alone 0" in text for text in asyncio.run(both()))
