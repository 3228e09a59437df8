"""A grid of text cells becomes a table: one heading, rows of one length, none of them blank."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from features.advice import plain, table_setting
from features.files.stored_numbers import StoredNumber
from features.problem_codes import Code
from features.problems import DataError, Problem, grouped
from features.short_repr import ShortRepr

MAX_CELL_CHARACTERS = 10_000
"""A longer cell is a document, or an attack, and no value of a cohort."""

MAX_COLUMNS = 2_000
"""More headings than that are data that were laid the other way round, or no table at all."""

BLANKS = " \u00a0"
"""Space around a cell that is no part of it."""

Row = Sequence[str]

_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")

LABEL_HEADINGS = frozenset(
    {"Record ID", "Event Name", "Repeat Instrument", "Repeat Instance", "Complete?", "Data Access Group"}
)
"""Headings that REDCap writes when it exports labels instead of raw data."""

LABEL_EXPORT = Problem(
    Code.LABEL_EXPORT,
    "the headings are labels of a REDCap export",
    advice=plain('export it again as "CSV / Microsoft Excel (raw data)", whose headings are variable names'),
)
_BLANK_ROWS = table_setting("delete it, or {setting}", "skip_blank_rows", "true")
UNNAMED = "name or delete it; if the headings are in another row, name that row (heading_row, --heading-row)"


@dataclass(frozen=True)
class MergedRows:
    """Cells of a workbook that are shown as one.

    Parameters
    ----------
    first_row, last_row : int
        As a spreadsheet counts.
    columns : tuple of str
        Headings of the columns that they reach over.
    blank : bool
        Whether they hold no value.
    """

    first_row: int
    last_row: int
    columns: tuple[str, ...]
    blank: bool = False


@dataclass(frozen=True, repr=False)
class RawTable(ShortRepr):
    """A file as text: no cell has been understood yet.

    Parameters
    ----------
    name : str
        File name without its folder.
    sha256 : str
        Digest of the file's bytes, 64 hexadecimal digits.
    columns : tuple of str
        Headings, stripped, all different.
    rows : tuple of tuple of str
        Cells, one for each column; a blank cell is the empty text.
    row_numbers : tuple of int
        Of each row, as a spreadsheet counts: the first line of the file is row 1.
    merged : tuple of MergedRows
        Cells of a workbook that are shown as one; all but the first are blank.
    notes : tuple of str
        What was read although the file hides it.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]
    merged: tuple[MergedRows, ...] = ()
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> list[str]:
        """Cells of one column, from the first row to the last."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]


def table_of(
    grid: Sequence[Row],
    *,
    name: str,
    sha256: str,
    heading_row: int = 1,
    skip_blank_rows: bool = False,
    rows_before: int = 0,
    may_be_empty: bool = False,
) -> RawTable:
    """Make a table of a grid of cells.

    Parameters
    ----------
    grid : sequence of sequence of str
        Every row of the file from its first, a blank line as an empty row.
    name, sha256 : str
        Of the file.
    heading_row : int
        Row of the headings; those above it are left out.
    skip_blank_rows : bool
        Leave blank rows out instead of refusing those between rows with data.
    rows_before : int
        Rows of the file between the heading and the first row of the grid below it, where the grid is a
        part of a file that is read in parts.
    may_be_empty : bool
        Accept a table of headings alone, as a part of a partitioned folder.

    Returns
    -------
    table : RawTable
        Without blank rows at its end and without columns that have neither heading nor content.

    Raises
    ------
    DataError
        If the headings or the shape of the rows leave a doubt where a cell belongs.

    Examples
    --------
    >>> table_of([["a", "b"], ["1", " 2 "], []], name="t.csv", sha256="00").rows
    (('1', '2'),)
    >>> table_of([["a", "b"], ["1"]], name="t.csv", sha256="00")
    Traceback (most recent call last):
        ...
    features.problems.DataError: t.csv: 1 problem
      a row must have as many cells as the heading, 2, got 1 (row 2): is a delimiter or a quote missing?
    """
    heading = [one_line(cell) for cell in grid[heading_row - 1]] if len(grid) >= heading_row else []
    if not any(heading):
        nothing = Problem(
            Code.NO_HEADING, f"row {heading_row} must hold the headings of the columns, and is blank"
        )
        raise DataError([nothing], source=name)
    if LABEL_HEADINGS.intersection(heading) and len(LABEL_HEADINGS.intersection(heading)) > 1:
        raise DataError([LABEL_EXPORT], source=name)
    if len(heading) > MAX_COLUMNS:
        wide = Problem(
            Code.TOO_MANY_COLUMNS,
            f"the file must have at most {MAX_COLUMNS} columns",
            value_text=str(len(heading)),
        )
        raise DataError([wide], source=name)
    numbered = _rows_with_data(grid, heading_row, rows_before)
    if not numbered and not may_be_empty:
        raise DataError([Problem(Code.NO_ROWS, "the file has headings but no rows")], source=name)
    alone = sum(map(bool, heading)) == 1
    widest = max((sum(map(bool, cells)) for _, cells in numbered), default=0) if alone else 0
    if widest > 2:
        title = f"row {heading_row} has one heading for {widest} columns"
        raise DataError(
            [
                Problem(
                    Code.TITLE_ABOVE_HEADING,
                    title,
                    advice=table_setting(
                        "is it a title? Then {setting}", "heading_row", str(heading_row + 1)
                    ),
                )
            ],
            source=name,
        )
    blank = [row for row, cells in numbered if not any(cells)]
    kept = [(row, cells) for row, cells in numbered if any(cells)]
    problems = [
        *_heading_problems(heading, kept),
        *_row_problems(heading, kept, [] if skip_blank_rows else blank),
    ]
    if problems:
        raise DataError(grouped(problems), source=name)
    indices = [index for index, column in enumerate(heading) if column]
    every = len(indices) == len(heading)
    return RawTable(
        name=name,
        sha256=sha256,
        columns=tuple(heading[index] for index in indices),
        rows=tuple(tuple(cells) if every else tuple(cells[index] for index in indices) for _, cells in kept),
        row_numbers=tuple(row for row, _ in kept),
    )


def one_line(heading: str) -> str:
    r"""Write a heading that a cell shows in several lines in one.

    Examples
    --------
    >>> one_line(" LDH\n(U/L)")
    'LDH (U/L)'
    """
    return re.sub(r"[ \u00a0]*[\r\n]+[ \u00a0]*", " ", heading.strip())


def _rows_with_data(grid: Sequence[Row], heading_row: int, rows_before: int) -> list[tuple[int, list[str]]]:
    """Give the rows below the heading their numbers, down to the last that has content."""
    numbered = [
        (
            index + 1 + rows_before,
            # A stored number has no space around it, and stays one.
            [cell if isinstance(cell, StoredNumber) else cell.strip(BLANKS) for cell in grid[index]],
        )
        for index in range(heading_row, len(grid))
    ]
    while numbered and not any(numbered[-1][1]):
        numbered.pop()
    return numbered


def _heading_problems(heading: list[str], rows: list[tuple[int, list[str]]]) -> list[Problem]:
    repeated = len(set(heading) - {""}) < len([column for column in heading if column])
    if repeated and any(_NUMBER.fullmatch(column) for column in heading):
        return [
            Problem(
                Code.NUMBERS_IN_HEADING,
                "the first row has numbers where headings should be",
                advice=plain("is the heading missing?"),
            )
        ]
    problems = [
        Problem(
            Code.HEADING_REPEATED,
            "is repeated in the heading",
            column,
            advice=plain("two columns cannot share a name: rename one"),
        )
        for column, count in Counter(heading).items()
        if column and count > 1
    ]
    for index, column in enumerate(heading):
        if not column and any(index < len(cells) and cells[index] for _, cells in rows):
            problems.append(
                Problem(
                    Code.COLUMN_WITHOUT_HEADING,
                    f"column {index + 1} has content but no heading",
                    advice=plain(UNNAMED),
                )
            )
        if not column.isprintable():
            problems.append(
                Problem(
                    Code.HEADING_CHARACTERS,
                    "must not have control characters in its name",
                    column,
                )
            )
    return problems


def _row_problems(heading: list[str], rows: list[tuple[int, list[str]]], blank: list[int]) -> list[Problem]:
    problems = [
        Problem(Code.BLANK_ROW, "a blank row is between rows with data", row=row, advice=_BLANK_ROWS)
        for row in blank
    ]
    for row, cells in rows:
        if len(cells) != len(heading):
            problems.append(
                Problem(
                    Code.NUMBER_OF_CELLS,
                    f"a row must have as many cells as the heading, {len(heading)}",
                    row=row,
                    value_text=str(len(cells)),
                    advice=plain(
                        "is a delimiter or a quote missing?"
                        if len(cells) < len(heading)
                        else "is a delimiter inside a cell that is not quoted?"
                    ),
                )
            )
        if max(map(len, cells)) <= MAX_CELL_CHARACTERS:
            continue
        problems += [
            Problem(
                Code.CELL_TOO_LONG,
                f"must have at most {MAX_CELL_CHARACTERS} characters in a cell",
                heading[index] if index < len(heading) and heading[index] else f"column {index + 1}",
                row=row,
                value_text=f"{len(cell)} characters",
            )
            for index, cell in enumerate(cells)
            if len(cell) > MAX_CELL_CHARACTERS
        ]
    return problems
