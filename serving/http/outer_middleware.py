"""The outermost layer: which requests get in, headers of every answer, the request log, failures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.allowed_hosts import environment_hosts
from serving.http.answer_metrics import answer_counts
from serving.http.assets import assets
from serving.http.body_reading import Body, announces_body
from serving.http.drain import drain
from serving.http.error_response import Refusal
from serving.http.identity_door import environment_door
from serving.http.message_framing import HEALTH_PATHS, ambiguous, misdirected
from serving.http.record_use import USE_HEADER
from serving.http.request_counts import request_counts
from serving.http.request_log import CLIENT_LEFT, RequestRecord, current, write_failure, write_request
from serving.http.route_scopes import METRICS

READ = ("GET", "HEAD", "OPTIONS")
WRITE = ("POST", "OPTIONS")

PATHS: Mapping[str, tuple[str, ...]] = {
    "/": READ,
    "/model": READ,
    "/about": READ,
    "/schema": READ,
    "/form": READ,
    "/own-words": READ,
    "/own-words/logo": READ,
    "/risk": WRITE,
    "/risk/batch": WRITE,
    "/risk/options": WRITE,
    "/outcome": WRITE,
    "/livez": READ,
    "/readyz": READ,
    "/healthz": READ,
    "/metrics": READ,
    "/docs": READ,
    "/docs.json": READ,
    "/schema.json": READ,
}
"""What answers, and to which methods, beside the files of the pages; other routes of BentoML are closed."""

HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Sent with every answer that does not bring its own."""

RAW_HEADERS = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in HEADERS.items()]


@cache
def methods_by_path() -> Mapping[str, tuple[str, ...]]:
    """List all that answers, the files of the pages included, and to which methods."""
    return {**PATHS, **dict.fromkeys(assets(), READ)}


class Front:
    """ASGI middleware around all others, so that they see known paths and whole bodies only.

    BentoML's metrics take the path as it comes for a label; a path unknown here never reaches them. Its
    limits of time and number start with the request; a body that is still arriving never reaches them.

    Parameters
    ----------
    app : ASGI application
        The service.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.hosts, self.door = environment_hosts(), environment_door()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever fails inside ends here."""
        if scope["type"] == "lifespan":
            self.hosts, self.door = environment_hosts(), environment_door()
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, started = Headers(scope=scope), time.perf_counter()
        record = RequestRecord(accept=headers.get("accept", ""), use=headers.get(USE_HEADER))
        token = current.set(record)
        reply = _Reply(scope, receive, send, record)
        try:
            await self._answer(scope, receive, reply)
        except Exception as error:
            write_failure(error)
            await reply.fail()
        finally:
            current.reset(token)
            _log(scope, reply.status, record, milliseconds=1000 * (time.perf_counter() - started))

    async def _answer(self, scope: Scope, receive: Receive, reply: _Reply) -> None:
        self.door.read_forwarded(scope)
        refusal = ambiguous(scope) or misdirected(scope, self.hosts) or _closed(scope)
        refusal = refusal or await self.door.refusal(scope)
        if refusal is not None:
            await refusal.response()(scope, receive, reply)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_allow(scope))(scope, receive, reply)
        elif scope["method"] == "POST":
            await self._with_body(scope, receive, reply)
        else:
            if scope["path"] == METRICS:
                answer_counts.write()
                request_counts.write()
            await self.app(scope, receive, reply)

    async def _with_body(self, scope: Scope, receive: Receive, reply: _Reply) -> None:
        body = Body(scope, receive)
        try:
            received = await body.receive_all()
            reply.unread = not body.whole
            if not body.abandoned:
                await self.app(scope, received, reply)
        finally:
            body.release()


def _closed(scope: Scope) -> Refusal | None:
    """Refuse paths and methods that do not exist."""
    allowed = methods_by_path().get(scope["path"])
    if allowed is None:
        return Refusal(404, "this path does not exist; /docs lists all paths")
    if scope["method"] not in allowed:
        return Refusal(405, f"this path accepts only {', '.join(allowed)}", headers=_allow(scope))
    return None


def _allow(scope: Scope) -> dict[str, str]:
    return {"allow": ", ".join(methods_by_path()[scope["path"]])}


class _Reply:
    """Sends an answer on, with our headers; in place of a 500 from inside, our own.

    While part of the body is unread, an answer closes the connection: the rest is not waited for. While the
    process ends, every answer does.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, record: RequestRecord) -> None:
        self.status = CLIENT_LEFT
        self.unread = announces_body(Headers(scope=scope))
        self._scope, self._receive, self._send = scope, receive, send
        self._record = record
        self._started = self._failed = False

    async def __call__(self, message: Message) -> None:
        if self._failed:
            return
        if message["type"] == "http.response.start":
            if message["status"] == 500:
                await self.fail()
                return
            self._start(message)
        await self._send(message)

    async def fail(self) -> None:
        """Answer 500 with an identifier that finds the failure in the log, unless an answer is under way."""
        self._failed = True
        if self._started:
            return
        refusal = Refusal(
            500, f"the service failed; its log has the reason under error {self._record.error_id}"
        )
        await refusal.response()(self._scope, self._receive, self._send_own)

    async def _send_own(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message)
        await self._send(message)

    def _start(self, message: Message) -> None:
        self._started, self.status = True, message["status"]
        brought = {name.lower() for name, _ in message["headers"]}
        message["headers"] = [
            *message["headers"],
            *(header for header in RAW_HEADERS if header[0] not in brought),
        ]
        if self.unread or drain.draining:
            MutableHeaders(raw=message["headers"])["connection"] = "close"


def _log(scope: Scope, status: int, record: RequestRecord, *, milliseconds: float) -> None:
    path, method = scope["path"], scope["method"]
    if path in HEALTH_PATHS:
        return
    allowed = methods_by_path().get(path)
    write_request(
        record,
        method=method if allowed and method in allowed else "other",
        path=path if allowed else "(unknown path)",
        status=status,
        milliseconds=milliseconds,
    )
