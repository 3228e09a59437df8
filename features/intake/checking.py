"""A table in the schema's columns becomes a cohort, or is refused with every problem in it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from features.cohort import Cohort, cohort_from_rows
from features.field import FieldSpec
from features.intake.cells import CellError, Value, parse_cell
from features.intake.grid import RawTable
from features.intake.identifiers import personal_column
from features.intake.origin import Origin, Place
from features.intake.patient_rows import RowConflict, row_conflicts
from features.problems import DataError, Problem, grouped
from features.rules import Contradiction, follow_up_contradictions, patient_contradictions
from features.schema import all_fields
from features.suggestions import nearest

MOST_MISTYPED = 5
"""Unknown columns in a file without ``patient_id`` above which it is taken for a site's own table."""

TypedRow = dict[str, Value | None]


def check_table(table: RawTable, origin: Origin | None = None) -> Cohort:
    """Check a table and make a cohort of it.

    Parameters
    ----------
    table : RawTable
        In the schema's columns.
    origin : Origin, optional
        Where its cells come from, if a mapping file made it.

    Returns
    -------
    cohort : Cohort
        Row by row as in the file.

    Raises
    ------
    DataError
        With every problem of the table: columns, cells, contradictions within a row and between rows.

    Examples
    --------
    >>> table = RawTable("c.csv", "00", ("patient_id", "age_years"), (("a", "31"), ("b", "310")), (2, 3))
    >>> check_table(table)
    Traceback (most recent call last):
        ...
    features.problems.DataError: c.csv: 1 problem
      age_years must be 0 to 100 years, got 310 (row 3)
    """
    return cohort_from_rows(
        check_rows(table, origin),
        name=table.name,
        sha256=table.sha256,
        present=frozenset(table.columns),
        row_numbers=table.row_numbers,
    )


def check_rows(table: RawTable, origin: Origin | None = None) -> list[TypedRow]:
    """Check a table and type its values.

    Parameters
    ----------
    table : RawTable
        In the schema's columns.
    origin : Origin, optional
        Where its cells come from, if a mapping file made it.

    Returns
    -------
    rows : list of dict
        Values by column of the table, None where blank; nothing is filled in.

    Raises
    ------
    DataError
        As `check_table`.
    """
    place = origin or Origin()
    rows, cell_problems, failed = _typed_rows(table, place)
    contradictions = _contradictions(table, rows, failed, place)
    conflicts = [
        _conflict_problem(table, rows, conflict, place)
        for conflict in row_conflicts(rows)
        if not failed.intersection(_compared(conflict))
    ]
    in_rows = [*place.problems, *cell_problems, *contradictions, *conflicts]
    problems = [*_column_problems(table), *sorted(dict.fromkeys(in_rows), key=lambda item: item.row or 0)]
    if problems:
        raise DataError(grouped(problems), source=table.name)
    return rows


def _column_problems(table: RawTable) -> list[Problem]:
    known = all_fields()
    if not any(column in known for column in table.columns):
        return [
            Problem(
                "the heading names no column of the schema",
                fix="is the heading missing? A site's own table needs a mapping file (--mapping)",
            )
        ]
    unknown = [column for column in table.columns if column not in known]
    problems = [_unknown_column(column) for column in unknown]
    if "patient_id" in table.columns:
        return problems
    if len(unknown) > MOST_MISTYPED:
        words = f"columns are not of the schema: {', '.join(unknown)}"
        problems = [Problem(words, fix="a site's own table needs a mapping file (--mapping)")]
    return [*problems, Problem("is required: the file has no such column", "patient_id")]


def _unknown_column(column: str) -> Problem:
    if personal_column(column):
        return Problem(
            "is no column of the schema and may identify a person",
            column,
            fix="remove it; a cohort has days from infusion, no dates and no names",
        )
    near = nearest(column, all_fields())
    hint = f"did you mean {near}? Else " if near else ""
    return Problem(
        "is no column of the schema", column, fix=f"{hint}remove it, or map it with a mapping file"
    )


def _typed_rows(table: RawTable, origin: Origin) -> tuple[list[TypedRow], list[Problem], set[Place]]:
    """Parse column by column, since most of a column's cells repeat."""
    rows: list[TypedRow] = [{} for _ in table.rows]
    problems: list[Problem] = []
    failed = set(origin.failed)
    for name in (column for column in table.columns if column in all_fields()):
        spec = all_fields()[name]
        parsed: dict[str, Value | CellError | None] = {}
        for position, cell in enumerate(table.column(name)):
            if cell not in parsed:
                parsed[cell] = _parsed(spec, cell)
            value = parsed[cell]
            if isinstance(value, CellError) and (position, name) not in failed:
                problems.append(_cell_problem(table, position, spec, cell, value, origin))
            if isinstance(value, CellError):
                failed.add((position, name))
            rows[position][name] = None if isinstance(value, CellError) else value
    return rows, problems, failed


def _parsed(spec: FieldSpec, cell: str) -> Value | CellError | None:
    try:
        value = parse_cell(spec, cell)
    except CellError as error:
        return error
    if value is None and spec.name == "patient_id":
        return CellError("is required")
    return value


def _cell_problem(
    table: RawTable, position: int, spec: FieldSpec, cell: str, error: CellError, origin: Origin
) -> Problem:
    return Problem(
        error.rule,
        origin.column(spec.name),
        row=origin.row(table, position, spec.name),
        found=None if spec.name in origin.hidden else origin.found(position, spec.name, cell),
        fix=error.fix,
    )


def _contradictions(
    table: RawTable, rows: list[TypedRow], failed: set[Place], origin: Origin
) -> list[Problem]:
    """Apply the rules within a row; a cell that failed already is not told a second time."""
    dose = all_fields()["dose_1e6_per_kg"]
    problems = []
    for position, row in enumerate(rows):
        found = [
            *patient_contradictions(row, dose=dose, dose_needed=False),
            *follow_up_contradictions(row),
        ]
        for column, words in found:
            involved = _involved((column, words))
            if not any((position, name) in failed for name in involved):
                values = ", ".join(
                    f"{name} {_shown(row[name])}" for name in involved if row.get(name) is not None
                )
                row_number = origin.row(table, position, column)
                problems.append(Problem(words, origin.column(column), row=row_number, found=values))
    return problems


@lru_cache(maxsize=256)
def _involved(contradiction: Contradiction) -> tuple[str, ...]:
    """Name the columns that a contradiction is about, its own first."""
    named = re.findall(r"[a-z0-9_]+", " ".join(contradiction))
    return tuple(dict.fromkeys(name for name in named if name in all_fields()))


def _compared(conflict: RowConflict) -> set[Place]:
    """Name the cells that a conflict rests on."""
    columns = {conflict.column, "infusion_number"}
    return {(position, column) for position in (conflict.position, conflict.other) for column in columns}


def _conflict_problem(
    table: RawTable, rows: list[TypedRow], conflict: RowConflict, origin: Origin
) -> Problem:
    other = table.row_numbers[conflict.other]
    here, there = (_shown(rows[place].get(conflict.column)) for place in (conflict.position, conflict.other))
    return Problem(
        conflict.rule,
        origin.column(conflict.column),
        row=table.row_numbers[conflict.position],
        found=f"{here}, and {there} in row {other}",
    )


def _shown(value: Any) -> str:
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
