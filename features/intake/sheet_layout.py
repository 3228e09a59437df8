"""What a sheet of a workbook says beside its values: how far they reach, what is merged, what is hidden."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from features.advice import plain
from features.intake.grid import MAX_COLUMNS
from features.problems import DataError, Problem

WIDEST_GAP = 1_000
"""Blank rows after which a cell with content lies far outside the table."""

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class Merged:
    """Cells that a workbook shows as one: only the first holds the value.

    Parameters
    ----------
    first_row, last_row, first_column, last_column : int
        From 1, as a spreadsheet counts.
    """

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class SheetLayout:
    """Extent, merged cells and hidden parts of a sheet.

    Parameters
    ----------
    last_row, last_column : int
        Of the cells with content; formats do not count.
    merged : list of Merged
        In the order of the sheet.
    hidden_rows, hidden_columns : list of int
        From 1; rows without content are left out.
    """

    last_row: int = 0
    last_column: int = 0
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


def sheet_layout(file: IO[bytes], *, name: str) -> SheetLayout:
    """Read a sheet's XML once, without keeping it.

    Parameters
    ----------
    file : binary file
        XML of the sheet.
    name : str
        Of the workbook, for messages.

    Returns
    -------
    layout : SheetLayout
        Of the cells with content.

    Raises
    ------
    DataError
        If a cell with content lies far outside the table.
    """
    layout = SheetLayout()
    row, column, row_hidden = 0, 0, False
    for event, tag, element in _elements(file):
        if event == "start" and tag == "row":
            row, column = int(element.get("r") or row + 1), 0
            row_hidden = element.get("hidden") in ("1", "true")
        elif event == "end" and tag == "c":
            column = _column(element) or column + 1
            if _has_content(element):
                _refuse_far(layout, row, column, name)
                layout.last_column = max(layout.last_column, column)
                if row_hidden and layout.hidden_rows[-1:] != [row]:
                    layout.hidden_rows.append(row)
                layout.last_row = max(layout.last_row, row)
            element.clear()
        elif event == "end" and tag == "row":
            element.clear()
        elif event == "end" and tag == "mergeCell":
            layout.merged += _merged(element.get("ref") or "")
        elif event == "end" and tag == "col" and element.get("hidden") in ("1", "true"):
            first, last = int(element.get("min") or 0), int(element.get("max") or 0)
            layout.hidden_columns += range(first, min(last, MAX_COLUMNS) + 1)
    layout.hidden_columns = [place for place in layout.hidden_columns if place <= layout.last_column]
    return layout


def column_letters(place: int) -> str:
    """Name a column as a spreadsheet does.

    Examples
    --------
    >>> column_letters(1), column_letters(28), column_letters(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _elements(file: IO[bytes]) -> Iterator[tuple[str, str, ElementTree.Element]]:
    for event, element in ElementTree.iterparse(file, events=("start", "end")):
        yield event, element.tag.rpartition("}")[2], element


def _has_content(cell: ElementTree.Element) -> bool:
    tags = {child.tag.rpartition("}")[2]: child for child in cell}
    value = tags.get("v")
    return "is" in tags or "f" in tags or (value is not None and bool(value.text))


def _refuse_far(layout: SheetLayout, row: int, column: int, name: str) -> None:
    cell = f"{column_letters(column)}{row}"
    fix = None
    if column > MAX_COLUMNS:
        fix = f"delete the columns after {column_letters(layout.last_column) or 'the table'}"
    elif layout.last_row and row > layout.last_row + WIDEST_GAP:
        fix = f"delete the rows below row {layout.last_row}"
    if fix:
        raise DataError([Problem(f"a cell lies far outside the table ({cell})", fix=plain(fix))], source=name)


def _column(cell: ElementTree.Element) -> int | None:
    found = _CELL.fullmatch(cell.get("r") or "")
    return _place(found[1]) if found else None


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place


def _merged(reference: str) -> list[Merged]:
    ends = [_CELL.fullmatch(end) for end in reference.split(":")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return []
    first, last = ends[0], ends[1]
    return [Merged(int(first[2]), int(last[2]), _place(first[1]), _place(last[1]))]
