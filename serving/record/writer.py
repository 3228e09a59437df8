"""The thread that writes: it takes whatever has queued and commits it at once; callers share a commit."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from serving.record.append import Tail
from serving.record.database import Database, failed, lost_connection
from serving.record.group import Waiting, wake, write_group
from serving.record.keys import KeyRing
from serving.record.record_error import RecordError
from serving.record.tables import ROWS
from serving.record.upgrade import upgrade

log = logging.getLogger("cart_outcomes.record")

MOST_ROWS_A_GROUP = 500
"""Rows of a commit, unless one caller has more."""

MOST_ROWS_WAITING = 50_000
"""Rows that wait at a time; what comes after them is refused at once."""

CHORES_EVERY_SECONDS = 60.0


class Writer:
    """A thread with a connection of its own.

    Parameters
    ----------
    database : Database
    ring : KeyRing
    chores : callable
        What is done beside writing; called about once in `CHORES_EVERY_SECONDS`, never while callers wait.
    """

    def __init__(self, database: Database, ring: KeyRing, chores: Callable[[Connection], None]) -> None:
        self._database, self._ring, self._chores = database, ring, chores
        self._queue: deque[Waiting] = deque()
        self._rows_waiting = 0
        self._changed = threading.Condition()
        self._ending = False
        self._connection: Connection | None = None
        self._next_chores = 0.0
        self.writes = True
        """Whether the last group was written."""
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self._thread.start()

    def add(self, waiting: Waiting) -> None:
        """Queue what is to be written.

        Raises
        ------
        RecordError
            If too much waits already, or the thread has ended.
        """
        with self._changed:
            if self._ending or not self._thread.is_alive():
                message = "the record is closed"
                raise RecordError(message)
            if self._queue and self._rows_waiting + len(waiting) > MOST_ROWS_WAITING:
                message = f"more than {MOST_ROWS_WAITING} rows wait to be recorded"
                raise RecordError(message)
            self._queue.append(waiting)
            self._rows_waiting += len(waiting)
            self._changed.notify()

    def close(self, within_seconds: float) -> None:
        """Write what waits, and end the thread."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(within_seconds)

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            if group:
                self._write(group)
            elif self._next_chores and time.monotonic() >= self._next_chores:
                self._do_chores()
        self._disconnect()

    def _next_group(self) -> list[Waiting] | None:
        """Wait for rows; give an empty group when it is time for chores, None at the end."""
        with self._changed:
            while not self._queue:
                if self._ending:
                    return None
                # Before the first row nothing is opened.
                pause = self._next_chores - time.monotonic() if self._next_chores else None
                if pause is not None and pause <= 0:
                    return []
                self._changed.wait(pause)
            return self._taken()

    def _taken(self) -> list[Waiting]:
        group: list[Waiting] = []
        rows = 0
        while self._queue and (not group or rows + len(self._queue[0]) <= MOST_ROWS_A_GROUP):
            waiting = self._queue.popleft()
            self._rows_waiting -= len(waiting)
            if not waiting.given_up:
                group.append(waiting)
                rows += len(waiting)
        return group

    def _write(self, group: list[Waiting]) -> None:
        error: RecordError | None = None
        try:
            self._write_or_try_again(group)
        except RecordError as reason:
            error = reason
        except Exception as reason:
            # Whatever it was: the callers wait, and the next group may do.
            error = failed(reason)
        if error is not None:
            self._disconnect()
        self._report(error)
        wake(group, error)

    def _write_or_try_again(self, group: list[Waiting]) -> None:
        """Write; try once more on a new connection where the old one was left from before a restart."""
        kept = self._connection is not None
        tails: list[Tail] = []
        try:
            write_group(self._open(), self._ring, group, tails)
        except (SQLAlchemyError, OSError) as error:
            if not kept or not lost_connection(error):
                raise
            self._disconnect()
            for waiting in group:
                waiting.error = None
            if not (tails and _is_committed(self._open(), tails[0])):
                write_group(self._open(), self._ring, group, [])

    def _open(self) -> Connection:
        self._database.refuse_moved()
        if self._connection is None:
            connection = self._database.connect()
            try:
                upgrade(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except Exception as error:
                log.debug("closing a lost connection failed: %s", type(error).__name__)

    def _report(self, error: RecordError | None) -> None:
        """Log when writing starts to fail, and when it works again."""
        if error is not None and self.writes:
            log.error("answers cannot be recorded: %s", error)
        elif error is None and not self.writes:
            log.warning("answers are recorded again")
        self.writes = error is None
        if error is None and not self._next_chores:
            self._next_chores = time.monotonic()

    def _do_chores(self) -> None:
        self._next_chores = time.monotonic() + CHORES_EVERY_SECONDS
        try:
            self._chores(self._open())
        except Exception as error:
            self._disconnect()
            log.error("checkpoint or retention of the record failed: %s", failed(error))


def _is_committed(connection: Connection, tail: Tail) -> bool:
    """Say whether the rows of a commit without an answer are there."""
    last = select(ROWS.c.hash).where(ROWS.c.sequence == tail.head.sequence)
    with connection.begin():
        return connection.execute(last).scalar() == tail.head.hash
