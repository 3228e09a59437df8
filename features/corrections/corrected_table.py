"""Corrections are put into the cells of a table, each only where the cell is as the list knew it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from features.advice import plain
from features.corrections.cell_keys import CellKeys
from features.corrections.decisions import Choice
from features.corrections.returned_list import Correction, ReturnedList
from features.files.raw_table import RawTable
from features.problem_codes import Code
from features.problems import DataError, Problem

AGAIN = plain("write a new list with `cart-outcomes check --fix-list`")
ONE_DECISION = plain("decide the same in all lines of a cell, or leave the others blank")


def corrected(table: RawTable, returned: ReturnedList, identifiers: Collection[str]) -> RawTable:
    """Apply a list to a table.

    Parameters
    ----------
    table : RawTable
        In the site's columns, before any conversion.
    returned : ReturnedList
        Of this table, or of an earlier version of it: what counts is the cell.
    identifiers : collection of str
        Columns that say whose row it is.

    Returns
    -------
    corrected : RawTable
        The same rows and columns; a corrected value is text, never a formula.

    Raises
    ------
    DataError
        With every line whose row is not there or belongs to another patient, whose cell has another value
        than the list states, or that contradicts another line.
    """
    keys = CellKeys(table, identifiers, secret=returned.of_file)
    problems = [*_outdated(returned.corrections, keys), *_contradicting(returned.corrections)]
    if problems:
        raise DataError(problems, source=returned.name)
    rows = [list(cells) for cells in table.rows]
    for each in returned.corrections:
        position = keys.position(each.row)
        if position is not None and each.choice is not Choice.LEAVE:
            rows[position][table.columns.index(each.column)] = each.value
    return replace(table, rows=tuple(map(tuple, rows)))


def _outdated(corrections: Iterable[Correction], keys: CellKeys) -> Iterable[Problem]:
    """Find the lines whose cell is not as the list knew it; no value is shown."""
    for each in corrections:
        if keys.value(each.row, each.column) is None:
            rule = f"the table has no row {each.row} with a column {each.column}"
            yield Problem(Code.CORRECTION_ROW_UNKNOWN, rule, row=each.line, advice=AGAIN)
        elif keys.row(each.row) != each.row_key:
            rule = f"row {each.row} of the table is that of another patient than in the list"
            yield Problem(Code.CORRECTION_OUTDATED, rule, row=each.line, advice=AGAIN)
        elif keys.cell(each.row, each.column) != each.cell_key:
            rule = f"{each.column} in row {each.row} of the table has another value than in the list"
            yield Problem(Code.CORRECTION_OUTDATED, rule, row=each.line, advice=AGAIN)


def _contradicting(corrections: Iterable[Correction]) -> Iterable[Problem]:
    decided: dict[tuple[int, str], Correction] = {}
    for each in corrections:
        first = decided.setdefault((each.row, each.column), each)
        if (first.choice, first.value) != (each.choice, each.value):
            rule = f"decides otherwise about {each.column} in row {each.row} than line {first.line}"
            yield Problem(Code.CORRECTION_UNCLEAR, rule, row=each.line, advice=ONE_DECISION)
