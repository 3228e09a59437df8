"""Memory that one answer has freed is kept for the next, instead of being given back and fetched again."""

from __future__ import annotations

import ctypes

KEPT_BYTES = 2**26
"""64 MiB: more than the arrays of one answer, or of a step of a batch, need at a time."""

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`."""


def keep_memory() -> bool:
    """Have this process keep up to `KEPT_BYTES` of memory that was freed.

    Fetching the pages of 2 MB from the system takes as long as computing an answer in them.

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
