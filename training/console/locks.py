"""Locks: one command at a time per folder; a lock ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.problems import Refused


class InUseError(Refused):
    """Another command is writing to the same place; says which, and what to do."""


@contextmanager
def bundle_folder(folder: Path) -> Iterator[None]:
    """Lock the folder of a bundle while it is written and recorded.

    Parameters
    ----------
    folder : Path
        Where the bundle will be; the lock is a file beside it.

    Raises
    ------
    BundleError
        If it exists and is neither an empty folder nor a bundle.
    InUseError
        If another command holds the lock.
    """
    # Libraries of a bundle's trees take seconds to import.
    from serving.model.bundle import refuse_folder

    refuse_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.with_name(f"{folder.name}.lock")
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = (
                f"Another command is writing to {folder}. Wait for it to finish, "
                "or choose another folder with --bundle-out"
            )
            raise InUseError(message) from None
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


@contextmanager
def lock_held(lock: Path) -> Iterator[None]:
    """Wait for a lock file and hold it; lock the new file if the old one was removed while waiting."""
    while True:
        with lock.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not _is_still_there(held.fileno(), lock):
                continue
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
            return


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Wait for other commands in a folder, and make later ones wait; no file is left in it."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _is_still_there(opened: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened), lock.stat())
    except FileNotFoundError:
        return False
