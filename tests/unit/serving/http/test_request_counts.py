"""Requests are counted in memory and written together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from bentoml._internal.server.http.instruments import RunnerTrafficMetricsMiddleware
from starlette.types import Message, Receive, Scope, Send

from serving.http import request_counts as module
from serving.http.request_counts import CountedRequests, RequestCounts


class Metric:
    """A metric that remembers what was written, by path and status."""

    def __init__(self) -> None:
        self.written: list[tuple[Any, str, float]] = []
        self._labels: Any = None

    def labels(self, **labels: Any) -> Metric:
        """Choose the labels."""
        self._labels = labels.get("endpoint"), labels.get("http_response_code")
        return self

    def __getattr__(self, name: str) -> Callable[[float], None]:
        labels = self._labels
        return lambda value: self.written.append((labels, name, value))


class Metrics:
    """Those of BentoML."""

    def __init__(self) -> None:
        self.metrics_request_total, self.metrics_request_duration = Metric(), Metric()
        self.metrics_request_in_progress, self.metrics_last_request_timestamp = Metric(), Metric()


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> RequestCounts:
    """Count for this test alone."""
    fresh = RequestCounts()
    monkeypatch.setattr(module, "request_counts", fresh)
    return fresh


def asked(metrics: Metrics, path: str, app: Callable[[Scope, Receive, Send], Any]) -> list[Message]:
    """Ask an application through the counts; give what it sends."""
    counted = CountedRequests(app)
    counted.__dict__.update(metrics.__dict__, _is_setup=True)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(counted({"type": "http", "path": path}, receive, send))
    return sent


def answering(status: int, parts: int = 1) -> Callable[[Scope, Receive, Send], Any]:
    """Make an application that answers in some parts."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        for part in range(1, parts + 1):
            await send({"type": "http.response.body", "body": b"", "more_body": part < parts})

    return app


def test_nothing_is_written_before_it_is_time(counts: RequestCounts) -> None:
    """Then everything, once."""
    metrics = Metrics()
    for _ in range(3):
        asked(metrics, "/risk", answering(200))
    sent = asked(metrics, "/risk/batch", answering(422, parts=3))
    assert [message["type"] for message in sent].count("http.response.body") == 3
    assert metrics.metrics_request_total.written == []
    counts.write()
    assert metrics.metrics_request_total.written == [
        (("/risk", 200), "inc", 3),
        (("/risk/batch", 422), "inc", 1),
    ]
    durations = metrics.metrics_request_duration.written
    assert [(labels, name) for labels, name, _ in durations] == (
        [(("/risk", 200), "observe")] * 3 + [(("/risk/batch", 422), "observe")]
    )
    assert all(seconds >= 0 for _, _, seconds in durations)
    counts.write()
    assert len(metrics.metrics_request_total.written) == 2


def test_a_request_in_progress_is_one_until_it_ends(counts: RequestCounts) -> None:
    """However it ends."""
    metrics = Metrics()

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        counts.write()
        raise ValueError

    with pytest.raises(ValueError):
        asked(metrics, "/risk", fails)
    counts.write()
    written = metrics.metrics_request_in_progress.written
    assert [(labels[0], name, value) for labels, name, value in written] == [
        ("/risk", "set", 1),
        ("/risk", "set", 0),
    ]
    assert metrics.metrics_request_total.written == []


def test_questions_about_health_are_not_the_last_request(counts: RequestCounts) -> None:
    """They are counted all the same."""
    metrics = Metrics()
    asked(metrics, "/livez", answering(200))
    counts.write()
    assert metrics.metrics_last_request_timestamp.written == []
    assert metrics.metrics_request_total.written == [(("/livez", 200), "inc", 1)]
    asked(metrics, "/risk", answering(200))
    counts.write()
    ((_, name, when),) = metrics.metrics_last_request_timestamp.written
    assert (name, when > 0) == ("set", True)


def test_they_are_written_without_a_further_request(
    counts: RequestCounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a second; here at once."""
    monkeypatch.setattr(module, "WRITTEN_WITHIN_SECONDS", 0)
    metrics = Metrics()

    async def one_request() -> None:
        counts.began("/risk", cast(RunnerTrafficMetricsMiddleware, metrics), skipped=False)
        counts.answered("/risk", 200, 0.1)
        counts.ended("/risk")
        while not metrics.metrics_request_total.written:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(one_request(), 10))
    assert metrics.metrics_request_in_progress.written[-1][2] == 0
