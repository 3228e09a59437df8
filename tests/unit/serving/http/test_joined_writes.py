"""The head of an answer leaves together with its body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, cast

import pytest

from serving.http.joined_writes import SMALL, JoinedWrites

HEAD, BODY = b"HTTP/1.1 200 OK\r\n\r\n", b"x" * (SMALL + 1)


class Sent:
    """A transport that remembers what is sent at once."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.ended = ""

    def write(self, data: bytes) -> None:
        """Send a piece."""
        self.pieces.append(bytes(data))

    def writelines(self, data: Iterable[bytes]) -> None:
        """Send several as one."""
        self.pieces.append(b"".join(data))

    def get_write_buffer_size(self) -> int:
        """Count what is not sent."""
        return 5

    def close(self) -> None:
        """Remember it."""
        self.ended = "closed"

    def abort(self) -> None:
        """Remember it."""
        self.ended = "aborted"


def sent(use: Callable[[Any], None], *, turns: int = 0) -> Sent:
    """Use a connection, and let the event loop go on for some turns."""
    transport = Sent()

    async def in_loop() -> None:
        use(JoinedWrites(cast(asyncio.Transport, transport), asyncio.get_running_loop()))
        for _ in range(turns):
            await asyncio.sleep(0)

    asyncio.run(in_loop())
    return transport


@pytest.mark.parametrize("body", [b"{}", BODY])
def test_head_and_body_are_one_piece(body: bytes) -> None:
    """Whatever the size of the body; nothing is sent twice."""

    def answer(connection: Any) -> None:
        connection.write(HEAD)
        connection.write(body)

    assert sent(answer, turns=2).pieces == [HEAD + body]


def test_a_head_without_a_body_leaves_in_the_next_turn() -> None:
    """An answer without content, or lines whose first one takes long."""
    assert sent(lambda connection: connection.write(HEAD), turns=2).pieces == [HEAD]


def test_a_large_piece_leaves_at_once() -> None:
    """And an empty one is none."""

    def write(connection: Any) -> None:
        connection.write(BODY)
        connection.write(b"")

    assert [len(piece) for piece in sent(write).pieces if piece] == [len(BODY)]


def test_closing_sends_what_is_kept_and_aborting_does_not() -> None:
    """As without joining."""

    def close(connection: Any) -> None:
        connection.write(HEAD)
        connection.close()

    def abort(connection: Any) -> None:
        connection.write(HEAD)
        connection.abort()

    closed, aborted = sent(close, turns=2), sent(abort, turns=2)
    assert (closed.pieces, closed.ended) == ([HEAD], "closed")
    assert (aborted.pieces, aborted.ended) == ([], "aborted")


def test_what_is_kept_counts_as_not_sent() -> None:
    """So that a slow reader is seen."""
    sizes = []

    def write(connection: Any) -> None:
        connection.write(HEAD)
        sizes.append(connection.get_write_buffer_size())

    sent(write)
    assert sizes == [len(HEAD) + 5]
