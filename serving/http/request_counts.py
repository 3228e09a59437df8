"""BentoML's counts of requests, written together: the same metrics, without a dozen writings a request.

BentoML writes each count to a file that the workers share, at the beginning and at the end of each request.
Here they are added up in memory and written at the latest after `WRITTEN_WITHIN_SECONDS`, as those of
`serving.http.answer_metrics` are.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from typing import Any

from bentoml._internal.context import server_context
from bentoml._internal.server.http.instruments import RunnerTrafficMetricsMiddleware
from starlette.types import Message, Receive, Scope, Send

from serving.http.answer_metrics import WRITTEN_WITHIN_SECONDS
from serving.http.route_scopes import METRICS


class RequestCounts:
    """The requests of this process that are not in `/metrics` yet; used in its event loop only."""

    def __init__(self) -> None:
        self._seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
        self._in_progress: Counter[str] = Counter()
        self._last_began = 0.0
        self._metrics: RunnerTrafficMetricsMiddleware | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        """Where the next writing is planned."""

    def began(self, path: str, metrics: RunnerTrafficMetricsMiddleware, *, skipped: bool) -> None:
        """Count a request that is in progress from now on.

        Parameters
        ----------
        path : str
        metrics : RunnerTrafficMetricsMiddleware
            Has the metrics.
        skipped : bool
            Whether the request does not change the time of the last one, as those for health.
        """
        self._in_progress[path] += 1
        self._metrics = metrics
        if not skipped:
            self._last_began = time.time()
        self._plan()

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request whose whole answer is there."""
        self._seconds[path, status].append(seconds)

    def ended(self, path: str) -> None:
        """Count a request that is no longer in progress."""
        self._in_progress[path] -= 1
        self._plan()

    def write(self) -> None:
        """Write what waits."""
        waiting, self._seconds, self._loop = self._seconds, defaultdict(list), None
        metrics = self._metrics
        if metrics is None:
            return
        for (path, status), seconds in waiting.items():
            of_request = {**_names(), "endpoint": path, "http_response_code": status}
            metrics.metrics_request_total.labels(**of_request).inc(len(seconds))
            duration = metrics.metrics_request_duration.labels(**of_request)
            for each in seconds:
                duration.observe(each)
        for path, number in self._in_progress.items():
            metrics.metrics_request_in_progress.labels(**_names(), endpoint=path).set(number)
        if self._last_began:
            metrics.metrics_last_request_timestamp.labels(**_names()).set(self._last_began)

    def _plan(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(WRITTEN_WITHIN_SECONDS, self.write)


request_counts = RequestCounts()
"""Of this process."""


class CountedRequests(RunnerTrafficMetricsMiddleware):
    """BentoML's middleware with its counts in `request_counts`; it makes the metrics and takes all else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request."""
        if scope["type"] != "http" or scope["path"] == METRICS:
            await super().__call__(scope, receive, send)
            return
        if not self._is_setup:
            self._setup()
        path, started, status = scope["path"], time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body", False):
                request_counts.answered(path, status, max(time.perf_counter() - started, 0.0))
            await send(message)

        request_counts.began(path, self, skipped=path.startswith(tuple(self.skip_paths)))
        try:
            await self.app(scope, receive, watched)
        finally:
            request_counts.ended(path)


def _names() -> dict[str, Any]:
    """Name the service, as BentoML does."""
    return {
        "service_name": server_context.bento_name,
        "service_version": server_context.bento_version,
        "runner_name": server_context.service_name,
    }
