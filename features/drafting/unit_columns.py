"""A column that states the unit of every row of another one: a draft leaves that one to a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from features.drafting.entries import OPEN, Entry
from features.drafting.headings import unit_in
from features.drafting.toml_text import inline, quoted
from features.drafting.values import Values
from features.field import FieldSpec
from features.files.heading_rows import JOINT
from features.known_units import unit_named, units_of
from features.schema import all_fields

UNIT_WORDS = frozenset(
    ["unit", "units", "uom", "einheit", "einheiten", "unidad", "unidades", "unité", "unités", "единица"]
    + ["единицы", "единиц", "изм", "ед", "измерения", "unita", "unidade"]
)
"""Words of a heading that say that a column holds units."""

_UNIT_ITSELF = re.compile(r"(?:\bед|\bunits?)\.? ?/", re.IGNORECASE)


def unit_column_of(
    column: str, spec: FieldSpec, columns: Sequence[str], values: Mapping[str, Values]
) -> str | None:
    """Find the column that states the unit of every row of another one.

    Parameters
    ----------
    column : str
        With the numbers.
    spec : FieldSpec
        The field that they may be.
    columns : sequence of str
        Of the table, in its order.
    values : mapping of str to Values
        By column.

    Returns
    -------
    unit_column : str or None
        One that is named after the column (``crp_unit``); or that is beside it and is named unit, or
        holds units; or one named unit whose values are units of the field.
    """
    if len(units_of(spec)) < 2:
        return None
    candidates = (other for other in columns if other != column and not values[other].is_numeric)
    return next((other for other in candidates if _states(other, column, spec, columns, values[other])), None)


def _states(other: str, column: str, spec: FieldSpec, columns: Sequence[str], values: Values) -> bool:
    """Say whether a column states the units of another one."""
    if _UNIT_ITSELF.search(other):
        return False
    named, index = unit_in(other), list(columns).index(column)
    rest, holds = named - UNIT_WORDS, _holds_units(spec, values)
    stem = other.rpartition(JOINT)[0]
    if named & UNIT_WORDS and stem:
        # A group heading belongs to many columns; the headings above the last one are those of a pair.
        return column.startswith(f"{stem}{JOINT}")
    if named & UNIT_WORDS and rest:
        return bool(rest & unit_in(column))
    if named & UNIT_WORDS:
        return holds or (other in columns[index + 1 : index + 2] and not _are_units(values))
    return holds and other in columns[max(index - 1, 0) : index + 2]


def by_unit(
    entry: Entry, spec: FieldSpec, column: str, unit_column: str, values: Values, weight: str | None
) -> Entry:
    """Write one entry for each unit that a column states, for a person to finish.

    Parameters
    ----------
    entry : Entry
        Of the column with the numbers, as if it had one unit.
    spec : FieldSpec
        The field.
    column, unit_column : str
        Headings of the two columns.
    values : Values
        Of the column with the units.
    weight : str or None
        Column with the weight, if the table has one.

    Returns
    -------
    entry : Entry
        Never certain.
    """
    stated = [word for word in values.different if _unit(spec, word)] or [OPEN]
    ways = ", ".join(_way(spec, column, unit_column, word, weight) for word in stated)
    reason = f"{quoted(unit_column)} states the unit of each row: one entry for each unit, with only_if"
    return Entry(f"[{ways}]", reason, certain=False, fits=entry.fits)


def weight_column(columns: Sequence[str]) -> str | None:
    """Find the column with the weight by its heading."""
    return next((column for column in columns if "weight" in unit_in(column)), None)


def _way(spec: FieldSpec, column: str, unit_column: str, word: str, weight: str | None) -> str:
    unit = _unit(spec, word) or OPEN
    parts = [("column", quoted(column))]
    parts += [("unit", quoted(unit))] if unit != spec.unit else []
    if unit not in units_of(spec) and unit in units_of(spec, divided=True):
        parts.append(("divide_by", quoted(weight or OPEN)))
    elif unit not in units_of(spec) and unit != OPEN:
        parts.append(("multiply_by", quoted(weight or OPEN)))
    return inline([*parts, ("only_if", inline([(unit_column, quoted(word))]))])


def _unit(spec: FieldSpec, word: str) -> str | None:
    return unit_named(word, units_of(spec, divided=True)) or unit_named(word, units_of(spec, multiplied=True))


def _holds_units(spec: FieldSpec, values: Values) -> bool:
    """Say whether words are units, at least one of them of the field."""
    return _are_units(values) and any(_unit(spec, word) for word in values.different)


def _are_units(values: Values) -> bool:
    """Say whether all words are units of some field."""
    fields = [each for each in all_fields().values() if each.unit]
    return bool(values.different) and all(
        any(_unit(each, word) for each in fields) for word in values.different
    )
