"""Merged cells of a workbook: only the first holds the value, and the others would be blank."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from features.advice import plain
from features.files.raw_table import MergedRows, RawTable, one_line
from features.files.sheet_layout import Merged
from features.problem_codes import Code
from features.problems import Problem, counted, row_ranges

UNMERGE = "unmerge and fill every row"


def merged_rows(
    merged: Sequence[Merged], grid: Sequence[Sequence[str]], heading_row: int
) -> tuple[MergedRows, ...]:
    """Name the columns of merged cells below the heading."""
    if not merged:
        return ()
    heading = [one_line(cell) for cell in grid[heading_row - 1]]
    return tuple(
        MergedRows(cells.first_row, cells.last_row, _names(heading, cells), blank=not _value(grid, cells))
        for cells in merged
        if cells.last_row > heading_row
    )


def merged_problems(
    table: RawTable, filled_down: Collection[str] = (), used: Collection[str] | None = None
) -> list[Problem]:
    """Refuse merged cells that hold a value, unless their column is filled down.

    Parameters
    ----------
    table : RawTable
        As read.
    filled_down : collection of str
        Columns in which a blank cell takes the value above it.
    used : collection of str, optional
        Columns that count; all by default.

    Returns
    -------
    problems : list of Problem
        One for each column, or one for all columns that `fill_down` could fill if there are several.

    Examples
    --------
    >>> table = RawTable("t.xlsx", "00", ("ldh",), (("1",), ("",)), (2, 3), (MergedRows(2, 3, ("ldh",)),))
    >>> print(*merged_problems(table))
    rows 2-3 of ldh are merged: unmerge and fill every row, or name the column under fill_down
    >>> merged_problems(table, ["ldh"])
    []
    """
    of_columns: dict[tuple[str, ...], list[MergedRows]] = {}
    for cells in table.merged:
        counts = used is None or any(column in used for column in cells.columns)
        if counts and not cells.blank and not (len(cells.columns) == 1 and cells.columns[0] in filled_down):
            of_columns.setdefault(cells.columns, []).append(cells)
    single = sorted((columns[0] for columns in of_columns if len(columns) == 1), key=table.columns.index)
    problems = [_wide(columns, cells) for columns, cells in of_columns.items() if len(columns) > 1]
    if len(single) > 1:
        ranges = sum(len(of_columns[column,]) for column in single)
        return [_several(single, ranges), *problems]
    return [*(_of_column(column, of_columns[column,]) for column in single), *problems]


def _of_column(column: str, cells: Sequence[MergedRows]) -> Problem:
    fix = plain(f"{UNMERGE}, or name the column under fill_down")
    return Problem(Code.MERGED_CELLS, f"{_rows(cells)} of {column} are merged", advice=fix)


def _wide(columns: Sequence[str], cells: Sequence[MergedRows]) -> Problem:
    rule = f"{_rows(cells)} of {', '.join(columns)} are merged"
    return Problem(Code.MERGED_CELLS, rule, advice=plain(UNMERGE))


def _several(columns: Sequence[str], ranges: int) -> Problem:
    """Give the list of columns that can be filled."""
    names = ", ".join(json.dumps(column, ensure_ascii=False) for column in columns)
    rule = f"{counted(len(columns), 'column')} have merged cells ({counted(ranges, 'range')})"
    fix = plain(f"{UNMERGE}, or name them under fill_down: [{names}]")
    return Problem(Code.MERGED_CELLS, rule, advice=fix)


def _rows(ranges: Sequence[MergedRows], shown: int = 3) -> str:
    if all(cells.first_row == cells.last_row for cells in ranges):
        return f"cells in row {row_ranges(cells.first_row for cells in ranges)}"
    listed = ", ".join(f"{cells.first_row}-{cells.last_row}" for cells in ranges[:shown])
    further = len(ranges) - shown
    return f"rows {listed}" + (f" and {counted(further, 'further range')}" if further > 0 else "")


def _names(heading: Sequence[str], cells: Merged) -> tuple[str, ...]:
    indices = range(cells.first_column - 1, min(cells.last_column, len(heading)))
    return tuple(heading[index] or f"column {index + 1}" for index in indices)


def _value(grid: Sequence[Sequence[str]], cells: Merged) -> bool:
    row, column = cells.first_row - 1, cells.first_column - 1
    return row < len(grid) and column < len(grid[row]) and bool(grid[row][column].strip())
