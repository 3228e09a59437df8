"""What the service promises to those who send too little, too late, twice, or to another name."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from serving.answers.scorer import Scorer
from serving.http import body_reading as bodies
from serving.http.allowed_hosts import ALLOWED_HOSTS_VARIABLE
from serving.http.body_problems import MOST_PATIENTS
from serving.http.budgets import (
    BATCH_BUDGET,
    BODY_BUDGET,
    DOCUMENT_BUDGET,
    MOST_QUESTIONS,
    QUESTION_BUDGET,
)
from serving.http.outer_middleware import Front, methods_by_path
from serving.service import documents
from tests.bundles import PATIENT

JSON = [(b"content-type", b"application/json"), (b"host", b"localhost")]
RIGHT = json.dumps(PATIENT).encode()


class HalfSent:
    """A request at the level of ASGI whose body stops in the middle."""

    def __init__(self, path: str, *headers: tuple[bytes, bytes], method: str = "POST") -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [*JSON, *headers],
            "server": ("127.0.0.1", 3000),
            "client": ("127.0.0.1", 40000),
            "scheme": "http",
        }
        self.waiting: list[Message] = [{"type": "http.request", "body": RIGHT[:20], "more_body": True}]
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        """Send a half, then nothing."""
        if not self.waiting:
            await asyncio.Event().wait()
        return self.waiting.pop(0)

    async def send(self, message: Message) -> None:
        """Keep what comes back."""
        self.sent.append(message)

    async def by(self, app: Any) -> None:
        """Ask."""
        await app(self.scope, self.receive, self.send)

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        """Of the answer."""
        return dict(self.sent[0]["headers"])


def test_half_sent_requests_take_nothing_from_the_others(client: TestClient) -> None:
    """Twice as many as questions may be in work, and the service answers and is ready."""
    half = [HalfSent("/risk") for _ in range(2 * MOST_QUESTIONS)]

    async def flood() -> list[asyncio.Task[None]]:
        tasks = [asyncio.ensure_future(one.by(client.app)) for one in half]
        await asyncio.sleep(0)
        return tasks

    assert client.portal is not None
    tasks = client.portal.call(flood)
    try:
        assert client.post("/risk", json=PATIENT).status_code == 200
        assert client.post("/risk/batch", json={"patients": [PATIENT]}).status_code == 200
        assert [client.get(path).status_code for path in ("/", "/schema", "/readyz")] == [200] * 3
        assert not any(task.done() for task in tasks)
    finally:
        client.portal.call(_cancel, tasks)
    assert (QUESTION_BUDGET.taken, BODY_BUDGET.taken) == (0, 0)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("path", ["/risk", "/risk/batch"])
def test_a_late_body_is_408(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, logged, counted, and the connection is closed."""
    monkeypatch.setattr(bodies, "BODY_WITHIN_SECONDS", 0.05)
    late = HalfSent(path)
    assert client.portal is not None
    client.portal.call(late.by, client.app)
    assert late.status == 408
    assert json.loads(late.sent[1]["body"])["error"].startswith("the body did not arrive in time; ")
    assert late.headers[b"connection"] == b"close"
    assert late.headers[b"cache-control"] == b"no-store"
    counted = f'endpoint="{path}",http_response_code="408"'
    assert counted in client.get("/metrics").text


@pytest.mark.parametrize("path", ["/nothing", "/schema"])
def test_a_body_that_belongs_nowhere_is_not_waited_for(client: TestClient, path: str) -> None:
    """Refused at once, and the connection is closed."""
    half = HalfSent(path, (b"content-length", b"500"))
    assert client.portal is not None
    client.portal.call(half.by, client.app)
    assert half.status in {404, 405}
    assert half.headers[b"connection"] == b"close"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/risk", "/readyz", "/assets/shell.css"])
def test_a_body_on_a_document_is_400(client: TestClient, method: str, path: str) -> None:
    """Without waiting for it."""
    half = HalfSent(path, (b"content-length", b"500"), method=method)
    assert client.portal is not None
    client.portal.call(half.by, client.app)
    assert half.status == 400
    assert half.headers[b"connection"] == b"close"


@pytest.mark.parametrize("path", ["/risk", "/risk/batch", "/", "/readyz", "/nothing"])
def test_two_lengths_are_400(client: TestClient, path: str) -> None:
    """Chunks and a length: one of the two would be believed by somebody."""
    half = HalfSent(path, (b"content-length", b"5"), (b"transfer-encoding", b"chunked"))
    assert client.portal is not None
    client.portal.call(half.by, client.app)
    assert half.status == 400
    assert json.loads(half.sent[1]["body"]) == {
        "error": "the request has Content-Length and Transfer-Encoding; send one of them"
    }


@pytest.mark.parametrize("path", [*methods_by_path(), "/nothing"])
def test_another_name_is_421(client: TestClient, path: str) -> None:
    """Whatever is asked, pages and health included."""
    method = "POST" if "POST" in methods_by_path().get(path, ()) else "GET"
    response = client.request(method, path, headers={"host": "attacker.example"})
    assert response.status_code == 421
    assert response.json()["error"].startswith("the name in the Host header is not allowed; ")
    assert "attacker" not in response.text


def test_a_name_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the environment in which the service starts, as in a container behind a proxy."""
    front = Front(Starlette(routes=[Route("/form", lambda _request: PlainTextResponse("answered"))]))
    monkeypatch.setenv(ALLOWED_HOSTS_VARIABLE, "risk.hospital.example")
    with TestClient(front) as client:
        hosts = ("risk.hospital.example", "attacker.example", "testserver")
        answers = [client.get("/form", headers={"host": host}).status_code for host in hosts]
    assert answers == [200, 421, 200]


def test_exhaustion_is_seen_in_readiness(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are refused and the service is not ready; pages go on."""
    monkeypatch.setattr(QUESTION_BUDGET, "taken", MOST_QUESTIONS)
    refused = client.post("/risk", json=PATIENT)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    assert refused.json() == {"error": "too many questions at once; try again in a few seconds"}
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200
    assert client.get("/").status_code == 200


def test_nothing_stays_taken(client: TestClient) -> None:
    """After answers and refusals of every kind."""
    for body in (RIGHT, b"{", b"{}", b" " * 2**21):
        client.post("/risk", content=body, headers={"content-type": "application/json"})
        client.post("/risk/batch", content=body, headers={"content-type": "application/json"})
    client.get("/")
    taken = [budget.taken for budget in (QUESTION_BUDGET, BATCH_BUDGET, DOCUMENT_BUDGET, BODY_BUDGET)]
    assert taken == [0] * 4


def test_a_client_that_leaves_within_its_body_costs_no_answer(client: TestClient) -> None:
    """None could reach it; under a flood these would be most of the work."""
    half = HalfSent("/risk")
    half.waiting.append({"type": "http.disconnect"})
    assert client.portal is not None
    client.portal.call(half.by, client.app)
    assert half.sent == []
    assert (QUESTION_BUDGET.taken, BODY_BUDGET.taken) == (0, 0)


class Leaving(HalfSent):
    """A batch whose client closes the connection at the first step of the work."""

    def __init__(self, patients: int) -> None:
        super().__init__("/risk/batch")
        body = json.dumps({"patients": [PATIENT] * patients}).encode()
        self.waiting = [{"type": "http.request", "body": body, "more_body": False}]
        self.step = threading.Event()

    async def receive(self) -> Message:
        """Send the batch, wait for the first step, then leave."""
        if self.waiting:
            return self.waiting.pop(0)
        await asyncio.to_thread(self.step.wait, 20)
        return {"type": "http.disconnect"}


def test_the_work_on_an_abandoned_batch_ends(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon after the step that is under way; what it took is free for others."""
    leaving = Leaving(MOST_PATIENTS)
    scorer = documents().state.release.now.model.scorer
    steps = []

    def slowly(_scorer: Scorer, rows: list[Any], **asked: Any) -> list[Any]:
        steps.append(len(rows))
        leaving.step.set()
        time.sleep(0.2)
        return answers(scorer, rows, **asked)

    answers = Scorer.answered
    monkeypatch.setattr(Scorer, "answered", slowly)
    assert client.portal is not None
    client.portal.call(leaving.by, client.app)
    assert (leaving.status, BATCH_BUDGET.taken) == (499, 0)
    monkeypatch.setattr(Scorer, "answered", answers)
    assert client.post("/risk/batch", json={"patients": [PATIENT]}).status_code == 200
    assert 1 <= sum(steps) < MOST_PATIENTS


def test_others_are_answered_while_a_batch_is_in_work(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A patient, the page and readiness do not wait for its thread."""
    let_go, begun, answers = threading.Event(), threading.Event(), Scorer.answered

    def waiting(scorer: Scorer, rows: list[Any], **asked: Any) -> list[Any]:
        if threading.current_thread().name.startswith("batches"):
            begun.set()
            assert let_go.wait(20)
        return answers(scorer, rows, **asked)

    monkeypatch.setattr(Scorer, "answered", waiting)
    with ThreadPoolExecutor(1) as pool:
        batch = pool.submit(client.post, "/risk/batch", json={"patients": [PATIENT] * 20})
        assert begun.wait(20)
        assert client.post("/risk", json=PATIENT).status_code == 200
        assert [client.get(path).status_code for path in ("/", "/readyz")] == [200, 200]
        assert not batch.done()
        let_go.set()
        assert batch.result().status_code == 200
