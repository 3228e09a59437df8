"""What the service does once a day beside answering: a checkpoint, and retention."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection

from serving.record.append import read_head
from serving.record.checkpoint import checkpoint_of, daily_file, write_checkpoint
from serving.record.keys import KeyRing
from serving.record.retention import remove_old
from serving.record.settings import RecordSettings


class Chores:
    """The daily work of one process; of several processes, the first of the day does it.

    Parameters
    ----------
    settings : RecordSettings
    ring : KeyRing
    """

    def __init__(self, settings: RecordSettings, ring: KeyRing) -> None:
        self._settings, self._ring = settings, ring
        self._done: date | None = None

    def do(self, connection: Connection, now: datetime | None = None) -> None:
        """Do what has not been done today.

        Parameters
        ----------
        connection : Connection
            Without a transaction.
        now : datetime, optional

        Raises
        ------
        OSError
            If the checkpoint cannot be written; it is tried again later, and nothing is removed before.
        RecordError, SQLAlchemyError
            If the record cannot be read or changed.
        """
        at = now or datetime.now(UTC)
        if self._done == at.date():
            return
        self._write_checkpoint(connection, at)
        if self._settings.retention_days is not None:
            remove_old(connection, self._ring, days=self._settings.retention_days, now=at)
        self._done = at.date()

    def _write_checkpoint(self, connection: Connection, now: datetime) -> None:
        if self._settings.checkpoints is None:
            return
        file = daily_file(self._settings.folder / self._settings.checkpoints, now)
        if not file.exists():
            with connection.begin():
                head = read_head(connection)
            write_checkpoint(file, checkpoint_of(head, self._ring, now))
