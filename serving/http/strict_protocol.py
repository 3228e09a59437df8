"""HTTP/1.1 as httptools reads it, and refused where it can be read in two ways.

httptools, whose parser is that of Node.js, takes a fraction of the time of h11, which is written in Python.
It has no limit for the size of a head, and leaves some of the checks of a head to its user.
"""

from __future__ import annotations

import json
from typing import Any, cast

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from serving.http.arrived import note_in_work, note_whole
from serving.http.outer_middleware import HEADERS
from serving.http.request_heads import (
    BadRequestError,
    check_head,
    head_of_other_method,
    head_without_offer,
    path_of_target,
    why_no_http,
)

LARGEST_HEAD = 2**16
"""Bytes of the target and the headers of a request, and of all else that is no body: 64 KiB."""

MOST_FRAMING = 16
"""Bytes around each byte of a body that comes in chunks."""

MOST_WAITING = 100
"""Requests on one connection that wait for the answer to an earlier one."""

TOO_LARGE = "the head of the request is larger than 64 KiB"


class StrictProtocol(HttpToolsProtocol):
    """uvicorn's protocol for httptools, as strict as that for h11.

    Requests that arrive together are answered in their order, a refusal among them.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.head_began = False
        """Whether a part of a head has arrived, and not yet all of it."""
        self._refused: str | None = None
        """Why the next request is refused, once the answers under way are sent."""
        self._ended = False
        """Whether nothing more is read."""
        self._received = self._in_body = 0
        """Bytes of a request, and of its body, since its beginning."""
        self._declined = b""
        """The head that is read again, without the offer to speak another protocol."""
        self._in_work: RequestResponseCycle

    def data_received(self, data: bytes) -> None:
        """Read on; what is no HTTP is refused."""
        if self._ended or self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        self._received += len(data)
        try:
            self._read(data)
            if self._received - self._in_body > LARGEST_HEAD + MOST_FRAMING * self._in_body:
                raise BadRequestError(TOO_LARGE)
        except (httptools.HttpParserError, BadRequestError) as error:
            self._refuse_in_turn(why_no_http(error, data))

    def _read(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # The parser leaves out the body of a request with an offer to speak another protocol.
            head, self._declined = self._declined, b""
            self._read_again(head + data[upgrade.args[0] :])
        except httptools.HttpParserInvalidMethodError:
            other = head_of_other_method(data)
            # Only the beginning of a request: the parser had read nothing else of these bytes.
            if other is None or self._received != len(data):
                raise
            self._read_again(other)

    def _read_again(self, data: bytes) -> None:
        """Read a request whose head was written anew."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._read(data)

    def _should_upgrade(self) -> bool:
        """Decline WebSockets as all other protocols: their own parser would answer outside of our layers."""
        return False

    def on_message_begin(self) -> None:
        """Begin the head of a request."""
        if len(self.pipeline) >= MOST_WAITING:
            message = f"more than {MOST_WAITING} requests wait on this connection; read their answers first"
            raise BadRequestError(message)
        self.head_began = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; one that follows a body (a trailer) is dropped."""
        if self.head_began:
            super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """Have the request answered, or refuse it for its head."""
        self.head_began = False
        version, method = self.parser.get_http_version(), self.parser.get_method()
        self.url = path_of_target(self.url, self.headers)
        check_head(self.headers, version=version, method=method, target=self.url)
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            raise BadRequestError(TOO_LARGE)
        if self.parser.should_upgrade():
            self._declined = head_without_offer(self.headers, version=version, method=method, target=self.url)
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand a part of a body over."""
        self._in_body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Hand the end of a body over."""
        self._received = self._in_body = 0
        if not self._declined:
            super().on_message_complete()
            note_whole(cast("Scope", self.cycle.scope))

    def on_response_complete(self) -> None:
        """Answer the next request, or refuse it."""
        super().on_response_complete()
        if self._refused is not None and not self.answering:
            self.refuse(400, self._refused)

    @property
    def answering(self) -> bool:
        """Whether a request is in work, or waits."""
        return self.cycle is not None and not self.cycle.response_complete

    def refuse(self, status: int, error: str) -> None:
        """Answer in words, and close the connection."""
        self._ended = True
        if self.transport.is_closing():
            return
        body = json.dumps({"error": error}, separators=(",", ":")).encode()
        headers = {
            **HEADERS,
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
        }
        lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + body)
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._in_work = cycle
        note_in_work(cast("Scope", cycle.scope), self.tasks)
        super()._start_asgi_task(cycle, app)

    def _refuse_in_turn(self, error: str) -> None:
        """Refuse the request that is read, after the answers to those before it."""
        self.logger.warning("Invalid HTTP request received.")
        self._ended = True
        if self.answering and self.cycle.more_body:
            self._drop_cut_request()
        if self.answering:
            self._refused = error
        else:
            self.refuse(400, error)

    def _drop_cut_request(self) -> None:
        """Forget the request whose body is wrong, so that the last one before it is the last."""
        if self.pipeline:
            self.pipeline.popleft()
            self.cycle = self.pipeline[0][0] if self.pipeline else self._in_work
        elif self.cycle.response_started:
            self.transport.close()
        else:
            self.cycle.disconnected = self.cycle.response_complete = True
            self.cycle.message_event.set()
