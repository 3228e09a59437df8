"""The thread that follows the release while the service answers."""

from __future__ import annotations

import threading
from collections.abc import Callable

LOOKS_EVERY_SECONDS = 1.0


class Following:
    """Looks at something again and again, in a thread of its own.

    Parameters
    ----------
    look : callable
        Raises nothing.
    every_seconds : float
        Time between two looks.

    Examples
    --------
    >>> looked = threading.Event()
    >>> following = Following(looked.set, every_seconds=0.01)
    >>> following.start()
    >>> looked.wait(10)
    True
    >>> following.stop()
    """

    def __init__(self, look: Callable[[], None], *, every_seconds: float = LOOKS_EVERY_SECONDS) -> None:
        self._look, self._every = look, every_seconds
        self._stopping = threading.Event()
        # All models are loaded in one thread, so that each takes the memory that the one before gave back.
        self._thread = threading.Thread(target=self._run, name="release", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the look that is under way; that is not waited for."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            self._look()
