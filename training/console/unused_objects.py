"""How often Python looks for unused objects that refer to one another."""

from __future__ import annotations

import atexit
import gc

OBJECTS_BETWEEN_SEARCHES = 50_000
"""New objects after which Python looks for unused cycles. With its default of 700, the search took more than
half of the time in which runs are read from MLflow, and a fifth of that in which a worker imports what it
needs."""


def search_seldom() -> None:
    """Look for unused cycles seldom, from now on, in this process; not at all when it ends.

    The system takes all of its memory back anyway. To look through all that MLflow imports took half a second
    of every command.
    """
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    atexit.register(gc.freeze)
