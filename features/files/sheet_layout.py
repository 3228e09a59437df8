"""What a sheet of a workbook says beside its values: how far they reach, what is merged, what is hidden."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from features.advice import plain
from features.files.raw_table import MAX_COLUMNS
from features.problem_codes import Code
from features.problems import DataError, Problem

WIDEST_GAP = 1_000
"""Blank rows after which a cell with content is far outside the table."""

SHEET_COLUMNS = 16_384
"""Of any sheet, by its format."""

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
    uncalculated_rows : list of int
        Rows with a formula that has no value.
    """

    last_row: int = 0
    last_column: int = 0
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    uncalculated_rows: list[int] = field(default_factory=list)


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
        If a cell with content is far outside the table, or a row has more cells than a sheet has columns.
    """
    reading = _Reading(name)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.ParseFile(file)
    layout = reading.layout
    layout.hidden_columns = [column for column in layout.hidden_columns if column <= layout.last_column]
    return layout


class _Reading:
    """Follows the elements of a sheet: no tree is built, however many there are."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.layout = SheetLayout()
        self.row = self.column = self.cells = 0
        self.row_hidden = self.in_value = False
        self.value = self.formula = self.inline = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition("}")[2]:
            case "row":
                self.row, self.column, self.cells = int(attributes.get("r") or self.row + 1), 0, 0
                self.row_hidden = attributes.get("hidden") in ("1", "true")
            case "c":
                self.cells += 1
                self.column = _column(attributes.get("r") or "") or self.column + 1
                self.value = self.formula = self.inline = False
            case "v":
                self.in_value = True
            case "f":
                self.formula = True
            case "is":
                self.inline = True
            case "mergeCell":
                self.layout.merged += _merged(attributes.get("ref") or "")
            case "col" if attributes.get("hidden") in ("1", "true"):
                first, last = int(attributes.get("min") or 0), int(attributes.get("max") or 0)
                self.layout.hidden_columns += range(first, min(last, MAX_COLUMNS) + 1)

    def text(self, text: str) -> None:
        self.value = self.value or (self.in_value and bool(text))

    def end(self, tag: str) -> None:
        match tag.rpartition("}")[2]:
            case "v":
                self.in_value = False
            case "c":
                self._cell()

    def _cell(self) -> None:
        if self.cells > SHEET_COLUMNS:
            wide = Problem(
                Code.TOO_MANY_COLUMNS,
                f"a sheet has at most {SHEET_COLUMNS} columns",
                row=self.row,
                value_text="more cells",
            )
            raise DataError([wide], source=self.name)
        if not (self.value or self.formula or self.inline):
            return
        layout = self.layout
        _refuse_far(layout, self.row, self.column, self.name)
        layout.last_column = max(layout.last_column, self.column)
        if self.row_hidden and layout.hidden_rows[-1:] != [self.row]:
            layout.hidden_rows.append(self.row)
        layout.last_row = max(layout.last_row, self.row)
        uncalculated = self.formula and not self.value and not self.inline
        if uncalculated and layout.uncalculated_rows[-1:] != [self.row]:
            layout.uncalculated_rows.append(self.row)


def column_letters(number: int) -> str:
    """Name a column as a spreadsheet does.

    Examples
    --------
    >>> column_letters(1), column_letters(28), column_letters(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _refuse_far(layout: SheetLayout, row: int, column: int, name: str) -> None:
    cell = f"{column_letters(column)}{row}"
    fix = None
    if column > MAX_COLUMNS:
        fix = f"delete the columns after {column_letters(layout.last_column) or 'the table'}"
    elif layout.last_row and row > layout.last_row + WIDEST_GAP:
        fix = f"delete the rows below row {layout.last_row}"
    if fix:
        raise DataError(
            [Problem(Code.CELL_FAR_OUTSIDE, f"a cell is far outside the table ({cell})", advice=plain(fix))],
            source=name,
        )


def _column(reference: str) -> int | None:
    match = _CELL.fullmatch(reference)
    return _column_number(match[1]) if match else None


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _merged(reference: str) -> list[Merged]:
    ends = [_CELL.fullmatch(end) for end in reference.split(":")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return []
    first, last = ends[0], ends[1]
    return [Merged(int(first[2]), int(last[2]), _column_number(first[1]), _column_number(last[1]))]
