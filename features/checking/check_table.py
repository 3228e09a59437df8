"""A table in the schema's columns becomes a cohort, or is refused with every problem in it."""

from __future__ import annotations

from dataclasses import dataclass

from features.advice import plain
from features.checking.cell_problems import cell_problem, conflict_problem, contradiction_problem
from features.checking.cell_provenance import CellKey, Origin
from features.checking.heading_problems import heading_problems
from features.checking.masking import masked
from features.checking.parse_cell import CellError, Value, parse_cell
from features.checking.rows_of_a_patient import RowConflict, row_conflicts
from features.cohort import Cohort, cohort_from_rows
from features.field import FieldSpec
from features.files.merged_cells import merged_problems
from features.files.raw_table import RawTable
from features.problem_codes import Code
from features.problems import DataError, Problem, grouped
from features.rules import follow_up_contradictions, patient_contradictions
from features.schema import all_fields
from features.short_repr import ShortRepr

FEWEST_OTHERS = 3
"""Columns beside ``patient_id`` from which on a row without any value counts as a footer."""

MOST_INFUSIONS = 200_000
"""Rows of a cohort: more than were ever infused with CAR T cells; a longer table is not a cohort."""

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
      age_years must be 0 to 100 years, got 310 (row 3): correct the cell; if it is in months, divide by 12
    """
    return cohort_of(check_rows(table, origin), table)


def cohort_of(rows: list[TypedRow], table: RawTable) -> Cohort:
    """Make a cohort of the rows of a table that has no problem."""
    return cohort_from_rows(
        rows,
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
    examined = examine(table, origin)
    if examined.problems:
        raise DataError(examined.problems, source=table.name)
    return examined.rows


@dataclass(frozen=True, repr=False)
class Examined(ShortRepr):
    """A checked table.

    Parameters
    ----------
    rows : list of dict
        Values by column of the table, None where blank or refused.
    problems : tuple of Problem
        Everything that is wrong; identifiers of patients are not in them.
    """

    rows: list[TypedRow]
    problems: tuple[Problem, ...]


def examine(table: RawTable, origin: Origin | None = None) -> Examined:
    """Type the values of a table and find every problem of it, refusing nothing.

    Parameters
    ----------
    table : RawTable
        In the schema's columns.
    origin : Origin, optional
        Where its cells come from, if a mapping file made it.

    Returns
    -------
    examined : Examined

    Raises
    ------
    DataError
        If the table is too long to be a cohort.
    """
    if len(table.rows) > MOST_INFUSIONS:
        rule = f"a row must be an infusion, and a cohort at most {MOST_INFUSIONS} rows"
        raise DataError(
            [Problem(Code.TOO_MANY_ROWS, rule, value_text=f"{len(table.rows)} rows")], source=table.name
        )
    source = origin or Origin()
    rows, cell_problems, failed = _typed_rows(table, source)
    contradictions = _contradictions(table, rows, failed, source)
    conflicts = [
        conflict_problem(table, rows, conflict, source)
        for conflict in row_conflicts(rows)
        if not failed.intersection(_compared(conflict))
    ]
    in_rows = [*source.problems, *cell_problems, *contradictions, *conflicts]
    in_rows += [] if source.mapped else _bare_rows(table)
    by_row = sorted(dict.fromkeys(in_rows), key=lambda item: item.row or 0)
    problems = [*heading_problems(table), *merged_problems(table), *by_row]
    identifiers = source.identifiers or _identifiers(table)
    return Examined(rows, tuple(grouped(masked(problems, identifiers))))


def _identifiers(table: RawTable) -> frozenset[str]:
    return frozenset(table.column("patient_id") if "patient_id" in table.columns else [])


def _bare_rows(table: RawTable) -> list[Problem]:
    """Refuse rows with an identifier only; in a narrow table all else may be unknown."""
    if "patient_id" not in table.columns or len(table.columns) <= FEWEST_OTHERS:
        return []
    id_column = table.columns.index("patient_id")
    return [
        bare_row(number)
        for number, cells in zip(table.row_numbers, table.rows, strict=True)
        if cells[id_column] and not any(cells[:id_column]) and not any(cells[id_column + 1 :])
    ]


def bare_row(number: int) -> Problem:
    """Report a row that has an identifier and no values."""
    fix = plain("is it a total or footer? Delete it, or drop it in the mapping file")
    return Problem(Code.ROW_WITHOUT_VALUES, "the row has an identifier and no values", row=number, advice=fix)


def _typed_rows(table: RawTable, origin: Origin) -> tuple[list[TypedRow], list[Problem], set[CellKey]]:
    """Parse column by column, since most of a column's cells repeat."""
    rows: list[TypedRow] = [{} for _ in table.rows]
    problems: list[Problem] = []
    failed = set(origin.failed)
    for name in (column for column in table.columns if column in all_fields()):
        spec = all_fields()[name]
        parsed: dict[tuple[type, str], Value | CellError | None] = {}
        for position, cell in enumerate(table.column(name)):
            kind = type(cell), cell
            if kind not in parsed:
                parsed[kind] = _parsed(spec, cell)
            value = parsed[kind]
            if isinstance(value, CellError) and (position, name) not in failed:
                problems.append(cell_problem(table, position, spec, cell, value, origin))
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
        return CellError(Code.REQUIRED, "is required")
    return value


def _contradictions(
    table: RawTable, rows: list[TypedRow], failed: set[CellKey], origin: Origin
) -> list[Problem]:
    """Apply the rules within a row; a cell that was refused already is not reported again."""
    dose = all_fields()["dose_1e6_per_kg"]
    problems: list[Problem] = []
    for position, row in enumerate(rows):
        contradictions = [
            *patient_contradictions(row, dose=dose, dose_needed=False),
            *follow_up_contradictions(row),
        ]
        problems += [
            contradiction_problem(table, position, row, contradiction, origin)
            for contradiction in contradictions
            if not any((position, name) in failed for name in contradiction.columns)
        ]
    return problems


def _compared(conflict: RowConflict) -> set[CellKey]:
    """Name the cells that a conflict rests on."""
    columns = {conflict.column, "infusion_number"}
    return {(position, column) for position in (conflict.position, conflict.other) for column in columns}
