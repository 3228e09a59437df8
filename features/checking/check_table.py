"""A table in the schema's columns becomes a cohort, or is refused with every problem in it."""

from __future__ import annotations

from dataclasses import dataclass

from features.advice import plain
from features.checking.cell_problems import cell_problem, conflict_problem, contradiction_problem
from features.checking.cell_provenance import CellKey, Origin
from features.checking.contradiction_screen import may_contradict
from features.checking.heading_problems import heading_problems
from features.checking.masking import masked
from features.checking.patient_register import PatientRegister
from features.checking.typed_columns import TableReader, TypedColumns, TypedRow
from features.cohort import Cohort, cohort_from_columns
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
    return cohort_of(_checked(table, origin), table)


def cohort_of(examined: Examined, table: RawTable) -> Cohort:
    """Make a cohort of a table that has no problem."""
    typed = examined.typed
    return cohort_from_columns(
        typed.numbers,
        typed.texts,
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
    return _checked(table, origin).rows


@dataclass(frozen=True, repr=False)
class Examined(ShortRepr):
    """A checked table.

    Parameters
    ----------
    typed : TypedColumns
        Values by column of the table.
    problems : tuple of Problem
        Everything that is wrong; identifiers of patients are not in them.
    single : tuple of Problem
        The same one by one, not grouped.
    """

    typed: TypedColumns
    problems: tuple[Problem, ...]
    single: tuple[Problem, ...] = ()

    @property
    def rows(self) -> list[TypedRow]:
        """Values row by row, None where blank or refused."""
        return self.typed.rows()


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
    typed, problems, failed = examine_rows(table, TableReader(), source)
    register = PatientRegister()
    register.add(typed)
    problems += [
        conflict_problem(
            conflict,
            register,
            source,
            row=table.row_numbers[conflict.position],
            other=f"row {table.row_numbers[conflict.other]}",
        )
        for conflict in register.conflicts(failed)
    ]
    problems += [] if source.mapped else bare_rows(table)
    reported = [*heading_problems(table), *merged_problems(table), *in_row_order(problems)]
    identifiers = source.identifiers or _identifiers(table)
    single = masked(reported, identifiers)
    return Examined(typed, tuple(grouped(single)), tuple(single))


def examine_rows(
    table: RawTable, reader: TableReader, origin: Origin
) -> tuple[TypedColumns, list[Problem], set[CellKey]]:
    """Type the values of a table, and find what is wrong within each of its rows.

    Parameters
    ----------
    table : RawTable
        In the schema's columns.
    reader : TableReader
        Of the file that the table is of.
    origin : Origin
        Where its cells come from.

    Returns
    -------
    typed : TypedColumns
    problems : list of Problem
        Of the origin, of cells, and contradictions within a row.
    failed : set of CellKey
        Refused cells.
    """
    typed, errors = reader.read(table)
    problems, failed = list(origin.problems), set(origin.failed)
    for position, spec, cell, error in errors:
        if (position, spec.name) not in failed:
            problems.append(cell_problem(table, position, spec, cell, error, origin))
        failed.add((position, spec.name))
    return typed, [*problems, *_contradictions(table, typed, failed, origin)], failed


def in_row_order(problems: list[Problem]) -> list[Problem]:
    """Sort problems by their row, each once."""
    return sorted(dict.fromkeys(problems), key=lambda item: item.row or 0)


def _checked(table: RawTable, origin: Origin | None) -> Examined:
    examined = examine(table, origin)
    if examined.problems:
        raise DataError(examined.problems, source=table.name)
    return examined


def _identifiers(table: RawTable) -> frozenset[str]:
    return frozenset(table.column("patient_id") if "patient_id" in table.columns else [])


def bare_rows(table: RawTable) -> list[Problem]:
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


def _contradictions(
    table: RawTable, typed: TypedColumns, failed: set[CellKey], origin: Origin
) -> list[Problem]:
    """Apply the rules within a row; a cell that was refused already is not reported again."""
    dose = all_fields()["dose_1e6_per_kg"]
    problems: list[Problem] = []
    for position in may_contradict(typed).tolist():
        row = typed[position]
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
