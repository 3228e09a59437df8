"""A refused cell, a contradiction and a conflict are told in the words of whoever brought the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.advice import Advice, plain
from features.checking.cell_provenance import Origin
from features.checking.dates import shape
from features.checking.parse_cell import CORRECT, LEAVE_BLANK, NOT_WHOLE, CellError, is_date_like
from features.checking.rows_of_a_patient import RowConflict
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.known_units import units_of
from features.problems import Problem
from features.rules import Contradiction


def cell_problem(
    table: RawTable, position: int, spec: FieldSpec, cell: str, error: CellError, origin: Origin
) -> Problem:
    """Tell a cell that is refused."""
    found = error.found or (shape(cell) if is_date_like(cell) else cell)
    return Problem(
        error.rule,
        origin.column(spec.name),
        row=origin.row(table, position, spec.name),
        found=None if spec.name in origin.hidden else origin.found(position, spec.name, found) or "blank",
        fix=_fix(position, spec, cell, error, origin),
    )


def _fix(position: int, spec: FieldSpec, cell: str, error: CellError, origin: Origin) -> Advice | None:
    if spec.name in origin.dated and cell.startswith("-"):
        order = "birth" if spec.unit == "years" else "infusion"
        return plain(f"the date lies before the {order}: are the columns swapped?")
    if not origin.mapped:
        return error.fix
    if error.fix is NOT_WHOLE:
        return plain("set round = true, or correct the cell")
    if error.fix is LEAVE_BLANK:
        return plain('correct the cell, or, if it means "unknown", add it to missing')
    unit = _other_unit(spec, cell)
    if (position, spec.name) in origin.cells and (unit or error.fix is CORRECT):
        return plain("correct the cell, or unit, factor and offset in the mapping file")
    return plain(f'{unit}? set unit = "{unit}"') if unit else error.fix


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
    """Tell what contradicts itself within a row."""
    known = [name for name in contradiction.columns if row.get(name) is not None]
    return Problem(
        contradiction.rule,
        origin.column(contradiction.column),
        row=origin.row(table, position, contradiction.column),
        found=", ".join(f"{name} {_shown(row[name])}" for name in known) or None,
        fix=contradiction.fix,
    )


def conflict_problem(
    table: RawTable, rows: list[dict[str, Any]], conflict: RowConflict, origin: Origin
) -> Problem:
    """Tell a row that contradicts another row of the same patient."""
    other = table.row_numbers[conflict.other]
    here, there = (_shown(rows[place].get(conflict.column)) for place in (conflict.position, conflict.other))
    return Problem(
        conflict.rule,
        origin.column(conflict.column),
        row=table.row_numbers[conflict.position],
        found=f"{here}, and {there} in row {other}",
        fix=conflict.fix,
    )


def _shown(value: Any) -> str:
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
