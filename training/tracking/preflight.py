"""Checks before a fit, or as it begins, of what would stop the command: run store, permissions, disk."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from training.tracking.store import TrackingError, database_file, named_store

MEGABYTE = 2**20
NEEDED_MEGABYTES = 50
"""Free space that a command needs in each place that it writes to: the bundle, a second copy to be recorded,
figures and tables of all models, the database. A training of eight outcomes takes 16 megabytes in all."""


class NotWritable(TrackingError):
    """A folder cannot be written; says which, and what to do."""


def refuse_unrecordable(folder: Path) -> None:
    """Refuse what would stop a command after its fit.

    Parameters
    ----------
    folder : Path
        Of the bundle, or beside which runs are kept until MLflow has them; need not exist.

    Raises
    ------
    TrackingError
        If the address of the store is not supported, the store is out of reach or takes no runs.
    NotWritable
        If a folder cannot be written, or its disk is nearly full.
    """
    database = database_file(named_store())
    refuse_unwritable([folder.parent, *([database.parent] if database is not None else [])])
    if database is not None and not database.exists():
        # It is made with the first run: a command that is refused for another reason leaves nothing behind.
        return
    # MLflow takes seconds to import.
    from training.tracking.runs import refuse_no_runs

    try:
        refuse_no_runs()
    except TrackingError as error:
        message = f"{error}. No model was fitted yet"
        raise TrackingError(message) from None


def refuse_unwritable(folders: Iterable[Path]) -> None:
    """Refuse folders in which a file cannot be made, and disks with too little space; nothing is left there.

    Parameters
    ----------
    folders : iterable of Path
        One that does not exist yet is looked for upwards.

    Raises
    ------
    NotWritable
    """
    for folder in folders:
        nearest = existing(folder)
        _try(nearest)
        free = shutil.disk_usage(nearest).free
        if free < NEEDED_MEGABYTES * MEGABYTE:
            message = (
                f"{nearest.absolute()}: {free // MEGABYTE} MB are free on its disk, and "
                f"{NEEDED_MEGABYTES} MB are needed for the bundle and its runs. "
                "Free some space, or use another folder"
            )
            raise NotWritable(message)


def existing(folder: Path) -> Path:
    """Find the nearest folder above that exists, or the folder itself.

    Examples
    --------
    >>> existing(Path("/no/such/folder"))
    PosixPath('/')
    """
    absolute = folder.absolute()
    return next(each for each in (absolute, *absolute.parents) if each.exists())


def _try(folder: Path) -> None:
    """Create a file and remove it: permission alone does not show that the disk accepts it."""
    try:
        with tempfile.TemporaryFile(prefix=".cart-outcomes-", dir=folder) as tried:
            tried.write(b"\0")
            os.fsync(tried.fileno())
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "Free some space" if full else "Ask for permission to write there"
        message = (
            f"{folder}: no file can be created there ({error.strerror}). {remedy}, or choose another folder"
        )
        raise NotWritable(message) from None
