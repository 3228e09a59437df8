"""Progress of long work: a title, a number of steps, and a call after each step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """Shows the steps of one piece of work; used as a context that yields the call for each step."""

    def __call__(self, title: str, steps: int) -> AbstractContextManager[Callable[[], None]]:
        """Open a bar."""
        ...


def silent(title: str, steps: int) -> AbstractContextManager[Callable[[], None]]:
    """Show nothing."""
    return nullcontext(lambda: None)
