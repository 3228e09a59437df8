"""Message and exit status when Ctrl-C or SIGTERM interrupts work."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM
"""Exit status after SIGTERM, as shells count it."""


@contextmanager
def told_when_stopped(words: str) -> Iterator[None]:
    """Print on standard error what happened to interrupted work; unfinished work is undone first.

    Python may lose the exception of a signal that arrives during cleanup. A block that then ends normally
    has done its work; one that fails is reported as stopped.

    Parameters
    ----------
    words : str
        A sentence.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C.
    SystemExit
        After SIGTERM, which would otherwise end the process at once; with status 143.
    """
    came: list[int] = []
    try:
        with _heard(came):
            yield
    except (KeyboardInterrupt, SystemExit):
        sys.stderr.write(f"\n{words}\n")
        raise
    except Exception:
        if not came:
            raise
        sys.stderr.write(f"\n{words}\n")
        raise _stop(came[0]) from None


def unwound() -> AbstractContextManager[None]:
    """Let Ctrl-C and SIGTERM unwind a block, so that what it started is ended; nothing is printed."""
    return _heard([])


@contextmanager
def _heard(came: list[int]) -> Iterator[None]:
    """Let both signals unwind the block, and note them; they can be handled in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def unwind(number: int, frame: FrameType | None) -> None:
        came.append(number)
        raise _stop(number)

    # A signal that is ignored, as shells ignore Ctrl-C for background commands, stays ignored.
    heard = [one for one in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, unwind) for one in heard}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _stop(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else SystemExit(TERMINATED)
