"""What a worker process of this machine does: it loads shared values once and heeds the same warnings."""

from __future__ import annotations

import os
import pickle
import re
import signal
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from training.console.unused_objects import search_seldom
from training.tasks.task import Done, perform

KEPT_VALUES = 12
"""Shared values that a worker keeps; one that is needed again after others is read again."""
LOOKS_EVERY_SECONDS = 0.5
"""How often a worker looks whether the process that started it still runs."""

Filter = tuple[Any, str, Any, str, int]
"""Arguments of `warnings.filterwarnings`."""


@dataclass(frozen=True)
class Stored:
    """A shared value in a file."""

    file: Path


def start(parent: int, modules: Sequence[str] = ()) -> None:
    """Prepare a worker: Ctrl-C is for the process that started it, and the worker ends with that process.

    Parameters
    ----------
    parent : int
        Identifier of the process that starts workers.
    modules : sequence of str
        Imported before the first task.
    """
    from joblib.externals.loky import process_executor

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A worker holds large shared values on purpose: that is no leak, after which it would be replaced.
    process_executor._USE_PSUTIL = False
    threading.Thread(target=_end_with, args=(parent,), name="end-with-parent", daemon=True).start()
    search_seldom()
    for name in modules:
        import_module(name)


def work(function: Callable[..., Any], arguments: Sequence[Any], heeded: Sequence[Filter]) -> Done:
    """Run one task in a worker.

    Parameters
    ----------
    function : callable
    arguments : sequence
        `Stored` in place of shared values.
    heeded : sequence of tuple
        Filters of warnings, from `warning_filters`.

    Returns
    -------
    done : Done
    """
    known = [stored_value(each.file) if isinstance(each, Stored) else each for each in arguments]
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for action, message, category, module, line in heeded:
            warnings.filterwarnings(action, message, category, module, line, append=True)
        return perform(function, known)


def warning_filters() -> list[Filter]:
    """List what this process does with warnings, as the arguments of `warnings.filterwarnings`."""
    return [
        (action, _pattern(message), category, _pattern(module), line)
        for action, message, category, module, line in warnings.filters
    ]


@lru_cache(maxsize=KEPT_VALUES)
def stored_value(file: Path) -> Any:
    """Read a shared value, once as long as it is kept."""
    return pickle.loads(file.read_bytes())


def _pattern(stated: str | re.Pattern[str] | None) -> str:
    return stated.pattern if isinstance(stated, re.Pattern) else stated or ""


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOKS_EVERY_SECONDS)
    os._exit(1)
