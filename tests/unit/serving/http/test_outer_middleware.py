"""The outermost layer, around applications that misbehave."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.outer_middleware import CLIENT_LEFT, Front

SECRET = "CANARY 987654.25"


async def silent(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Answer nothing."""


async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Fail before answering."""
    raise RuntimeError(SECRET)


async def failing_late(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Fail in the middle of an answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise RuntimeError(SECRET)


async def telling(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Say in a 500 what must not be said."""
    await send({"type": "http.response.start", "status": 500, "headers": []})
    await send({"type": "http.response.body", "body": SECRET.encode()})


def ask(app: ASGIApp, *, path: str = "/model", kind: str = "http") -> list[Message]:
    """Send one request through `Front` and collect what comes back."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": kind, "method": "GET", "path": path, "headers": [], "query_string": b""}
    asyncio.run(Front(app)(scope, receive, send))
    return sent


@pytest.mark.parametrize("app", [failing, telling])
def test_a_failure_is_answered_500_without_its_words(app: ASGIApp) -> None:
    """With an identifier instead."""
    start, body = ask(app)
    assert start["status"] == 500
    assert body["body"].startswith(b'{"error":"the service failed; its log has the reason under error ')
    assert SECRET.encode() not in body["body"]


def test_a_failure_in_the_middle_ends_the_answer() -> None:
    """Nothing can be taken back, and nothing is added."""
    assert [message["type"] for message in ask(failing_late)] == ["http.response.start", "http.response.body"]


def test_no_answer_is_noted_as_a_client_that_left(caplog: pytest.LogCaptureFixture) -> None:
    """There is nobody to send anything to."""
    with caplog.at_level("INFO", "cart_outcomes"):
        assert ask(silent) == []
    assert caplog.messages[0].startswith(f"GET /model {CLIENT_LEFT} ")


def test_a_web_socket_is_closed() -> None:
    """BentoML would count it under the path it came with."""
    assert ask(failing, path=f"/{SECRET}", kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_an_unknown_path_goes_no_further() -> None:
    """What stands behind does not see it."""
    assert ask(failing, path=f"/{SECRET}")[0]["status"] == 404
