"""How requests are counted where the count may be elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from serving.identity.caller import Caller
from serving.identity.private_file import SettingsError
from serving.identity.request_rate import RequestRate, request_rate


def test_a_storage_that_is_away_refuses_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """An answer matters more than its count; the log says so once, without the address."""

    class Away(RequestRate):
        def __init__(self) -> None:
            counting = request_rate()
            self.__dict__.update(counting.__dict__)
            self._window.storage.acquire_sliding_window_entry = self._fail

        async def _fail(self, *_arguments: object) -> bool:
            message = "redis://:CANARY@10.0.0.7"
            raise ConnectionError(message)

    async def ask() -> None:
        rate = Away()
        for _ in range(3):
            await rate.count(Caller("key", "1", frozenset()))

    asyncio.run(ask())
    assert caplog.messages == ["requests are not limited: the storage of counts failed (ConnectionError)"]


def test_redis_is_opened_when_it_is_first_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service starts while Redis is away; a wrong address or a missing package is found at once."""
    assert request_rate(storage="redis://:CANARY@127.0.0.1:6379/0")
    with pytest.raises(SettingsError, match=r"^rate_storage: is no address of a Redis server$"):
        request_rate(storage="redis://:CANARY@host:port")
    monkeypatch.setattr("serving.identity.request_rate.find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match="Redis needs the package redis"):
        request_rate(storage="redis://127.0.0.1:6379/0")


def test_requests_do_not_look_through_all_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a second, whatever their number; what has expired is forgotten then."""
    looks: list[float] = []
    now = [1000.0]

    async def count(rate: RequestRate) -> None:
        storage = rate._window.storage
        expire = storage._MemoryStorage__expire_events

        async def counted() -> None:
            looks.append(now[0])
            await expire()

        storage._MemoryStorage__expire_events = counted
        for number in range(300):
            now[0] += 0.01
            await rate.count(Caller("key", str(number), frozenset()))
            await asyncio.sleep(0)

    monkeypatch.setattr("serving.identity.request_rate.time.monotonic", lambda: now[0])
    asyncio.run(count(request_rate()))
    assert len(looks) == 3
