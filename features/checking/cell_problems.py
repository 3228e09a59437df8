"""Problems of cells, contradictions and conflicts, in the terms of the file that was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from features.advice import Advice, plain
from features.checking.cell_provenance import Origin
from features.checking.dates import shape
from features.checking.parse_cell import CellError, is_date_like
from features.checking.rows_of_a_patient import RowConflict
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.known_units import units_of
from features.problem_codes import Code
from features.problems import Problem
from features.rules import Contradiction


class Rows(Protocol):
    """Gives the values of a row by column, by its position."""

    def __getitem__(self, position: int, /) -> Mapping[str, Any]:
        """Give one row."""
        ...


def cell_problem(
    table: RawTable, position: int, spec: FieldSpec, cell: str, error: CellError, origin: Origin
) -> Problem:
    """Report a refused cell."""
    shown = error.value_text or (shape(cell) if is_date_like(cell) else cell)
    return Problem(
        error.code,
        error.rule,
        origin.column(spec.name),
        row=origin.row(table, position, spec.name),
        value_text=None
        if spec.name in origin.hidden
        else origin.cell_text(position, spec.name, shown) or "blank",
        advice=_advice(position, spec, cell, error, origin),
    )


def _advice(position: int, spec: FieldSpec, cell: str, error: CellError, origin: Origin) -> Advice | None:
    if spec.name in origin.dated and cell.startswith("-"):
        order = "birth" if spec.unit == "years" else "infusion"
        return plain(f"the date is before the {order}: are the columns swapped?")
    if not origin.mapped:
        return error.advice
    if error.code == Code.NOT_WHOLE:
        return plain("set round = true, or correct the cell")
    if error.code == Code.UNKNOWN_VALUE:
        return plain('correct the cell, or, if it means "unknown", add it to missing')
    unit = _other_unit(spec, cell)
    if (position, spec.name) in origin.cells and (unit or error.code == Code.OUTSIDE_LIMITS):
        return plain("correct the cell, or unit, factor and offset in the mapping file")
    return plain(f'{unit}? set unit = "{unit}"') if unit else error.advice


def _other_unit(spec: FieldSpec, cell: str) -> str | None:
    """Name the unit in which a value outside the limits would lie inside."""
    try:
        value = float(cell)
    except ValueError:
        return None
    others = () if spec.allows(value) else spec.other_writings(value)
    names = [other.name.partition(",")[0] for other in others]
    return next((name for name in names if name in units_of(spec)), None)


def contradiction_problem(
    table: RawTable, position: int, row: Mapping[str, Any], contradiction: Contradiction, origin: Origin
) -> Problem:
    """Report columns that contradict each other within a row."""
    known = [name for name in contradiction.columns if row.get(name) is not None]
    return Problem(
        contradiction.code,
        contradiction.text,
        origin.column(contradiction.column),
        row=origin.row(table, position, contradiction.column),
        value_text=", ".join(f"{name} {_shown(row[name])}" for name in known) or None,
        advice=contradiction.advice,
    )


def conflict_problem(conflict: RowConflict, rows: Rows, origin: Origin, *, row: int, other: str) -> Problem:
    """Report a row that contradicts another row of the same patient.

    Parameters
    ----------
    conflict : RowConflict
    rows : Rows
        Values by the positions of the conflict.
    origin : Origin
        Where the cells come from.
    row : int
        Of the file.
    other : str
        The row that it contradicts, in words.
    """
    here, there = (
        _shown(rows[position].get(conflict.column)) for position in (conflict.position, conflict.other)
    )
    return Problem(
        conflict.code,
        conflict.rule,
        origin.column(conflict.column),
        row=row,
        value_text=f"{here}, and {there} in {other}",
        advice=conflict.advice,
    )


def _shown(value: Any) -> str:
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
