"""Locks: one command at a time in a folder; a lock ends with the process that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from features.problems import Refused
from serving.model.bundle_folder import refuse_folder

LOCK_NAME = ".cart-outcomes.lock"
"""The lock of a folder, within it while a command works there."""


class InUseError(Refused):
    """Another command is writing to the same folder; says which, and what to do."""


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
    refuse_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(lock_held(folder.with_name(f"{folder.name}.lock"), wait=False))
        except Timeout:
            message = (
                f"Another command is writing to {folder}. Wait for it to finish, "
                "or choose another folder with --bundle-out"
            )
            raise InUseError(message) from None
        yield


@contextmanager
def lock_held(lock: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock file.

    Parameters
    ----------
    lock : Path
        Removed at the end.
    wait : bool
        Whether to wait for another command that holds it.

    Raises
    ------
    filelock.Timeout
        If another command holds it and ``wait`` is false.
    """
    with FileLock(lock, blocking=wait):
        try:
            yield
        finally:
            # Whoever opened the file before it was removed sees so, and opens the next one.
            lock.unlink(missing_ok=True)


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Wait for other commands in a folder, and make later ones wait; no file is left in it."""
    with lock_held(folder / LOCK_NAME):
        yield
