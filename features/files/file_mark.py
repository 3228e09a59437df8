"""What changes when a file is replaced: by which a program that runs on notices it with one cheap look."""

from __future__ import annotations

from pathlib import Path


def mark_of(file: Path) -> tuple[int, ...]:
    """Give what changes when a file is replaced, written to or given other permissions.

    Parameters
    ----------
    file : Path

    Returns
    -------
    mark : tuple of int
        Times, inode and size; empty without a file.

    Examples
    --------
    >>> mark_of(Path("no such file"))
    ()
    """
    try:
        status = file.stat()
    except (OSError, ValueError):  # a name that no file can have
        return ()
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size)
