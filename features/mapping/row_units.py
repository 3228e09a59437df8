"""The unit of each row of a further table: named in the mapping file, or one of the field's own."""

from __future__ import annotations

from typing import Any

from features.field import FieldSpec
from features.known_units import nearest_unit, unit_named, units_of
from features.mapping.linked_definition import OverTime
from features.mapping.site_values import ANY
from features.mapping.toml_entries import Entries, is_scalar
from features.problem_codes import Code


def row_units(spec: FieldSpec, entries: Entries) -> dict[str, float] | None:
    """Take the units as the rows state them, and what each means.

    Parameters
    ----------
    spec : FieldSpec
        What the schema says of the field.
    entries : Entries
        The entry; receives every mistake.

    Returns
    -------
    factors : dict of str to float, or None
        By the text of a row; None where the entry names no units.

    Examples
    --------
    >>> from features.schema import all_fields
    >>> row_units(all_fields()["ldh_u_l"], Entries("fields.ldh_u_l", {"units": {"µkat/l": "ukat/L"}}, []))
    {'µkat/l': 60.0}
    """
    content = entries.table("units")
    if content is None:
        return None
    inside, known = entries.inside("units", content), units_of(spec)
    return {written.strip(): _factor(spec, inside, written, unit, known) for written, unit in content.items()}


def _factor(spec: FieldSpec, inside: Entries, written: str, unit: Any, known: dict[str, float]) -> float:
    if isinstance(unit, int | float) and not isinstance(unit, bool) and 0 < unit < 1e300:
        return float(unit)
    named = unit_named(unit, known) if isinstance(unit, str) else None
    if named is None:
        near = nearest_unit(spec, unit) if isinstance(unit, str) else None
        fix = f"did you mean {near}? " if near else ""
        fix += f"known units are {', '.join(known)}; otherwise give a factor"
        shown = unit if is_scalar(unit) else None
        inside.refuse(Code.UNKNOWN_UNIT, written, "is not a known unit", value_text=shown, advice=fix)
        return 1.0
    return known[named]


def factor_of(unit: str, spec: FieldSpec, over_time: OverTime) -> float | None:
    """Give the factor of a row's unit.

    Parameters
    ----------
    unit : str
        As the row states it.
    spec : FieldSpec
        What the schema says of the field.
    over_time : OverTime
        With the units that the mapping file names.

    Returns
    -------
    factor : float or None
        None where the unit is not known. A number without unit needs none.

    Examples
    --------
    >>> from features.schema import all_fields
    >>> crp, rule = all_fields()["crp_mg_l"], OverTime("crp_mg_l.0", "labs", "result", "ld", "last")
    >>> factor_of("mg/dl", crp, rule), factor_of("mmol/L", crp, rule), factor_of("", crp, rule)
    (10.0, None, None)
    """
    if not spec.unit:
        return 1.0
    if over_time.units is None:
        known = units_of(spec)
        named = unit_named(unit, known) if unit else None
        return None if named is None else known[named]
    named = next((each for each in over_time.units if each == unit), None)
    if named is None and unit:
        named = next((each for each in over_time.units if each and each.casefold() == unit.casefold()), None)
        named = ANY if named is None and ANY in over_time.units else named
    return None if named is None else over_time.units[named]
