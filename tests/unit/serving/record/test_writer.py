"""The thread that writes, with a database that fails as databases do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pg8000
import pytest
from sqlalchemy.exc import DBAPIError

from serving.record import writer as module
from serving.record.group import Waiting, wake
from serving.record.keys import KeyRing, record_key
from serving.record.record_error import RecordError
from serving.record.writer import Writer
from tests.kept_answers import answer

RING = KeyRing([record_key(b"0" * 32)])
LOST = DBAPIError("COMMIT", {}, pg8000.InterfaceError("network error"))


class NoConnection:
    """Stands in for a connection."""

    def __init__(self, *, closes: bool = True) -> None:
        self._closes = closes

    def invalidate(self) -> None:
        if not self._closes:
            message = "gone"
            raise OSError(message)

    def close(self) -> None:
        pass


class NoDatabase:
    """Gives connections, and counts them."""

    def __init__(self, *, closes: bool = True) -> None:
        self.opened, self._closes = 0, closes

    def refuse_moved(self) -> None:
        pass

    def connect(self) -> NoConnection:
        self.opened += 1
        return NoConnection(closes=self._closes)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> NoDatabase:
    monkeypatch.setattr(module, "upgrade", lambda connection: None)
    return NoDatabase()


@contextmanager
def writing(database: NoDatabase, chores: Callable[[Any], None] = lambda _: None) -> Iterator[Writer]:
    made = Writer(database, RING, chores)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close(5)


def group_writer(monkeypatch: pytest.MonkeyPatch, *steps: Exception | None) -> list[int]:
    """Have groups fail as stated, then succeed; gives the sizes of the groups."""
    sizes: list[int] = []
    left = list(steps)

    def write(_: object, __: object, group: list[Waiting], tails: list[object]) -> None:
        sizes.append(len(group))
        tails.append("tail")
        step = left.pop(0) if left else None
        if step is not None:
            raise step

    monkeypatch.setattr(module, "write_group", write)
    return sizes


async def handed(writer: Writer, *, given_up: bool = False) -> None:
    loop = asyncio.get_running_loop()
    waiting = Waiting(loop, loop.create_future(), answers=[answer()], given_up=given_up)
    writer.add(waiting)
    await asyncio.wait_for(waiting.done, 5)


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_without_an_answer_is_looked_for(
    database: NoDatabase, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """It is written again only where it is not there."""
    sizes = group_writer(monkeypatch, None, LOST)
    monkeypatch.setattr(module, "_is_committed", lambda connection, tail: committed)

    async def write() -> None:
        with writing(database) as writer:
            await handed(writer)
            await handed(writer)

    asyncio.run(write())
    assert len(sizes) == (2 if committed else 3)
    assert database.opened == 2


def test_a_lost_connection_that_was_just_opened_is_reported(
    database: NoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to try again; the next group opens another."""
    group_writer(monkeypatch, LOST)

    async def write() -> bool:
        with writing(database) as writer:
            with pytest.raises(RecordError, match="InterfaceError"):
                await handed(writer)
            alive = writer.writes
            await handed(writer)
            assert writer.writes
            return alive

    assert asyncio.run(write()) is False
    assert database.opened == 2


def test_any_error_is_reported_and_the_thread_goes_on(
    database: NoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    group_writer(monkeypatch, RecordError("no key"), KeyError("x"))

    async def write() -> list[str]:
        reasons = []
        with writing(database) as writer:
            for _ in range(2):
                with pytest.raises(RecordError) as caught:
                    await handed(writer)
                reasons.append(str(caught.value))
            await handed(writer)
        return reasons

    assert asyncio.run(write()) == ["no key", "the record's database failed: KeyError"]


def test_tables_that_cannot_be_upgraded_close_their_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    group_writer(monkeypatch)

    def refuse(connection: object) -> None:
        message = "a later version"
        raise RecordError(message)

    monkeypatch.setattr(module, "upgrade", refuse)

    async def write() -> None:
        with writing(NoDatabase()) as writer, pytest.raises(RecordError, match="a later version"):
            await handed(writer)

    asyncio.run(write())


def test_a_connection_that_cannot_be_closed_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "upgrade", lambda connection: None)
    group_writer(monkeypatch)

    async def write() -> None:
        with writing(NoDatabase(closes=False)) as writer:
            await handed(writer)

    asyncio.run(write())


def test_more_than_fits_is_refused_at_once(database: NoDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that hangs does not fill the memory; a caller who gave up is left out."""
    monkeypatch.setattr(module, "MOST_ROWS_WAITING", 2)
    sizes = group_writer(monkeypatch)
    plain, begun, go_on = module.write_group, threading.Event(), threading.Event()

    def waits(*arguments: Any) -> None:
        begun.set()
        assert go_on.wait(20)
        plain(*arguments)

    monkeypatch.setattr(module, "write_group", waits)

    async def write() -> None:
        with writing(database) as writer:
            first = asyncio.create_task(handed(writer))
            await asyncio.to_thread(begun.wait, 20)
            loop = asyncio.get_running_loop()
            writer.add(Waiting(loop, loop.create_future(), answers=[answer()], given_up=True))
            second = asyncio.create_task(handed(writer))
            await asyncio.sleep(0)
            with pytest.raises(RecordError, match="more than 2 rows wait"):
                await handed(writer)
            go_on.set()
            await asyncio.gather(first, second)

    asyncio.run(write())
    assert sizes == [1, 1]


def test_a_caller_who_gave_up_alone_is_no_group(
    database: NoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is opened for it."""
    sizes = group_writer(monkeypatch)

    async def write() -> None:
        with writing(database) as writer:
            loop = asyncio.get_running_loop()
            writer.add(Waiting(loop, loop.create_future(), answers=[answer()], given_up=True))
            await asyncio.sleep(0.1)
            assert database.opened == 0
            await handed(writer)

    asyncio.run(write())
    assert sizes == [1]


def test_a_caller_who_left_is_not_woken() -> None:
    """Others of the group are, whatever became of it."""

    async def wake_both() -> None:
        loop = asyncio.get_running_loop()
        left, stays = (Waiting(loop, loop.create_future()) for _ in range(2))
        left.done.cancel()
        wake([left, stays], None)
        await asyncio.wait_for(stays.done, 5)

    asyncio.run(wake_both())


def test_groups_are_limited(database: NoDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction holds the lock for a bounded time."""
    monkeypatch.setattr(module, "MOST_ROWS_A_GROUP", 2)
    sizes = group_writer(monkeypatch)

    async def write() -> None:
        with writing(database) as writer:
            await asyncio.gather(*(handed(writer) for _ in range(5)))

    asyncio.run(write())
    assert sum(sizes) == 5
    assert max(sizes) <= 2


def test_a_closed_writer_takes_nothing(database: NoDatabase) -> None:
    with writing(database) as writer:
        pass

    async def write() -> None:
        with pytest.raises(RecordError, match="the record is closed"):
            await handed(writer)

    asyncio.run(write())
    assert database.opened == 0


def test_chores_are_done_between_rows(
    database: NoDatabase, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not before the first row, and a failure stops no answer."""
    monkeypatch.setattr(module, "CHORES_EVERY_SECONDS", 0.05)
    group_writer(monkeypatch)
    done: list[object] = []

    def chores(connection: object) -> None:
        done.append(connection)
        if len(done) == 1:
            raise OSError(5, "Input/output error")

    async def write() -> None:
        with writing(database, chores) as writer:
            assert done == []
            await handed(writer)
            while len(done) < 2:
                await asyncio.sleep(0.01)
            await handed(writer)

    asyncio.run(write())
    assert "checkpoint or retention of the record failed: the record's database failed" in caplog.text
