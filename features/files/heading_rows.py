"""Headings that are written in several rows become one."""

from __future__ import annotations

from collections.abc import Sequence

from features.files.sheet_layout import Merged

JOINT = " / "
"""Between the parts of a heading."""


def joined_headings(
    grid: Sequence[Sequence[str]], first_row: int, count: int, merged: Sequence[Merged] = ()
) -> list[str]:
    """Join the rows of a heading, column by column.

    Parameters
    ----------
    grid : sequence of sequence of str
        Every row of the file.
    first_row, count : int
        First row of the headings, from 1, and how many rows they have.
    merged : sequence of Merged
        Cells that a workbook shows as one.

    Returns
    -------
    heading : list of str
        The parts from top to bottom with `JOINT` between them, without repeats and blanks. A part that is
        merged over several columns counts for all of them. If no heading is merged, as in a text file, a
        blank part above another one takes the part to its left under the same upper heading.

    Examples
    --------
    >>> joined_headings([["ID", "LDH", ""], ["", "value", "unit"], ["a", "1", "U/L"]], 1, 2)
    ['ID', 'LDH / value', 'LDH / unit']
    """
    rows = [[cell.strip() for cell in row] for row in grid[first_row - 1 : first_row - 1 + count]]
    width = max(map(len, rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    over = [each for each in merged if first_row <= each.first_row and each.last_row < first_row + count]
    if over:
        _spread(rows, over, first_row)
    else:
        _fill(rows)
    return [JOINT.join(dict.fromkeys(filter(None, parts))) for parts in zip(*rows, strict=True)]


def _spread(rows: list[list[str]], merged: Sequence[Merged], first_row: int) -> None:
    """Give the value of merged cells to each of them."""
    for each in merged:
        value = rows[each.first_row - first_row][each.first_column - 1 : each.first_column]
        for row in rows[each.first_row - first_row : each.last_row - first_row + 1]:
            for column in range(each.first_column - 1, min(each.last_column, len(row))):
                row[column] = value[0] if value else ""


def _fill(rows: list[list[str]]) -> None:
    """Give blank parts the part to their left, where another part is below and none begins above."""
    for index, row in enumerate(rows[:-1]):
        for column in range(1, len(row)):
            begins = any(rows[above][column] != rows[above][column - 1] for above in range(index))
            named = any(below[column] for below in rows[index + 1 :])
            if not row[column] and named and not begins:
                row[column] = row[column - 1]
