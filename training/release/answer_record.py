"""The record of answers as commands use it: its settings, its key, and one object that opens all of it."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from features.files.atomic_write import write_whole
from features.problems import Refused
from serving.identity.private_file import SettingsError
from serving.record.append import read_head
from serving.record.checkpoint import (
    Checkpoint,
    checkpoint_of,
    extra_file,
    read_checkpoints,
    write_checkpoint,
)
from serving.record.database import Database
from serving.record.erasure import erase
from serving.record.keys import KeyRing, read_ring
from serving.record.record_error import RecordError
from serving.record.restore import report_restore
from serving.record.retention import remove_old
from serving.record.settings import RECORD_VARIABLE, RecordSettings, read_settings
from serving.record.upgrade import upgrade
from serving.record.verification import Verification, verify

KEY_BYTES = 32

NEW_SETTINGS = """# The record of answers; docs/record.md describes every setting.
address = "{stem}.db"
keys = ["{stem}.key"]
policy = "refuse"
# checkpoints = "/mnt/elsewhere"
# retention_days = 3650
"""


@dataclass(frozen=True)
class AnswerRecord:
    """The record that a settings file describes.

    Attributes
    ----------
    settings : RecordSettings
    ring : KeyRing
    database : Database
    """

    settings: RecordSettings
    ring: KeyRing = field(repr=False)
    database: Database = field(repr=False)

    @contextmanager
    def changed(self) -> Iterator[Connection]:
        """Open a connection for changes, with the tables of this version.

        Raises
        ------
        Refused
            If the database cannot be used.
        """
        with refusing(), self.database.connected() as connection:
            upgrade(connection)
            yield connection

    def verified(self, folder: Path | None = None) -> Verification:
        """Verify the chain, against the checkpoints of a folder if one is named here or in the settings.

        Raises
        ------
        Refused
            If the database cannot be read, or a checkpoint does not count.
        """
        with refusing():
            checkpoints = self._checkpoints(folder)
            with self.database.snapshot() as connection:
                return verify(connection, self.ring, checkpoints)

    def write_checkpoint(self, folder: Path | None = None) -> tuple[Path, Checkpoint]:
        """Write a checkpoint of now.

        Raises
        ------
        Refused
            If no folder is named, or it cannot be written.
        """
        chosen, now = folder or self._folder(), datetime.now(UTC)
        if chosen is None:
            message = "name a folder of checkpoints: --checkpoints FOLDER, or checkpoints in the settings"
            raise Refused(message)
        with refusing():
            with self.database.snapshot() as connection:
                checkpoint = checkpoint_of(read_head(connection), self.ring, now)
            file = extra_file(chosen, now)
            write_checkpoint(file, checkpoint)
        return file, checkpoint

    def erase(self, *, record_key: str | None, prediction_id: str | None) -> int:
        """Erase the content of rows, and from the database's own files; give their number."""
        with self.changed() as connection:
            erased = erase(
                connection, self.ring, by=_user(), record_key=record_key, prediction_id=prediction_id
            )
        with refusing():
            self.database.tidy()
        return erased

    def remove_old(self, days: int) -> int:
        """Remove rows that are older; give their number."""
        with self.changed() as connection:
            removed = remove_old(connection, self.ring, days=days, now=datetime.now(UTC))
        with refusing():
            self.database.tidy()
        return removed

    def report_restore(self, why: str, folder: Path | None = None) -> tuple[int, list[Checkpoint]]:
        """Report a restore; give the row that reports it, and the checkpoints of lost rows.

        Raises
        ------
        Refused
            If the rows that are there were altered, or the record cannot be changed.
        """
        with refusing():
            checkpoints = self._checkpoints(folder)
            with self.database.snapshot() as connection:
                broken = verify(connection, self.ring).broken
        if broken is not None:
            message = f"the restored record was altered: {broken.message}"
            raise Refused(message)
        with self.changed() as connection:
            return report_restore(connection, self.ring, checkpoints, by=_user(), why=why)

    def _folder(self) -> Path | None:
        stated = self.settings.checkpoints
        return None if stated is None else self.settings.folder / stated

    def _checkpoints(self, folder: Path | None) -> list[Checkpoint]:
        chosen = folder or self._folder()
        return [] if chosen is None else list(read_checkpoints(chosen, self.ring))


def answer_record(file: Path | None) -> AnswerRecord:
    """Open the record of a settings file; that of the environment by default.

    Raises
    ------
    Refused
        If no file is named, or it or a file that it names cannot be used.
    """
    stated = os.environ.get(RECORD_VARIABLE, "")
    if file is None and not stated:
        message = f"name the settings of the record: --record FILE, or {RECORD_VARIABLE}"
        raise Refused(message)
    with refusing():
        settings = read_settings(file or Path(stated))
        ring = read_ring([settings.folder / key for key in settings.keys])
        return AnswerRecord(settings, ring, Database(settings, patient=True))


def set_up(file: Path) -> AnswerRecord:
    """Make settings, a key beside them and the tables of an SQLite file.

    Raises
    ------
    Refused
        If one of the files exists.
    """
    stem = file.stem
    for made in (file, file.with_name(f"{stem}.key"), file.with_name(f"{stem}.db")):
        _refuse_existing(made)
    file.parent.mkdir(parents=True, exist_ok=True)
    make_key(file.with_name(f"{stem}.key"))
    write_whole(file, NEW_SETTINGS.format(stem=stem), private=True)
    record = answer_record(file)
    with record.changed():
        return record


def make_key(file: Path) -> str:
    """Make the file of a new key, for its owner only; give the key's id.

    Raises
    ------
    Refused
        If the file exists.
    """
    _refuse_existing(file)
    write_whole(file, secrets.token_hex(KEY_BYTES) + "\n", private=True)
    return read_ring([file]).current.id


@contextmanager
def refusing() -> Iterator[None]:
    """Report what the record cannot do as a command does."""
    try:
        yield
    except (SettingsError, RecordError) as error:
        raise Refused(str(error)) from None


def _refuse_existing(file: Path) -> None:
    if file.exists():
        message = f"{file} exists; name another file"
        raise Refused(message)


def _user() -> str:
    """Name who runs the command, as the system does."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
