"""One connection of a client, with limits that uvicorn lacks: heads in time, answers read, a largest number.

uvicorn 0.54 waits without end for the head of a request, for a client that does not read its answer, and
for connections without requests.
"""

from __future__ import annotations

import asyncio
import heapq
import resource
from typing import Any, ClassVar, cast

import uvicorn.config

from serving.http.joined_writes import JoinedWrites
from serving.http.strict_protocol import StrictProtocol

HEAD_WITHIN_SECONDS = 10.0
"""Time from the opening of a connection, or from the last answer, to the end of the next request's head."""

READ_WITHIN_SECONDS = 20.0
"""Time in which a client must read `READ_AT_LEAST` bytes of an answer, or the rest of it."""

READ_AT_LEAST = 2**18

MOST_CONNECTIONS = 1000
"""Open connections; fewer where the process may not open so many files."""

MOST_NEW_CONNECTIONS = 10 * MOST_CONNECTIONS
"""The same while most of them have only just been opened."""

ROUND_SECONDS = 0.1
"""Time between two rounds of making room."""
CHANCES = 3
"""Rounds in which a connection is not closed: under a flood thousands are accepted at once, before the head
and the body of any request are read, however long that takes."""

KEPT_FILES = 100
"""Files that the process needs for other things."""

PROTOCOL = "serving.http.connections:Connection"


class Connection(StrictProtocol):
    """uvicorn's connection with these limits.

    When there are too many connections, those that have kept the service waiting longest are closed. A client
    that sends its request at once is never one of them: each has its `CHANCES`.
    """

    room_awaited: ClassVar[asyncio.AbstractEventLoop | None] = None
    """The loop in which the next round of making room is due; one round for all connections."""
    rounds: ClassVar[int] = 0
    """How often room was made."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.head_awaited = False
        self.since = self.loop.time()
        """When the wait for a head began, or the request in work."""
        self.round = Connection.rounds
        """The round in which it began."""
        self._head_timer: asyncio.TimerHandle | None = None
        self._read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport, self.loop)))
        self._update()
        self._make_room_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was awaited."""
        super().connection_lost(exc)
        for timer in (self._head_timer, self._read_timer):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on; the head may be complete now."""
        super().data_received(data)
        self._update()

    def on_response_complete(self) -> None:
        """Wait for the next head, and for the client to read the answer."""
        super().on_response_complete()
        self._update()
        self._expect_reading()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._expect_reading()

    def _make_room_soon(self) -> None:
        """Make room once for all that are accepted together, after what they sent has been read."""
        if len(self.connections) > most_connections() and Connection.room_awaited is not self.loop:
            Connection.room_awaited = self.loop
            self.loop.call_later(ROUND_SECONDS, self._make_room)

    def _make_room(self) -> None:
        Connection.room_awaited = None
        Connection.rounds += 1
        make_room(self.connections, most=most_connections())
        # Those that were too new now have their turn.
        self._make_room_soon()

    @property
    def dispensable(self) -> bool:
        """Whether the service waits for this client, not the client for the service."""
        return self.head_awaited or self.cycle.more_body

    def _update(self) -> None:
        head_awaited = not self.answering
        if head_awaited == self.head_awaited:
            return
        self.head_awaited, self.since, self.round = head_awaited, self.loop.time(), Connection.rounds
        # One timer for all requests of a connection: it looks at the time when it goes off.
        if head_awaited and self._head_timer is None:
            self._await_head(HEAD_WITHIN_SECONDS)

    def _await_head(self, seconds: float) -> None:
        self._head_timer = self.loop.call_later(seconds, self._judge_head)

    def _judge_head(self) -> None:
        self._head_timer = None
        left = self.since + HEAD_WITHIN_SECONDS - self.loop.time()
        if not self.head_awaited or self.transport.is_closing():
            return
        if left > 0:
            self._await_head(left)
        else:
            self._head_late()

    def _head_late(self) -> None:
        if self.head_began:
            self.refuse(408, "the head of the request did not arrive in time; send all of it at once")
        self.transport.close()
        self._expect_reading()

    def _expect_reading(self) -> None:
        if self._read_timer is None and self.transport.get_write_buffer_size():
            unread = self.transport.get_write_buffer_size()
            self._read_timer = self.loop.call_later(READ_WITHIN_SECONDS, self._judge_reading, unread)

    def _judge_reading(self, unread: int) -> None:
        self._read_timer = None
        if self.transport.get_write_buffer_size() > max(unread - READ_AT_LEAST, 0):
            self.transport.abort()
        else:
            self._expect_reading()


def make_room(connections: set[Any], *, most: int) -> None:
    """Close connections until there are not too many.

    Parameters
    ----------
    connections : set of Connection
        All that are open.
    most : int
        How many may be; up to `MOST_NEW_CONNECTIONS` while the others are new.
    """
    surplus = len(connections) - most
    if surplus <= 0:
        return
    waiting = [one for one in connections if isinstance(one, Connection) and one.dispensable]
    old = [one for one in waiting if Connection.rounds - one.round >= CHANCES]
    beyond = max(len(connections) - most_new_connections(), 0)
    chosen = heapq.nsmallest(surplus, old, key=lambda one: one.since)
    if len(chosen) < beyond:
        chosen = heapq.nsmallest(beyond, waiting, key=lambda one: one.since)
    for one in chosen:
        connections.discard(one)
        # Closed, not aborted, where all was sent: the client may have yet to read its last answer.
        if one.transport.get_write_buffer_size():
            one.transport.abort()
        else:
            one.transport.close()


def most_connections() -> int:
    """Get the largest number of connections here."""
    return max(min(MOST_CONNECTIONS, files_for_connections()), 1)


def most_new_connections() -> int:
    """Get the largest number of connections here while most of them are new."""
    return max(min(MOST_NEW_CONNECTIONS, files_for_connections()), 1)


def files_for_connections() -> int:
    """Get the number of files that this process may open for connections."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] - KEPT_FILES


def use_for_every_server() -> None:
    """Have uvicorn make this kind of connection in this process, however the server is started.

    BentoML makes the server itself and has no setting for its connections.
    """
    uvicorn.config.HTTP_PROTOCOLS["auto"] = PROTOCOL
