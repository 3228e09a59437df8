"""A list that came back: each line becomes a decision about one cell, or a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from features.advice import plain
from features.corrections.decisions import SHA256, Choice, Heading, from_text
from features.files.raw_table import RawTable
from features.files.read_table import read_table
from features.files.stored_numbers import StoredNumber
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.short_repr import ShortRepr

NEEDED = (
    Heading.ROW,
    Heading.COLUMN,
    Heading.DECISION,
    Heading.CORRECTED,
    Heading.FILE_KEY,
    Heading.ROW_KEY,
    Heading.CELL_KEY,
)
NO_LIST = plain("write one with `cart-outcomes check --fix-list`, and fill in that file")
AS_WRITTEN = plain(
    'save the list as an Excel workbook (.xlsx) or as "CSV UTF-8", with one sheet and the headings in row 1'
)
NO_CELL = plain("correct it in the table itself, and delete the decision")
UNCLEAR = plain(f"choose {Choice.CORRECT} and write a value, or choose one of the others and write none")


@dataclass(frozen=True, repr=False)
class Correction(ShortRepr):
    """A decision about one cell.

    Parameters
    ----------
    line : int
        Row of the list.
    row, column : int, str
        Of the site's table.
    choice : Choice
    value : str
        The corrected value; blank unless the choice is to correct.
    comment : str
        Reason, in the words of the list.
    kind : str
        Code of the problem or remark.
    row_key, cell_key : str
        Of the cell that the list was made of.
    """

    line: int
    row: int
    column: str
    choice: Choice
    value: str
    comment: str
    kind: str
    row_key: str
    cell_key: str


@dataclass(frozen=True, repr=False)
class ReturnedList(ShortRepr):
    """What a list says.

    Parameters
    ----------
    name, sha256 : str
        Of the list.
    of_file : str
        Digest of the table that the list was made of.
    corrections : tuple of Correction
        Line by line.
    n_open : int
        Lines without a decision.
    """

    name: str
    sha256: str
    of_file: str
    corrections: tuple[Correction, ...]
    n_open: int


def read_list(path: Path) -> ReturnedList:
    """Read a list that was filled in.

    Parameters
    ----------
    path : Path
        Excel or CSV file that `check --fix-list` wrote.

    Returns
    -------
    returned : ReturnedList

    Raises
    ------
    DataError
        If the file is no such list, or with every line whose decision is not clear.
    """
    table = _table(path)
    missing = [heading for heading in NEEDED if heading not in table.columns]
    if missing:
        rule = f"is no list of fixes: it has no column {', '.join(missing)}"
        raise DataError([Problem(Code.NOT_A_FIX_LIST, rule, advice=NO_LIST)], source=path.name)
    files = {cell.removeprefix(SHA256) for cell in table.column(Heading.FILE_KEY)}
    if len(files) > 1:
        rule = "has lines of several tables: import one list at a time"
        raise DataError([Problem(Code.NOT_A_FIX_LIST, rule)], source=path.name)
    corrections, problems, n_open = _lines(table)
    if problems:
        raise DataError(problems, source=path.name)
    return ReturnedList(path.name, table.sha256, files.pop(), tuple(corrections), n_open)


def _table(path: Path) -> RawTable:
    """Read the table of a list; no mapping file says how a list is written."""
    try:
        return read_table(path)
    except DataError as error:
        problems = [
            replace(each, advice=AS_WRITTEN) if each.advice and each.advice.as_option else each
            for each in error.problems
        ]
        raise DataError(problems, source=error.source) from None


def _lines(table: RawTable) -> tuple[list[Correction], list[Problem], int]:
    corrections: list[Correction] = []
    problems: list[Problem] = []
    n_open = 0
    for number, cells in zip(table.row_numbers, table.rows, strict=True):
        line = dict(zip(table.columns, map(_plain, cells), strict=True))
        decision, value = line[Heading.DECISION], line[Heading.CORRECTED]
        choice = _choice(decision, value)
        if not decision and not value:
            n_open += 1
        elif choice is None:
            rule = "decision and corrected value must fit together"
            problems.append(Problem(Code.CORRECTION_UNCLEAR, rule, row=number, advice=UNCLEAR))
        elif not line[Heading.CELL_KEY] or not line[Heading.ROW].isdigit():
            rule = "the line is not about a single cell"
            problems.append(Problem(Code.CORRECTION_UNCLEAR, rule, row=number, advice=NO_CELL))
        else:
            corrections.append(_correction(number, line, choice))
    return corrections, problems, n_open


def _plain(cell: str) -> str:
    """Keep a stored number as one; take the mark of a text away."""
    return cell if isinstance(cell, StoredNumber) else from_text(cell)


def _choice(decision: str, value: str) -> Choice | None:
    """Understand a decision; None where it contradicts the value, or is none of the choices."""
    choice = next((each for each in Choice if each.casefold() == decision.casefold()), None)
    if value:
        return Choice.CORRECT if choice is Choice.CORRECT or not decision else None
    return choice if choice is not Choice.CORRECT else None


def _correction(number: int, line: Mapping[str, str], choice: Choice) -> Correction:
    return Correction(
        line=number,
        row=int(line[Heading.ROW]),
        column=line[Heading.COLUMN],
        choice=choice,
        value=line[Heading.CORRECTED],
        comment=line.get(Heading.COMMENT, ""),
        kind=line.get(Heading.KIND, ""),
        row_key=line[Heading.ROW_KEY],
        cell_key=line[Heading.CELL_KEY],
    )
