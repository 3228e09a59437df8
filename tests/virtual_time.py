"""An event loop in which time passes only while it would wait: no wait takes long, and none is too short.

A busy machine can stop a process for longer than a test waits. Here, what is due first always comes first.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Waits(selectors.DefaultSelector):
    """Advances a clock in place of waiting, unless only another thread can go on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None:
            self.now += max(timeout, 0)
        return super().select(timeout if timeout is None else 0)


class VirtualTime(asyncio.SelectorEventLoop):
    """asyncio's loop, with a clock of its own that begins at 0."""

    def __init__(self) -> None:
        self._waits = _Waits()
        super().__init__(self._waits)

    def time(self) -> float:
        """Read the clock, in seconds."""
        return self._waits.now

    def let_pass(self, seconds: float) -> None:
        """Have a step of the loop take some time."""
        self._waits.now += seconds


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run as `asyncio.run` does.

    Examples
    --------
    >>> run(asyncio.sleep(3600, "an hour later"))
    'an hour later'
    """
    with asyncio.Runner(loop_factory=VirtualTime) as runner:
        return runner.run(main)
