"""Reading a file that somebody else may have put there: no waiting for a pipe, and a limit of bytes."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_at_once(file: Path, *, most_bytes: int) -> bytes:
    """Read a file at once.

    Parameters
    ----------
    file : Path
    most_bytes : int
        More are not read.

    Returns
    -------
    content : bytes

    Raises
    ------
    OSError
        If it cannot be read, is a pipe, a folder or a device, or is larger.

    Examples
    --------
    >>> read_at_once(Path("/dev/null"), most_bytes=10)
    Traceback (most recent call last):
        ...
    OSError: [Errno 22] no regular file: '/dev/null'
    """
    with open(file, "rb", opener=_at_once) as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(file))
        content = opened.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return content


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
