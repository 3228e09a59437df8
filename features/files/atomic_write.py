"""A file is written whole or not at all, and is readable by those who may read it."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE, BY_UMASK = 0o600, 0o666
"""Permissions of a file with rows of patients, and of any other before the umask is applied."""


def write_whole(path: Path, content: str, *, private: bool = False) -> None:
    """Write text as UTF-8, replacing an earlier file in one step when the new one is complete.

    Parameters
    ----------
    path : Path
        In a folder that exists. Where it is a link, the file that it leads to is replaced.
    content : str
        Line ends are written as they are.
    private : bool
        Whether only the owner may read it (0600); otherwise the umask decides. An earlier file that
        is stricter passes its permissions on.

    Raises
    ------
    OSError
        If the file cannot be written there; an earlier one is kept.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "a.csv", "1", private=True)
    ...     [(file.name, stat.filemode(file.stat().st_mode)) for file in Path(folder).iterdir()]
    [('a.csv', '-rw-------')]
    """
    target = path.resolve()
    with staged(target, content, private=private) as temporary:
        temporary.replace(target)


@contextmanager
def staged(target: Path, content: str | bytes, *, private: bool = False) -> Iterator[Path]:
    """Write a temporary file beside its target, complete and on the disk; it is gone afterwards.

    Parameters
    ----------
    target : Path
        No link.
    content : str or bytes
        Text is written as UTF-8.
    private : bool
        As in `write_whole`.

    Yields
    ------
    temporary : Path
        To be renamed by the caller.

    Raises
    ------
    OSError
        If there is no room for it, or the folder may not be written to.
    """
    temporary = target.with_name(f".{target.stem[:40]}-{secrets.token_hex(4)}.tmp")
    # The permissions are there before the first byte is, so that nobody reads a row in between.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(temporary, flags, permissions(target, private=private))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def create_whole(temporary: Path, target: Path) -> None:
    """Give a complete temporary file its name, unless a file of that name exists.

    Raises
    ------
    FileExistsError
        If it exists by now: nothing is replaced.
    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no hard links: the name is taken first, then filled in one step.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        temporary.replace(target)


def new_folder(beside: Path) -> Path:
    """Make an empty folder next to another, with the permissions that the umask leaves.

    Where the other exists and is stricter, its permissions are passed on.
    """
    made = beside.with_name(f".{beside.name}.{secrets.token_hex(4)}")
    made.mkdir()
    made.chmod(stat.S_IMODE(made.stat().st_mode) & _existing(beside))
    return made


def permissions(target: Path, *, private: bool) -> int:
    """Give the permissions of a file to write; an earlier file that is stricter passes its own on."""
    return (PRIVATE if private else BY_UMASK) & _existing(target)


def _existing(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return 0o777
