"""Which rows of a site's file are its headings: where the first row of data begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from features.checking.parse_cell import is_date_like
from features.files.read_table import FileFormat
from features.files.workbook import Sheet

MOST_ROWS = 12
"""Rows in which data must have begun."""

MOST_HEADINGS = 4
"""Rows that a heading is proposed for."""

DATA = 0.3
"""Share of the cells of a row that are numbers or dates, from which on it is a row of data."""

_VALUE = re.compile(r"[<>=≤≥ ]*[+-]?[0-9]+(?:[.,][0-9]+)*(?: ?%)?")


def likely_heading(sheet: Sheet, how: FileFormat) -> FileFormat:
    """Find headings that are below a title, or in several rows.

    Parameters
    ----------
    sheet : Sheet
        Cells of the file.
    how : FileFormat
        As stated by a person.

    Returns
    -------
    how : FileFormat
        Unchanged where a person states the row of the headings, where the first row is a complete heading,
        and where it is not clear where data begin.

    Examples
    --------
    >>> grid = [["ID", "LDH", ""], ["", "value", "unit"], ["a", "310", "U/L"]]
    >>> likely_heading(Sheet(grid), FileFormat()).heading_rows
    2
    """
    if how.heading_row > 1 or how.heading_rows > 1:
        return how
    top = [[cell.strip() for cell in row] for row in sheet.grid[:MOST_ROWS]]
    data = next((index for index, row in enumerate(top) if _is_data(row)), None)
    if not data or (data == 1 and not _is_title(top[0])):
        return how
    first = next(index for index, row in enumerate(top[:data]) if index == data - 1 or not _is_title(row))
    rows = data - first
    if rows > MOST_HEADINGS or (first == 0 and _is_complete(top)):
        return how
    return replace(how, heading_row=first + 1, heading_rows=rows)


def own_heading(sheet: Sheet, first: FileFormat) -> FileFormat:
    """Find the headings of a further sheet, which may be in other rows than those of the first.

    Parameters
    ----------
    sheet : Sheet
        Cells of the further sheet.
    first : FileFormat
        Of the first sheet, which holds for further ones that do not say otherwise.

    Returns
    -------
    how : FileFormat
        With the rows of the first sheet where it is not clear where data begin.

    Examples
    --------
    >>> title = FileFormat(heading_row=3)
    >>> own_heading(Sheet([["ID", "test", "result"], ["a", "LDH", "310"]]), title).heading_row
    1
    """
    how = likely_heading(sheet, replace(first, heading_row=1, heading_rows=1))
    below_first_row = how.heading_row > 1 or how.heading_rows > 1
    top = [[cell.strip() for cell in row] for row in sheet.grid[:MOST_ROWS]]
    return how if below_first_row or (top and _is_complete(top)) else first


def _is_data(row: Sequence[str]) -> bool:
    known = [cell for cell in row if cell]
    values = [cell for cell in known if _VALUE.fullmatch(cell) or is_date_like(cell)]
    return len(values) >= max(1, DATA * len(known)) and not _counts(known)


def _counts(known: Sequence[str]) -> bool:
    """Say whether a row numbers the columns, as forms do."""
    return len(known) > 2 and known == [str(number) for number in range(1, len(known) + 1)]


def _is_title(row: Sequence[str]) -> bool:
    return sum(map(bool, row)) < 2


def _is_complete(top: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row alone names every column."""
    width = max(map(len, top))
    return len(set(top[0])) == width and all(top[0])
