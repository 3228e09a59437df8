"""Merged cells of a workbook: only the first holds the value, and the others would be blank."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from features.advice import plain
from features.files.raw_table import MergedRows, RawTable, one_line
from features.files.sheet_layout import Merged
from features.problem_codes import Code
from features.problems import Problem


def merged_rows(
    merged: Sequence[Merged], grid: Sequence[Sequence[str]], heading_row: int
) -> tuple[MergedRows, ...]:
    """Name the columns of merged cells that hold a value below the heading."""
    if not merged:
        return ()
    heading = [one_line(cell) for cell in grid[heading_row - 1]]
    return tuple(
        MergedRows(cells.first_row, cells.last_row, _names(heading, cells))
        for cells in merged
        if cells.last_row > heading_row and _value(grid, cells)
    )


def merged_problems(table: RawTable, filled_down: Collection[str] = ()) -> list[Problem]:
    """Refuse merged cells, unless their column is filled down.

    Parameters
    ----------
    table : RawTable
        As read.
    filled_down : collection of str
        Columns in which a blank cell takes the value above it.

    Returns
    -------
    problems : list of Problem

    Examples
    --------
    >>> table = RawTable("t.xlsx", "00", ("ldh",), (("1",), ("",)), (2, 3), (MergedRows(2, 3, ("ldh",)),))
    >>> print(*merged_problems(table))
    rows 2-3 of ldh are merged: unmerge and fill every row, or name the column under fill_down
    >>> merged_problems(table, ["ldh"])
    []
    """
    unmerge = "unmerge and fill every row"
    return [
        Problem(
            Code.MERGED_CELLS,
            f"{_rows(cells)} of {', '.join(cells.columns)} are merged",
            advice=plain(
                f"{unmerge}, or name the column under fill_down" if len(cells.columns) == 1 else unmerge
            ),
        )
        for cells in table.merged
        if not (len(cells.columns) == 1 and cells.columns[0] in filled_down)
    ]


def _rows(cells: MergedRows) -> str:
    if cells.first_row == cells.last_row:
        return f"cells in row {cells.first_row}"
    return f"rows {cells.first_row}-{cells.last_row}"


def _names(heading: Sequence[str], cells: Merged) -> tuple[str, ...]:
    indices = range(cells.first_column - 1, min(cells.last_column, len(heading)))
    return tuple(heading[index] or f"column {index + 1}" for index in indices)


def _value(grid: Sequence[Sequence[str]], cells: Merged) -> bool:
    row, column = cells.first_row - 1, cells.first_column - 1
    return row < len(grid) and column < len(grid[row]) and bool(grid[row][column].strip())
