"""A refused cell, a contradiction and a conflict are told in the words of whoever brought the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from features.field import FieldSpec
from features.intake.cells import CORRECT, LEAVE_BLANK, NOT_WHOLE, CellError, is_date_like
from features.intake.dates import shape
from features.intake.grid import RawTable
from features.intake.origin import Origin
from features.intake.patient_rows import RowConflict
from features.problems import Problem
from features.rules import Contradiction
from features.schema import all_fields

CORRECTIONS: Mapping[str, str] = {
    "lies after last_contact_day": "correct the one that is wrong",
    "must equal last_contact_day": "correct the one that is wrong",
    "is required with": "fill it in, or blank the others",
    "is required,": "fill it in",
    "must be blank when": "blank it, or correct the grade",
    "must be true when": "correct the one that is wrong",
    "5 means death": "fill in death_day, or correct the grade",
    "lies before the remission": "correct relapse_day, response_day or the response",
    "was assessed": "correct the response or its day, or last_contact_day",
    "and dose_total_1e6": "correct the dose, the total or the weight",
    "divided by": "correct the total or the weight",
    "must be unique": "number the infusions 1, 2, ...; is a row there twice?",
    "must be the same": "correct the one that is wrong",
    "must not fall": "correct the one that is wrong",
}
"""How contradictions begin, and what to do about them."""


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


def _fix(position: int, spec: FieldSpec, cell: str, error: CellError, origin: Origin) -> str | None:
    if spec.name in origin.dated and cell.startswith("-"):
        order = "birth" if spec.unit == "years" else "infusion"
        return f"the date lies before the {order}: are the columns swapped?"
    if not origin.mapped:
        return error.fix
    if error.fix == NOT_WHOLE:
        return "set round = true, or correct the cell"
    if error.fix == LEAVE_BLANK:
        return 'correct the cell, or, if it means "unknown", add it to missing'
    unit = _other_unit(spec, cell)
    if (position, spec.name) in origin.cells and (unit or error.fix == CORRECT):
        return "correct the cell, or unit, factor and offset in the mapping file"
    return f'{unit}? set unit = "{unit}"' if unit else error.fix


def _other_unit(spec: FieldSpec, cell: str) -> str | None:
    """Name the unit in which a value outside the limits would lie inside."""
    try:
        value = float(cell)
    except ValueError:
        return None
    names = [other.name for other in spec.other_units if spec.allows(value * other.factor)]
    return names[0].partition(",")[0] if names and not spec.allows(value) else None


def contradiction_problem(
    table: RawTable, position: int, row: Mapping[str, Any], contradiction: Contradiction, origin: Origin
) -> Problem:
    """Tell what contradicts itself within a row."""
    column, words = contradiction
    known = [name for name in involved(contradiction) if row.get(name) is not None]
    return Problem(
        words,
        origin.column(column),
        row=origin.row(table, position, column),
        found=", ".join(f"{name} {_shown(row[name])}" for name in known) or None,
        fix=_correction(words),
    )


@lru_cache(maxsize=256)
def involved(contradiction: Contradiction) -> tuple[str, ...]:
    """Name the columns that a contradiction is about, its own first."""
    named = re.findall(r"[a-z0-9_]+", " ".join(contradiction))
    return tuple(dict.fromkeys(name for name in named if name in all_fields()))


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
        fix=_correction(conflict.rule),
    )


def _correction(words: str) -> str:
    return next((fix for begin, fix in CORRECTIONS.items() if words.startswith(begin)), CORRECT)


def _shown(value: Any) -> str:
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
