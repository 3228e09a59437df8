"""Cells that an import got wrong, and whether anything reported them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.checking.check_table import check_rows
from features.mapping.conversion import Mapped
from features.problems import DataError, Problem
from features.read_cohort import open_table

CLOSE = 1e-3
"""Relative difference of two numbers that are the same: no unit differs so little from another."""

WORDS = {"yes": "true", "no": "false", "1": "true", "0": "false"}
"""Words for yes and no that the schema reads."""

OF_PATIENTS = ("infusion_number", "next_infusion_day")
"""Fields that are wrong where it is reported that the patient is not known."""

OF_FURTHER = " of labs)"
"""In a message about a value of the laboratory table."""


@dataclass(frozen=True)
class Comparison:
    """An import beside the truth.

    Attributes
    ----------
    silent : list of str
        Wrong cells that nothing reports.
    problems : list of str
        Messages.
    right : int
        Fields with a value that is right in every row.
    """

    silent: list[str]
    problems: list[str]
    right: int = 0


def compared(path: Path, mapping: str, truth: Mapping[str, Sequence[str]]) -> Comparison:
    """Import a table, and compare every cell with the truth.

    Parameters
    ----------
    path : Path
        The table; the mapping is written beside it.
    mapping : str
        TOML.
    truth : mapping of str to sequence of str
        Cells, by field.

    Returns
    -------
    comparison : Comparison
    """
    beside = path.with_suffix(".toml")
    beside.write_text(mapping, encoding="utf-8")
    try:
        mapped = open_table(path, mapping=beside)
    except DataError as error:
        return Comparison([], [str(problem) for problem in error.problems])
    reports = _reports(mapped)
    rows, expected = len(mapped.table.rows), len(truth["patient_id"])
    if rows != expected:
        lost = [] if reports else [f"{rows} rows for {expected}"]
        return Comparison(lost, [str(problem) for problem in reports])
    wrong = {
        field: list(_wrong(mapped, reports, field, truth[field]))
        for field in mapped.table.columns
        if field in truth
    }
    right = sum(not cells and any(mapped.table.column(field)) for field, cells in wrong.items())
    silent = [cell for cells in wrong.values() for cell, is_reported in cells if not is_reported]
    return Comparison(silent, [str(problem) for problem in reports], right)


def _wrong(
    mapped: Mapped, reports: Sequence[Problem], field: str, truth: Sequence[str]
) -> list[tuple[str, bool]]:
    """List the wrong cells of a field, and say of each whether it is reported."""
    named = (field, *(("patient_id",) if field in OF_PATIENTS else ()))
    rows = {
        row
        for problem in reports
        if (problem.column or "").startswith(named)
        for row in (problem.row, *problem.rows)
    }
    # Rows of a further table are its own: a problem there may concern any infusion.
    of_further = any(
        (problem.column or "").startswith(field) and OF_FURTHER in str(problem) for problem in reports
    )
    return [
        (f"{field} row {place}: {cell!r} for {true!r}", number in rows or of_further)
        for place, (cell, true, number) in enumerate(
            zip(mapped.table.column(field), truth, mapped.table.row_numbers, strict=True)
        )
        if not _same(cell, true)
    ]


def _reports(mapped: Mapped) -> list[Problem]:
    try:
        check_rows(mapped.table, mapped.origin)
    except DataError as error:
        return list(error.problems)
    return []


def _same(cell: str, true: str) -> bool:
    if cell == true or WORDS.get(cell.lower(), cell) == true:
        return True
    try:
        number, expected = float(cell), float(true)
    except ValueError:
        return False
    return abs(number - expected) <= CLOSE * abs(expected)
