"""Masking of small counts in a table, so that none can be computed from its margins.

A table counts infusions by category (rows) and group (columns); its last column is the total of a row. The
sum of a column, the size of the group, is public. A cell with few patients is masked. Where the rest of the
table would give the cell away, or bound it more closely than the mask itself does, further cells are masked:
the total column first, on its own, so that it is the same in every table of the cohort, then the groups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.small_counts import FEWEST_SHOWN, masked_parts

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


def masked_cells(counts: Counts, small: Mask, expendable: Mask | None = None) -> Mask:
    """Choose the cells of a table to mask.

    Parameters
    ----------
    counts : ndarray of shape (n_categories, n_columns)
        Infusions. The categories exclude one another and are complete, missing values among them. The last
        column is the sum of the others, or the only one.
    small : ndarray of bool, shape (n_categories, n_columns)
        Cells that must not be known.
    expendable : ndarray of bool, shape (n_categories,), optional
        Rows whose cells are masked first where more have to be, such as a row that is not printed; none by
        default.

    Returns
    -------
    masked : ndarray of bool, shape (n_categories, n_columns)
        Contains ``small``. For whoever knows the sums of the columns and all other cells, each cell of
        ``small`` can still be anything from 1 to `FEWEST_SHOWN` - 1, whatever else it can be. Where the sums
        alone are too small for that, everything is masked.

    References
    ----------
    Hundepool et al. 2012, doi:10.1002/9781118348239, chapter 4 (secondary suppression and its audit)

    Examples
    --------
    >>> counts = np.array([[3, 17, 20], [20, 30, 50], [7, 13, 20]])
    >>> masked_cells(counts, (counts > 0) & (counts < FEWEST_SHOWN)).astype(int)
    array([[1, 1, 0],
           [0, 0, 0],
           [1, 1, 0]])
    """
    first = np.zeros(len(counts), dtype=bool) if expendable is None else expendable
    last = masked_parts(counts[:, -1].tolist(), small[:, -1].tolist(), np.flatnonzero(first).tolist())
    total = np.array(last, dtype=bool)[:, None]
    if counts.shape[1] == 1:
        return total
    masked = np.zeros_like(small)
    masked[:, -1:] = total
    # The total of a row would be the sum of its groups.
    masked[total[:, 0]] = True
    return _protected(counts, small, masked, first)


def possible_range(counts: Counts, masked: Mask, cell: tuple[int, int]) -> tuple[int, int]:
    """Find the smallest and the largest count that a masked cell may have for a reader of the table.

    Parameters
    ----------
    counts, masked : ndarray of shape (n_categories, n_columns)
        The table, and which of its cells are not shown.
    cell : tuple of int
        Row and column of a masked cell.

    Returns
    -------
    low, high : int
        The constraints are those of a flow in a network, so both are whole numbers and all whole numbers in
        between are possible.

    Examples
    --------
    >>> counts = np.array([[3, 17, 20], [20, 30, 50], [7, 13, 20]])
    >>> masked = np.array([[True, True, False], [False, False, False], [True, True, False]])
    >>> possible_range(counts, masked, (0, 0))
    (0, 10)
    """
    # Importing it takes longer than checking a cohort without a page.
    from scipy.optimize import linprog

    unknown = [(row, column) for row, column in np.argwhere(masked).tolist()]
    matrix, values = _equations(counts, masked, unknown)
    ends = []
    for sign in (1.0, -1.0):
        aim = np.zeros(len(unknown))
        aim[unknown.index(cell)] = sign
        solved = linprog(aim, A_eq=matrix, b_eq=values, bounds=(0, None), method="highs")
        ends.append(round(sign * float(solved.fun)))
    return ends[0], ends[1]


def merged_steps(n_events: NDArray[np.float64]) -> Mask:
    """Mark the steps of a curve to draw: each adds at least `FEWEST_SHOWN` events, the last one included.

    Parameters
    ----------
    n_events : ndarray of shape (n_steps,)
        Events by each step, increasing; 0 at the first.

    Returns
    -------
    shown : ndarray of bool, shape (n_steps,)
        The first one always.

    Examples
    --------
    >>> merged_steps(np.array([0.0, 2, 5, 6, 11])).astype(int)
    array([1, 0, 1, 0, 1])
    """
    shown, drawn = np.zeros(len(n_events), dtype=bool), 0.0
    shown[0] = True
    for at, number in enumerate(n_events):
        rest = n_events[-1] - number
        if number - drawn >= FEWEST_SHOWN and (rest == 0 or rest >= FEWEST_SHOWN):
            shown[at], drawn = True, number
    return shown


def _protected(counts: Counts, small: Mask, masked: Mask, first: Mask) -> Mask:
    """Mask further cells until each small one is uncertain enough; all of them where that never happens."""
    masked = masked | small
    free = ~masked
    if counts.shape[1] > 1:
        free[:, -1] = False
    while exposed := _exposed(counts, small, masked):
        if not free.any():
            return np.ones_like(masked)
        cell = _next_cell(counts, free, masked, exposed, first)
        masked[cell], free[cell] = True, False
    return masked


def _exposed(counts: Counts, small: Mask, masked: Mask) -> list[tuple[int, int]]:
    """List the small cells that the rest of the table bounds more closely than their own mask does."""
    exposed = []
    for row, column in np.argwhere(small).tolist():
        low, high = possible_range(counts, masked, (row, column))
        if low > 1 or high < FEWEST_SHOWN - 1:
            exposed.append((row, column))
    return exposed


def _next_cell(
    counts: Counts, free: Mask, masked: Mask, exposed: list[tuple[int, int]], first: Mask
) -> tuple[int, int]:
    """Choose the free cell to mask next: one that closes a rectangle, else one beside an exposed cell.

    Rows in ``first`` come before the others. Of several cells the smallest; a zero comes last, since to mask
    it helps least.
    """
    closes = free & np.outer(masked.any(axis=1), masked.any(axis=0))
    beside = np.zeros_like(free)
    for row, column in exposed:
        beside[row], beside[:, column] = True, True
    pools = [each & free & rows for rows in (first[:, None], True) for each in (closes, beside)]
    candidates = next((each for each in pools if each.any()), free)
    cost = np.where(candidates, np.where(counts > 0, counts, counts.sum() + 1), np.inf)
    row, column = divmod(int(np.argmin(cost)), counts.shape[1])
    return row, column


def _equations(
    counts: Counts, masked: Mask, unknown: list[tuple[int, int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """State what a reader knows: sums of columns, and of rows where there is a total."""
    shown = np.where(masked, 0, counts)
    number = {cell: position for position, cell in enumerate(unknown)}
    n_rows, n_columns = counts.shape
    matrix = np.zeros((n_columns + (n_rows if n_columns > 1 else 0), len(unknown)))
    values = np.append(counts.sum(axis=0) - shown.sum(axis=0), np.zeros(len(matrix) - n_columns))
    for (row, column), position in number.items():
        matrix[column, position] = 1
        if n_columns > 1:
            matrix[n_columns + row, position] = -1 if column == n_columns - 1 else 1
    if n_columns > 1:
        values[n_columns:] = shown[:, -1] - shown[:, :-1].sum(axis=1)
    return matrix, values.astype(float)
