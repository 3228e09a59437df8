"""A table of a manuscript as data: written as CSV and as a table of a Word document."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from features.short_repr import ShortRepr
from features.small_counts import MASKED as MASKED

NONE = "–"
INDENT = "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}"
"""Opens the label of a row below a heading row."""
FORMULA = ("=", "+", "-", "@", "\t")
"""A spreadsheet program takes a cell that starts so for a formula, and would run it."""
MASKED_NOTE = (
    "Masked: a count of 1 to 4 patients, or a count that is not shown so that such a count cannot be "
    "computed from the other cells and the sums. Summaries of fewer than 10 patients are masked too."
)


@dataclass(frozen=True, repr=False)
class ManuscriptTable(ShortRepr):
    """One table.

    Attributes
    ----------
    name : str
        Of its file, without ending.
    title : str
        Caption.
    headings : tuple of str
    rows : tuple of tuple of str
        A cell for each heading; the first is the label of the row.
    notes : tuple of str
        Footnotes.

    Examples
    --------
    >>> table = ManuscriptTable("t", "T", ("a", "b"), (("x", "1"),), ("note",))
    >>> table.masked
    False
    """

    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def masked(self) -> bool:
        """Whether any cell is masked."""
        return any(cell == MASKED for row in self.rows for cell in row)


def csv_text(table: ManuscriptTable) -> str:
    """Write a table as CSV.

    Parameters
    ----------
    table : ManuscriptTable

    Returns
    -------
    text : str
        Headings and rows, without caption and notes. It starts with a byte order mark, by which spreadsheet
        programs know UTF-8. A cell that such a program would take for a formula has an apostrophe before it.

    Examples
    --------
    >>> table = ManuscriptTable("t", "T", ("a", "b"), (("=1+1", "2"),))
    >>> csv_text(table).splitlines()[1]
    "'=1+1,2"
    """
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerows([*map(plain_cell, row)] for row in (table.headings, *table.rows))
    return "\ufeff" + written.getvalue()


def plain_cell(cell: str) -> str:
    """Make a cell that no spreadsheet program takes for a formula.

    Examples
    --------
    >>> plain_cell("@SUM(A1)"), plain_cell("−0.25"), plain_cell("12 (40.0)")
    ("'@SUM(A1)", '−0.25', '12 (40.0)')
    """
    cell = cell.replace("\r", " ")
    return f"'{cell}" if cell.lstrip(" \N{NO-BREAK SPACE}\n").startswith(FORMULA) else cell


def with_mask_note(table: ManuscriptTable) -> tuple[str, ...]:
    """Give the notes of a table, and what masked means where a cell is masked."""
    return (*table.notes, MASKED_NOTE) if table.masked else table.notes
