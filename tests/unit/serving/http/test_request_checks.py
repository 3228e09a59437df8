"""Budgets of the gate, and work that ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http import request_checks as gate
from serving.http.budgets import (
    BATCH_BUDGET,
    DOCUMENT_BUDGET,
    MOST_BATCHES,
    MOST_DOCUMENTS,
    MOST_QUESTIONS,
    QUESTION_BUDGET,
    Budget,
)
from serving.http.request_checks import Gate
from tests.bundles import PATIENT

BODIES = {
    "/risk": json.dumps(PATIENT).encode(),
    "/risk/batch": json.dumps({"patients": [PATIENT]}).encode(),
    "/risk/options": json.dumps({"patient": PATIENT, "options": [{"dose_1e6_per_kg": 0.3}]}).encode(),
}


async def fine(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


class Asked:
    """One request to a gate and what comes back."""

    def __init__(self, path: str, *, leaves: bool = False) -> None:
        self.scope = {"type": "http", "method": "POST" if path in BODIES else "GET", "path": path}
        self.scope |= {"headers": [], "query_string": b""}
        self.waiting: list[Message] = [
            {"type": "http.request", "body": BODIES.get(path, b""), "more_body": False}
        ]
        if leaves:
            self.waiting.append({"type": "http.disconnect"})
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        """Send the body, then wait or leave."""
        if not self.waiting:
            await asyncio.Event().wait()
        return self.waiting.pop(0)

    async def send(self, message: Message) -> None:
        """Keep what comes back."""
        self.sent.append(message)

    def of(self, app: ASGIApp) -> tuple[int, Any]:
        """Ask and wait for the answer."""
        asyncio.run(Gate(app)(self.scope, self.receive, self.send))
        return self.sent[0]["status"], self.sent[-1]["body"]


@pytest.mark.parametrize(
    ("path", "budget", "most", "what"),
    [
        ("/risk", QUESTION_BUDGET, MOST_QUESTIONS, "questions"),
        ("/risk/batch", BATCH_BUDGET, MOST_BATCHES, "batches"),
        ("/", DOCUMENT_BUDGET, MOST_DOCUMENTS, "requests"),
        ("/assets/shell.css", DOCUMENT_BUDGET, MOST_DOCUMENTS, "requests"),
    ],
)
def test_each_kind_of_request_has_its_own_budget(
    path: str, budget: Budget, most: int, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When one is used up, the others are answered."""
    monkeypatch.setattr(budget, "taken", most)
    for other in ("/risk", "/risk/batch", "/", "/livez", "/metrics"):
        shared = other == path or (other == "/" and budget is DOCUMENT_BUDGET)
        assert Asked(other).of(fine)[0] == (429 if shared else 200)
    message = f"too many {what} at once; try again in a few seconds"
    asked = Asked(path)
    assert asked.of(fine) == (429, json.dumps({"error": message}, separators=(",", ":")).encode())
    assert (b"retry-after", b"5") in asked.sent[0]["headers"]
    assert budget.taken == most


def test_a_service_without_room_for_a_patient_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is ready again when there is room; it lives all the time."""
    assert Asked("/readyz").of(fine)[0] == 200
    monkeypatch.setattr(QUESTION_BUDGET, "taken", MOST_QUESTIONS)
    assert Asked("/readyz").of(fine)[0] == 503
    assert Asked("/livez").of(fine)[0] == 200


def test_a_comparison_counts_as_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both take milliseconds, and one budget limits them together."""
    monkeypatch.setattr(QUESTION_BUDGET, "taken", MOST_QUESTIONS)
    assert Asked("/risk/options").of(fine)[0] == 429


@pytest.mark.parametrize("path", ["/risk", "/risk/batch", "/risk/options", "/model"])
def test_what_was_taken_is_given_back(path: str) -> None:
    """After an answer and after a failure."""

    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError

    assert Asked(path).of(fine)[0] == 200
    assert Asked(path).of(failing)[0] == 500
    assert (QUESTION_BUDGET.taken, BATCH_BUDGET.taken, DOCUMENT_BUDGET.taken) == (0, 0, 0)


def test_the_work_on_a_batch_ends_when_the_client_leaves() -> None:
    """And what the batch took is free."""
    ended: list[bool] = []

    async def working(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    assert Asked("/risk/batch", leaves=True).of(working)[0] == 499
    assert (ended, BATCH_BUDGET.taken) == ([True], 0)


def test_a_batch_is_answered_while_its_client_waits() -> None:
    """Watching the client changes nothing in the answer, nor in a failure."""

    async def reading(_scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    assert Asked("/risk/batch").of(reading) == (200, BODIES["/risk/batch"])


def test_a_client_that_says_more_after_its_body_still_waits() -> None:
    """Only a closed connection ends the work on a batch."""
    asked = Asked("/risk/batch")
    asked.waiting.append({"type": "http.request", "body": b"", "more_body": False})
    assert asked.of(fine) == (200, b"/risk/batch")


def test_a_failure_within_an_answer_sends_no_second_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The client sees that the first is cut off."""

    async def breaking(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    asked = Asked("/model")
    asyncio.run(Gate(breaking)(asked.scope, asked.receive, asked.send))
    assert [message["type"] for message in asked.sent] == ["http.response.start"]


def test_a_large_body_is_checked_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same result."""
    monkeypatch.setattr(gate, "LARGE_BODY", 10)
    assert Asked("/risk").of(fine)[0] == 200
    monkeypatch.setitem(BODIES, "/risk", b'{"ecog": 9, "age_years": "x"}')
    assert Asked("/risk").of(fine)[0] == 422
