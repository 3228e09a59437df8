"""Where a request ends and to whom it was sent must be clear."""

from __future__ import annotations

from typing import Any

import pytest

from serving.http.allowed_hosts import AllowedHosts, HostError, allowed_hosts, environment_hosts
from serving.http.message_framing import HEALTH_PATHS, ambiguous, misdirected

LENGTH, CHUNKED = (b"content-length", b"2"), (b"transfer-encoding", b"chunked")


def scope(
    *headers: tuple[bytes, bytes], method: str = "POST", path: str = "/risk", **more: Any
) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": [*headers], **more}


@pytest.mark.parametrize("headers", [[], [LENGTH], [CHUNKED], [(b"content-length", b"0")]])
def test_one_length_or_none_is_clear(headers: list[tuple[bytes, bytes]]) -> None:
    """As every client sends it."""
    assert ambiguous(scope(*headers)) is None


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ([LENGTH, CHUNKED], "the request has Content-Length and Transfer-Encoding; send one of them"),
        ([CHUNKED, LENGTH], "the request has Content-Length and Transfer-Encoding; send one of them"),
        ([LENGTH, LENGTH], "the request has two Content-Length or Transfer-Encoding headers; send one"),
        ([CHUNKED, CHUNKED], "the request has two Content-Length or Transfer-Encoding headers; send one"),
        ([(b"content-length", b"-1")], "Content-Length must be a whole number"),
        ([(b"content-length", b"2, 2")], "Content-Length must be a whole number"),
        ([(b"content-length", b"")], "Content-Length must be a whole number"),
        ([(b"content-length", b"0x2")], "Content-Length must be a whole number"),
        ([(b"content-length", b"9" * 30)], "Content-Length must be a whole number"),
        ([(b"transfer-encoding", b"gzip")], "Transfer-Encoding must be chunked, in HTTP/1.1"),
        ([(b"transfer-encoding", b"chunked, chunked")], "Transfer-Encoding must be chunked, in HTTP/1.1"),
        ([(b"transfer-encoding", b"")], "Transfer-Encoding must be chunked, in HTTP/1.1"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_what_can_be_read_in_two_ways_is_refused(
    headers: list[tuple[bytes, bytes]], error: str, method: str
) -> None:
    """And nothing more is read from the connection."""
    refusal = ambiguous(scope(*headers, method=method))
    assert refusal is not None
    assert (refusal.status, refusal.error, refusal.headers) == (400, error, {"connection": "close"})


def test_chunks_need_http_1_1() -> None:
    """A proxy of HTTP/1.0 does not know them."""
    refusal = ambiguous(scope(CHUNKED, http_version="1.0"))
    assert refusal is not None
    assert refusal.status == 400


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("header", [LENGTH, CHUNKED])
def test_a_body_where_there_is_none_is_refused(method: str, header: tuple[bytes, bytes]) -> None:
    """Not every proxy passes it on."""
    refusal = ambiguous(scope(header, method=method))
    assert refusal is not None
    assert (refusal.status, refusal.error) == (400, f"{method} has no body")


def status(
    host: str | None, *, path: str = "/risk", own: str = "10.1.2.3", allowed: AllowedHosts | None = None
) -> int | None:
    headers = [] if host is None else [(b"host", host.encode())]
    refusal = misdirected(scope(*headers, path=path, server=(own, 3000)), allowed or AllowedHosts())
    return None if refusal is None else refusal.status


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:3000", "127.0.0.1:3000", "[::1]:3000", "LOCALHOST", "localhost.", None]
)
def test_this_machine_is_always_itself(host: str | None) -> None:
    """By name and by address; a program of old that names no host is no page of another site."""
    assert status(host) is None


@pytest.mark.parametrize("own", ["10.1.2.3", "fd00::1", "FD00:0::1"])
def test_the_address_of_the_connection_is_allowed(own: str) -> None:
    """As a container's address is, which nobody knows before it starts."""
    host = f"[{own}]:3000" if ":" in own else own
    assert status(host, own=own) is None
    assert status("10.9.9.9", own=own) == 421


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example",
        "attacker.example:3000",
        "localhost@attacker.example",
        "localhost, attacker.example",
        "localhost:3000:3000",
        "",
        "[::1",
        "0.0.0.0",
        "127.0.0.2",
    ],
)
@pytest.mark.parametrize("path", ["/", "/risk", "/nothing"])
def test_other_names_are_refused(host: str, path: str) -> None:
    """A page of another site whose name leads here gets nothing."""
    assert status(host, path=path) == 421


@pytest.mark.parametrize("path", sorted(HEALTH_PATHS))
def test_health_is_told_to_any_address_but_no_other_name(path: str) -> None:
    """A load balancer writes the address it knows."""
    assert status("192.0.2.77:31000", path=path) is None
    assert status("[2001:db8::7]", path=path) is None
    assert status("attacker.example", path=path) == 421


def test_two_names_are_refused() -> None:
    """Whichever of them is right."""
    refusal = misdirected(scope((b"host", b"localhost"), (b"host", b"localhost")), AllowedHosts())
    assert refusal is not None
    assert refusal.status == 400


def test_further_names_are_allowed_by_the_environment() -> None:
    """Names, addresses and all names of a domain; spaces and case do not matter."""
    allowed = environment_hosts(
        {"CART_OUTCOMES_ALLOWED_HOSTS": " Risk.Hospital.Example, *.internal.example ,192.0.2.7,[fd00::7], "}
    )
    for host in (
        "risk.hospital.example:443",
        "a.b.internal.example",
        "192.0.2.7",
        "[fd00::7]:3000",
        "localhost",
    ):
        assert status(host, allowed=allowed) is None
    for host in ("hospital.example", "x.risk.hospital.example", "internal.example", "xinternal.example"):
        assert status(host, allowed=allowed) == 421


@pytest.mark.parametrize(
    "entry", ["*", "*.", "https://a.example", "a.example:443", "a/b", "a b", ".example", "[x]"]
)
def test_an_entry_that_is_no_name_is_refused(entry: str) -> None:
    """With a name that would do; everything at once cannot be allowed."""
    with pytest.raises(HostError) as caught:
        allowed_hosts([entry])
    assert str(caught.value) == (f"{entry!r} is not a host; enter a name or an address, such as risk.example")
