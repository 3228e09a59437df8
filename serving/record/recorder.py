"""The record as the service writes it: an answer waits until its row is on the disk."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence

from sqlalchemy import Connection

from serving.record.answer_row import AnswerRow
from serving.record.chores import Chores
from serving.record.database import Database
from serving.record.group import Waiting
from serving.record.keys import read_ring
from serving.record.observed_outcome import ObservedOutcome
from serving.record.record_error import RecordError
from serving.record.settings import Policy, RecordSettings
from serving.record.upgrade import upgrade
from serving.record.writer import Writer

log = logging.getLogger("cart_outcomes.record")

RECORDED_WITHIN_SECONDS = 2.0
"""How long an answer waits for its record; then it counts as not recorded."""

CLOSED_WITHIN_SECONDS = 5.0


class Recorder:
    """Writes to the record, from one event loop or several; a forked process gets a thread of its own.

    Parameters
    ----------
    settings : RecordSettings

    Raises
    ------
    SettingsError
        If a key, the password or the file of the record cannot be used.

    Attributes
    ----------
    policy : str
        Whether an answer that cannot be recorded is refused, or given with an alarm.
    shadow : bool
        Whether answers are recorded and not shown.
    """

    def __init__(self, settings: RecordSettings) -> None:
        self.policy: Policy = settings.policy
        self.shadow: bool = settings.shadow
        self._ring = read_ring([settings.folder / file for file in settings.keys])
        self._database = Database(settings)
        self._chores = Chores(settings, self._ring)
        self._writer: Writer | None = None
        self._process = 0
        self._closed = False

    async def write(self, rows: Sequence[AnswerRow]) -> None:
        """Record answers; returns after they are on the disk.

        Parameters
        ----------
        rows : sequence of AnswerRow
            Written together, or not at all.

        Raises
        ------
        RecordError
            If they could not be written within `RECORDED_WITHIN_SECONDS`. Where the database gave no answer
            in time, they may be in the record all the same.
        """
        if rows:
            loop = asyncio.get_running_loop()
            await self._written(Waiting(loop, loop.create_future(), answers=rows))

    async def write_outcome(self, outcome: ObservedOutcome) -> None:
        """Record what happened after an answer.

        Parameters
        ----------
        outcome : ObservedOutcome
            A later one of the same name is a correction; both stay in the record.

        Raises
        ------
        UnknownPredictionError
            If no answer of this prediction id is recorded, or it was erased.
        RecordError
            If it could not be written.
        """
        loop = asyncio.get_running_loop()
        await self._written(Waiting(loop, loop.create_future(), outcome=outcome))

    def prepare(self) -> None:
        """Make or upgrade the tables; the connection is closed again, so that the process can be forked.

        Raises
        ------
        RecordError
            If the database cannot be used now.
        """
        with self._database.connected() as connection:
            upgrade(connection)

    def prepare_if_possible(self) -> None:
        """Make or upgrade the tables; if the database cannot be used now, the first row does it."""
        try:
            self.prepare()
        except RecordError as error:
            log.error("answers cannot be recorded: %s", error)

    def alive(self) -> bool:
        """Say whether the last rows could be written; true before the first."""
        return not self._closed and (self._writer is None or self._writer.writes)

    def close(self) -> None:
        """Write what waits, and close the database."""
        self._closed = True
        if self._writer is not None and self._process == os.getpid():
            self._writer.close(CLOSED_WITHIN_SECONDS)

    async def _written(self, waiting: Waiting) -> None:
        self._started().add(waiting)
        try:
            async with asyncio.timeout(RECORDED_WITHIN_SECONDS):
                await waiting.done
        except TimeoutError:
            message = "the record's database gave no answer in time"
            raise RecordError(message) from None
        finally:
            waiting.given_up = True

    def _started(self) -> Writer:
        """Start the thread with the first row: threads do not survive a fork."""
        if self._closed:
            message = "the record is closed"
            raise RecordError(message)
        if self._writer is None or self._process != os.getpid():
            self._process = os.getpid()
            self._writer = Writer(self._database, self._ring, self._do_chores)
        return self._writer

    def _do_chores(self, connection: Connection) -> None:
        self._chores.do(connection)
