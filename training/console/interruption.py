"""Message and exit status when Ctrl-C or SIGTERM interrupts work."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM
"""Exit status after SIGTERM, as shells count it."""


@contextmanager
def told_when_stopped(words: str) -> Iterator[None]:
    """Print on standard error what happened to interrupted work; unfinished work is undone first.

    A block that ends normally in spite of a signal has done its work.

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
    try:
        with unwound():
            yield
    except (KeyboardInterrupt, SystemExit):
        sys.stderr.write(f"\n{words}\n")
        raise


@contextmanager
def unwound(signals: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)) -> Iterator[None]:
    """Let signals unwind a block, so that what it started is ended; nothing is printed.

    A signal may make a block fail with another exception than its own: a library whose compiled code is
    being imported reports an import that failed. The block is then stopped all the same.

    Parameters
    ----------
    signals : sequence of Signals
        Ctrl-C and SIGTERM if not stated. They can be handled in the main thread only.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C.
    SystemExit
        After SIGTERM, with status 143.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def unwind(number: int, frame: FrameType | None) -> None:
        came.append(number)
        raise _stop(number)

    # A signal that is ignored, as shells ignore Ctrl-C for background commands, stays ignored.
    heard = [one for one in signals if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, unwind) for one in heard}
    try:
        yield
    except Exception:
        if not came:
            raise
        raise _stop(came[0]) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _stop(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else SystemExit(TERMINATED)
