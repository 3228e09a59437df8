"""The columns of the list, and what a data manager can decide about a line."""

from __future__ import annotations

from enum import StrEnum


class Choice(StrEnum):
    """What is to happen with a cell; the words are those of the list."""

    CORRECT = "correct"
    BLANK = "make blank (unknown)"
    LEAVE = "leave as it is (confirmed)"


class Heading(StrEnum):
    """Columns of the list, in their order; the last ones are hidden."""

    ROW = "Row"
    COLUMN = "Column"
    VALUE = "Value in the file"
    PROBLEM = "Problem"
    EXPECTED = "Expected"
    DECISION = "Decision"
    CORRECTED = "Corrected value"
    COMMENT = "Comment"
    KIND = "Kind"
    FILE_KEY = "File key"
    ROW_KEY = "Row key"
    CELL_KEY = "Cell key"


TO_FILL_IN = (Heading.DECISION, Heading.CORRECTED, Heading.COMMENT)
HIDDEN = (Heading.KIND, Heading.FILE_KEY, Heading.ROW_KEY, Heading.CELL_KEY)
SHA256 = "sha256:"
"""Before a digest, so that a spreadsheet takes it as text."""

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that a spreadsheet would take as a formula."""


def as_text(cell: str) -> str:
    """Write a cell of a CSV file so that no spreadsheet runs it.

    Examples
    --------
    >>> as_text("=1+1"), as_text("-3"), as_text("12")
    ("'=1+1", "'-3", '12')
    """
    return f"'{cell}" if cell.startswith((*RUN_BY_SPREADSHEETS, "'")) else cell


def from_text(cell: str) -> str:
    """Take the mark of `as_text` away.

    Examples
    --------
    >>> [from_text(as_text(cell)) for cell in ("=1+1", "'a", "12")]
    ['=1+1', "'a", '12']
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*RUN_BY_SPREADSHEETS, "'")) else cell
