"""What is said, and with which exit status it ends, when Ctrl-C or SIGTERM stops work in the middle."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM
"""Exit status after SIGTERM, as shells count it."""


@contextmanager
def told_when_stopped(words: str) -> Iterator[None]:
    """Say on standard error what has become of the work if it is stopped; what was begun is undone first.

    Parameters
    ----------
    words : str
        A sentence.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C.
    SystemExit
        After SIGTERM, which would otherwise end the process where it stands; with status 143.
    """
    try:
        with _terminating():
            yield
    except (KeyboardInterrupt, SystemExit):
        sys.stderr.write(f"\n{words}\n")
        raise


@contextmanager
def _terminating() -> Iterator[None]:
    """Let SIGTERM unwind the block; signals can be handled in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)
