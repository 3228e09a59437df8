"""The end of a server with the program that started it, also when that program is killed.

A killed program cannot end what it started: the server would go on, and keep its port.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

_WATCH = 'read -r _ended || kill -TERM "$1"'
"""A line says that we end the server ourselves; the end of the pipe without one, that we were killed."""


@contextlib.contextmanager
def ends_with_us(pid: int) -> Iterator[None]:
    """Send SIGTERM to a process when this one ends before it leaves the context.

    Parameters
    ----------
    pid : int
        Of a child that has not been waited for when the context ends.
    """
    with subprocess.Popen(
        ("/bin/sh", "-c", _WATCH, "killed_starter", str(pid)),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as watcher:
        try:
            yield
        finally:
            watcher.communicate(b"\n")
