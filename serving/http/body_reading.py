"""Receiving a body before anything else happens: in time, in size, within the memory budget."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from serving.http.arrived import is_whole
from serving.http.budgets import BODY_BUDGET, FREE_BODY_BYTES, too_many
from serving.http.error_response import Refusal

LARGEST_BODY = 2**20
"""Bytes of a body: 1 MiB."""

LARGEST_DISCARDED = 16 * LARGEST_BODY
"""Bytes that are read and thrown away, so that a client still sending gets to read why it is refused; of a
body that is announced larger nothing is read."""

BODY_WITHIN_SECONDS = 5.0
"""Time for a body to arrive, and more for a large one:"""

SLOWEST_BYTES_PER_SECOND = 64 * 2**10
"""each 64 KiB received prolong the time by a second,"""

BODY_AT_MOST_SECONDS = 30.0
"""up to this time, whatever arrives."""

LARGE_BODIES = "large bodies"


class Body:
    """The body of one request, which takes its part of the memory budget until it is released.

    Parameters
    ----------
    scope, receive : ASGI scope and receive
        Of a request with a body.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.whole = False
        """Whether the client has sent all of it."""
        self.abandoned = False
        """Whether the client left before, so that no answer can reach it."""
        self._scope, self._receive = scope, receive
        self._taken = self._size = 0

    async def receive_all(self) -> Receive:
        """Wait for the whole body.

        Returns
        -------
        receive : ASGI receive
            Gives the body in one piece, then whatever the client does next; raises the `Refusal` where the
            body is refused, so that the layers inside count and answer it.
        """
        refusal = refused_by_headers(self._scope)
        if refusal is not None and _announced(Headers(scope=self._scope)) > LARGEST_DISCARDED:
            # It would never be read to its end, so that nothing is gained by waiting for it.
            return _refusing(refusal)
        try:
            raw = await self._in_time(keep=refusal is None)
        except Refusal as late:
            refusal = late
        return _refusing(refusal) if refusal is not None else replayed(raw, self._receive)

    def release(self) -> None:
        """Give the memory back to the budget."""
        BODY_BUDGET.give_back(self._taken)
        self._taken = 0

    async def _in_time(self, *, keep: bool) -> bytes:
        if is_whole(self._scope):
            return await self._read(keep=keep)
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(started + BODY_WITHIN_SECONDS) as deadline:
                return await self._read(deadline, started, keep=keep)
        except TimeoutError:
            message = (
                "the body did not arrive in time; send all of it at once, "
                f"{BODY_WITHIN_SECONDS:g} s for the first {SLOWEST_BYTES_PER_SECOND // 2**10} KiB"
            )
            raise Refusal(408, message) from None

    async def _read(
        self, deadline: asyncio.Timeout | None = None, started: float = 0.0, *, keep: bool
    ) -> bytes:
        """Read chunk by chunk; of a refused or too large body nothing is kept."""
        chunks: list[bytes] = []
        while not self.whole and self._size <= LARGEST_DISCARDED:
            chunk = await self._chunk()
            if deadline is not None and not self.whole:
                deadline.reschedule(started + _allowed_seconds(self._size))
            if keep and self._size <= LARGEST_BODY:
                self._account()
                chunks.append(chunk)
            else:
                chunks.clear()
        if keep and self._size > LARGEST_BODY:
            raise too_large()
        return b"".join(chunks)

    async def _chunk(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.abandoned = True
            raise Refusal(400, "the body is incomplete; send all of it")
        chunk: bytes = message.get("body", b"")
        self._size += len(chunk)
        self.whole = not message.get("more_body", False)
        return chunk

    def _account(self) -> None:
        needed = max(self._size - FREE_BODY_BYTES, 0) - self._taken
        if not BODY_BUDGET.take(needed):
            raise too_many(LARGE_BODIES, status=503)
        self._taken += needed


def announces_body(headers: Headers) -> bool:
    """Say whether a request has a body, by its headers.

    Examples
    --------
    >>> announces_body(Headers({"content-length": "0"})), announces_body(Headers({"content-length": "2"}))
    (False, True)
    """
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def refused_by_headers(scope: Scope) -> Refusal | None:
    """Judge a question before its body is looked at.

    Returns
    -------
    refusal : Refusal or None
        400 with a query string, 413 announced too large, 415 not ``application/json``.
    """
    headers = Headers(scope=scope)
    if scope.get("query_string"):
        return Refusal(400, "send the patient in the body; addresses end up in logs, so a query is refused")
    if not _is_json(headers.getlist("content-type")):
        return Refusal(415, "the content type must be application/json, in UTF-8")
    if headers.get("content-encoding", "identity").lower() != "identity":
        return Refusal(415, "the body must not be compressed")
    if _announced(headers) > LARGEST_BODY:
        return too_large()
    return None


def too_large() -> Refusal:
    """Refuse a body for its size."""
    return Refusal(413, f"the body is larger than {LARGEST_BODY // 2**20} MiB")


def replayed(raw: bytes, receive: Receive) -> Receive:
    """Hand a body over in one piece, then whatever the client does next."""
    waiting = [raw]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


def _announced(headers: Headers) -> int:
    return int(headers.get("content-length", "0"))


def _is_json(stated: list[str]) -> bool:
    if len(stated) != 1:
        return False
    media_type, *parameters = (part.strip().lower() for part in stated[0].split(";"))
    return media_type == "application/json" and set(parameters) <= {"charset=utf-8", 'charset="utf-8"', ""}


def _allowed_seconds(size: int) -> float:
    return min(BODY_WITHIN_SECONDS + size / SLOWEST_BYTES_PER_SECOND, BODY_AT_MOST_SECONDS)


def _refusing(refusal: Refusal) -> Receive:
    async def refuse() -> Message:
        raise refusal

    return refuse
