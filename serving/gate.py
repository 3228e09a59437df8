"""The gate before the model: only a JSON body of acceptable size that is a checked patient gets through."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.refusal import Refusal
from serving.request_log import write_failure
from serving.requests import RequestProblem, batch_problems, request_problems
from serving.strict_json import NotJSONError, read_json

LARGEST_BODY = 2**20
"""Bytes of a body: 1 MiB."""

LARGEST_DISCARDED = 16 * LARGEST_BODY
"""Bytes that are read and thrown away, so that a client still sending gets to read why it is refused."""

CHECKS: Mapping[str, Callable[[object], list[RequestProblem]]] = {
    "/risk": request_problems,
    "/risk/batch": batch_problems,
}
"""How the body of each path is checked."""


class Gate:
    """ASGI middleware that answers bad requests itself and passes good bodies on unchanged.

    Parameters
    ----------
    app : ASGI application
        What stands behind the gate.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, then pass it on; whatever fails behind the gate is answered 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
        except Exception as error:
            # BentoML's timeout would wait out its seconds for an answer, and then send none.
            write_failure(error)
            if not started:
                await Refusal(500, "the service failed").response()(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST" and scope["path"] in CHECKS:
            receive = _replayed(await checked_body(scope, receive), receive)
        await self.app(scope, receive, send)


async def checked_body(scope: Scope, receive: Receive) -> bytes:
    """Read a body and check everything about it.

    Parameters
    ----------
    scope, receive : ASGI scope and receive
        Of a request to one of the paths in `CHECKS`.

    Returns
    -------
    raw : bytes
        A JSON document that the model can answer.

    Raises
    ------
    Refusal
        400 not JSON or with a query string, 413 too large, 415 not ``application/json``,
        422 with every problem.
    """
    refusal = _refused_by_headers(scope)
    raw = await _read(receive, keep=refusal is None)
    if refusal is not None:
        raise refusal
    problems = CHECKS[scope["path"]](_document(raw))
    if problems:
        message = "the request is refused; problems lists every reason"
        raise Refusal(422, message, problems)
    return raw


def _refused_by_headers(scope: Scope) -> Refusal | None:
    headers = Headers(scope=scope)
    if scope.get("query_string"):
        return Refusal(400, "send the patient in the body; addresses end up in logs, so a query is refused")
    if not _is_json(headers.getlist("content-type")):
        return Refusal(415, "the content type must be application/json, in UTF-8")
    if headers.get("content-encoding", "identity").lower() != "identity":
        return Refusal(415, "the body must not be compressed")
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 9 or int(length) > LARGEST_BODY):
        return _too_large()
    return None


def _is_json(stated: list[str]) -> bool:
    if len(stated) != 1:
        return False
    media_type, *parameters = (part.strip().lower() for part in stated[0].split(";"))
    return media_type == "application/json" and set(parameters) <= {"charset=utf-8", 'charset="utf-8"', ""}


async def _read(receive: Receive, *, keep: bool) -> bytes:
    """Read a body chunk by chunk; of a refused or too large one nothing is kept."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more and size <= LARGEST_DISCARDED:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "the body ended before its end")
        chunk = message.get("body", b"")
        size, more = size + len(chunk), message.get("more_body", False)
        if keep and size <= LARGEST_BODY:
            chunks.append(chunk)
        else:
            chunks.clear()
    if keep and size > LARGEST_BODY:
        raise _too_large()
    return b"".join(chunks)


def _document(raw: bytes) -> object:
    try:
        return read_json(raw)
    except NotJSONError as error:
        raise Refusal(400, str(error)) from None


def _too_large() -> Refusal:
    return Refusal(413, f"the body is larger than {LARGEST_BODY // 2**20} MiB")


def _replayed(raw: bytes, receive: Receive) -> Receive:
    """Hand the body over in one piece, then whatever the client does next."""
    waiting = [raw]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay
