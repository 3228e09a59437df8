"""Settings of the process that answers: memory, garbage, threads. They change times, never numbers."""

from __future__ import annotations

import ctypes
import gc
import sys

KEPT_BYTES = 2**26
"""64 MiB: more than the arrays of one answer, or of a step of a batch, need at a time."""

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`."""

TURN_SECONDS = 0.0001
"""Time after which the thread of a batch lets a single question go on; Python's own is 5 ms."""


def steady_process() -> None:
    """Set up this process, once the model is loaded.

    What is loaded is no garbage: the collector need not look at it again, which took tens of milliseconds of
    one answer in a hundred.
    """
    keep_memory()
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(TURN_SECONDS)


def keep_memory() -> bool:
    """Have this process keep up to `KEPT_BYTES` of memory that was freed.

    Fetching the pages of 2 MB from the system takes almost half as long as an answer.

    Returns
    -------
    kept : bool
        False where the C library has no such setting; then nothing changes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(parameter, KEPT_BYTES) == 1 for parameter in (MMAP_THRESHOLD, TRIM_THRESHOLD))
