"""Requests counted in Redis: workers and replicas count together, and go on without it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from serving.identity.caller import Caller
from serving.identity.denied import Denied
from serving.identity.request_rate import request_rate
from tests.absent import absent
from tests.debian import NotInstalledError
from tests.e2e.redis_server import Redis, redis, redis_program

pytestmark = pytest.mark.slow

CALLER, OTHER = (Caller("key", name, frozenset()) for name in ("1a2b3c4d", "5e6f7a8b"))


@pytest.fixture
def server() -> Iterator[Redis]:
    """Start Redis; a person without one may go on, continuous integration may not."""
    try:
        program = redis_program()
    except NotInstalledError as missing:
        absent(f"no redis-server: {missing}")
    with redis(program) as it:
        yield it


def test_two_workers_count_together_and_go_on_without_redis(
    server: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """Three of four requests are let in, whichever worker they reach; the log never has the password."""

    async def asked() -> list[int]:
        workers = [request_rate("3/minute", storage=server.uri) for _ in range(2)]
        waits = []
        for number in range(4):
            try:
                await workers[number % 2].count(CALLER)
            except Denied as denied:
                waits.append(denied.retry_after)
        await workers[0].count(OTHER)
        server.stop()
        for worker in workers:
            for _ in range(5):
                await worker.count(CALLER)
        return waits

    with caplog.at_level(logging.INFO):
        (wait,) = asyncio.run(asked())
    assert 1 <= wait <= 60
    complaint = "requests are not limited: the storage of counts failed"
    assert [complaint in line for line in caplog.messages] == [True] * 2
    assert server.password not in caplog.text
