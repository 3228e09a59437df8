"""Counts of few patients on pages: masked unless the reader asks for them, with what gives them away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.statistics.small_counts import FEWEST_SHOWN, masked_cells

MASKED = "masked"
"""In place of a small count, and of what would give it away."""
NOTE = f"Counts of 1 to {FEWEST_SHOWN - 1} are masked, and counts that would give them away."

Shown = int | None
"""A count of a page; None where it is masked."""


def shown_counts(counts: Sequence[int], *, small_counts: bool = False) -> list[Shown]:
    """Mask the small counts of complete, exclusive categories whose sum is public.

    Parameters
    ----------
    counts : sequence of int
        One for each category, those that are not printed among them.
    small_counts : bool
        Whether small counts are shown after all.

    Returns
    -------
    shown : list of int or None
        None where a count is masked: from 1 to 4, or needed to hide one that is.

    Examples
    --------
    >>> shown_counts([30, 3, 12]), shown_counts([30, 0, 12])
    ([30, None, None], [30, 0, 12])
    >>> shown_counts([30, 3, 12], small_counts=True)
    [30, 3, 12]
    """
    if small_counts or not counts:
        return list(counts)
    column = np.array(counts, dtype=np.int64)[:, None]
    masked = masked_cells(column, (column > 0) & (column < FEWEST_SHOWN))[:, 0]
    return [None if hidden else count for count, hidden in zip(counts, masked.tolist(), strict=True)]


def shown_of(count: int, total: int, *, small_counts: bool = False) -> Shown:
    """Mask a count of a public total where it, or the rest, is small.

    Examples
    --------
    >>> shown_of(2, 40), shown_of(38, 40), shown_of(20, 40), shown_of(40, 40)
    (None, None, 20, 40)
    """
    return shown_counts([count, total - count], small_counts=small_counts)[0]


def count_cell(count: Shown) -> int | str:
    """Give what a cell of a table shows.

    Examples
    --------
    >>> count_cell(7), count_cell(None)
    (7, 'masked')
    """
    return MASKED if count is None else count
