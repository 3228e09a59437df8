"""How many processes this machine can run side by side without one slowing another."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Count the physical cores that this process may use.

    Returns
    -------
    cores : int
        At least 1. The affinity of the process and the limit of its control group, as a container sets it,
        are respected.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    # It takes a quarter of a second to import.
    from joblib import cpu_count

    # Physical cores of the machine alone may be more than the process may use.
    return max(1, min(cpu_count(only_physical_cores=True), cpu_count(), os.cpu_count() or 1))
