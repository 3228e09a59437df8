"""The file of a record in SQLite: made for its owner only, and the same file while it is used."""

from __future__ import annotations

import os
from pathlib import Path

from serving.identity.private_file import SettingsError, too_open
from serving.record.record_error import RecordError

PRIVATE = 0o600


class RecordFile:
    """A file that holds a record.

    Parameters
    ----------
    path : Path
        It need not be there yet.

    Raises
    ------
    SettingsError
        If other users can read or write it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inode: tuple[int, int] | None = None
        if path.exists() and too_open(path.stat(), user=os.geteuid()):
            message = f"{path}: other users can read or write the record; run chmod 600 {path}"
            raise SettingsError(message)

    def make(self) -> None:
        """Make the file if it is not there; to be called before it is opened.

        Raises
        ------
        OSError
            If it cannot be made.
        RecordError
            As `refuse_moved`.
        """
        if self._inode is None:
            handle = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE)
            self._inode = _inode(os.fstat(handle))
            os.close(handle)
        self.refuse_moved()

    def refuse_moved(self) -> None:
        """Refuse another file than the one that was opened first: rows in a removed file are lost with it.

        Raises
        ------
        RecordError
            If another file, or none, has its name.
        """
        if self._inode is not None and self._present() != self._inode:
            message = (
                "the file of the record was removed or replaced while this program runs; put it back, or "
                "restart the service"
            )
            raise RecordError(message)

    def _present(self) -> tuple[int, int] | None:
        try:
            return _inode(self.path.stat())
        except OSError:
            return None


def _inode(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
