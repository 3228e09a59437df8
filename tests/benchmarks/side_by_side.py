"""Times of several ways to do the same, measured in turn, so that a busy machine slows all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

from training.dataset.fit_config import FitConfig

OUTCOMES = ("severe_crs", "severe_icans", "relapse")
"""What is trained by default here: all that everybody can have and every model competes for."""
CONFIG = FitConfig(outcomes=OUTCOMES)


def timed_in_turn(ways: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, list[float]]:
    """Time every way once a round.

    Parameters
    ----------
    ways : mapping of str to callable
    rounds : int

    Returns
    -------
    seconds : dict of str to list of float
        Of each way, a time a round.

    Examples
    --------
    >>> sorted(timed_in_turn({"a": list, "b": dict}, rounds=2))
    ['a', 'b']
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def ratio_table(seconds: Mapping[str, list[float]]) -> str:
    """Write the median time of every way, and how many times as fast as the first it is.

    The ratio is the median over rounds, since the two times of a round were measured side by side.

    Examples
    --------
    >>> print(ratio_table({"1 worker": [4.0, 8.0], "2 workers": [2.0, 5.0]}))
    | runner | seconds | times as fast |
    | --- | --- | --- |
    | 1 worker | 6.0 | 1.00 |
    | 2 workers | 3.5 | 1.80 |
    """
    first = next(iter(seconds.values()))
    rows = ["| runner | seconds | times as fast |", "| --- | --- | --- |"]
    for name, each in seconds.items():
        ratio = median(before / after for before, after in zip(first, each, strict=True))
        rows.append(f"| {name} | {median(each):.1f} | {ratio:.2f} |")
    return "\n".join(rows)
