"""The mapping of a recipe's columns, with the units that the database has of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from features.advice import plain
from features.checking.parse_cell import CellError
from features.field import FieldSpec
from features.known_units import unit_named, units_of
from features.mapping.definition import SiteMapping
from features.mapping.file import mapping_of
from features.mapping.site_values import Condition
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.schema import all_fields
from training.omop.chosen_cell import Chosen, Status
from training.omop.project_data import unit_spellings
from training.omop.recipe import UNIT, ColumnRule, Recipe

Cells = Mapping[str, Sequence[Chosen]]

CONVERTED = ("unit", "factor")
"""Keys with which an entry says itself how its numbers are converted."""
BESIDE = ("divide_by", "multiply_by", "subtract")
"""Keys that take the numbers of another column as they are, without a conversion."""


def site_mapping(recipe: Recipe, cells: Cells) -> tuple[SiteMapping, list[str]]:
    """Make the mapping of a recipe's columns.

    Parameters
    ----------
    recipe : Recipe
        With a mapping of its columns, in which no unit is needed.
    cells : mapping of str to sequence of Chosen
        By column, one for each infusion.

    Returns
    -------
    mapping : SiteMapping
        A column of numbers is converted from the unit of each record.
    notes : list of str
        How many values were in another unit than the schema's.

    Raises
    ------
    DataError
        With every unit that is not known, every column of several units by which numbers are divided or
        multiplied, and every mistake of the mapping.
    """
    problems: list[Problem] = []
    notes: list[str] = []
    rules = {rule.name: rule for rule in recipe.columns}
    fields = {
        name: _with_units(all_fields()[name], entry, rules, cells, problems, notes)
        if name in all_fields()
        else entry
        for name, entry in recipe.mapping["fields"].items()
    }
    for name, entry in recipe.mapping["fields"].items():
        problems += _mixed_units(name, entry, rules, cells)
    if problems:
        raise DataError(problems, source=recipe.name)
    table = dict(recipe.mapping.get("table", {}))
    table.setdefault("infusion_date", "infusion_date")
    return mapping_of({"table": table, "fields": fields}, name=recipe.name), notes


def _with_units(
    spec: FieldSpec,
    entry: Any,
    rules: Mapping[str, ColumnRule],
    cells: Cells,
    problems: list[Problem],
    notes: list[str],
) -> Any:
    """Write an entry once for each unit that its column has."""
    entries = entry if isinstance(entry, list) else [entry]
    written: list[Any] = []
    for each in entries:
        content = {"column": each} if isinstance(each, str) else each
        rule = rules.get(content.get("column", "")) if isinstance(content, dict) else None
        if rule is None or rule.give != "number" or not spec.unit or any(key in content for key in CONVERTED):
            written.append(each)
            continue
        accepted = [cell for cell in cells[rule.name] if _is_accepted(content, rule, cell.unit)]
        units = _units(spec, rule, accepted, problems, notes)
        if any(cell.cell and cell.status is not Status.USED for cell in accepted):
            units.setdefault("", spec.unit)  # the cell of otherwise, in the unit of the field
        written += [_in_unit(content, rule, raw, unit) for raw, unit in units.items()] or [each]
    return written if isinstance(entry, list) or len(written) > 1 else written[0]


def _mixed_units(name: str, entry: Any, rules: Mapping[str, ColumnRule], cells: Cells) -> list[Problem]:
    """Find entries that divide, multiply or subtract by numbers of several units, such as kg and pounds."""
    problems = []
    entries = [each for each in (entry if isinstance(entry, list) else [entry]) if isinstance(each, dict)]
    for content, key in product(entries, BESIDE):
        rule = rules.get(content.get(key, ""))
        if rule is None or rule.give != "number":
            continue
        used = (cell for cell in cells[rule.name] if cell.cell and cell.status is Status.USED)
        units = sorted({cell.unit for cell in used if _is_accepted(content, rule, cell.unit)})
        if len(units) > 1:
            fix = f'make an entry for each unit: only_if = {{ "{UNIT.format(rule.name)}" = "{units[-1]}" }}'
            problems.append(
                Problem(
                    Code.UNEXPLAINED_UNIT,
                    f"takes {rule.name} as it is, in {len(units)} units",
                    f"fields.{name}.{key}",
                    value_text=", ".join(unit or "no unit" for unit in units),
                    advice=plain(f"{fix}, with its factor"),
                )
            )
    return problems


def _is_accepted(content: Mapping[str, Any], rule: ColumnRule, unit: str) -> bool:
    """Say whether the entry's own condition on the unit holds; without one, every unit is accepted."""
    tested = content.get("only_if", {})
    column = UNIT.format(rule.name)
    if not isinstance(tested, dict) or column not in tested:
        return True
    given = tested[column]
    accepted = tuple(map(str, given if isinstance(given, list) else [given]))
    try:
        return Condition(((column, accepted),)).holds({column: unit}, missing=())
    except CellError:  # a comparison with a number, which the mapping reports
        return False


def _in_unit(content: Mapping[str, Any], rule: ColumnRule, raw: str, unit: str) -> dict[str, Any]:
    only_if = {**content.get("only_if", {}), UNIT.format(rule.name): raw}
    return {**content, "unit": unit, "only_if": only_if}


def _units(
    spec: FieldSpec, rule: ColumnRule, cells: Sequence[Chosen], problems: list[Problem], notes: list[str]
) -> dict[str, str]:
    """Find the unit of a mapping file for each unit of a column."""
    counts = Counter(cell.unit for cell in cells if cell.cell and cell.status is Status.USED)
    known: dict[str, str] = {}
    for raw, count in sorted(counts.items()):
        unit = unit_of(raw, spec, rule.units)
        if unit is None:
            problems.append(_unexplained(spec, rule, raw, count))
            continue
        known[raw] = unit
        if units_of(spec)[unit] != 1:
            notes.append(f"{rule.name}: {counted(count, 'value')} in {unit}, converted to {spec.unit}")
    return known


def unit_of(raw: str, spec: FieldSpec, own: Mapping[str, str]) -> str | None:
    """Find the unit of a mapping file that a database means.

    Parameters
    ----------
    raw : str
        As the database writes it; blank if it does not say.
    spec : FieldSpec
        Field of the schema.
    own : mapping of str to str
        What the recipe says of units.

    Returns
    -------
    unit : str or None
        None if it is none of the field's.

    Examples
    --------
    >>> platelets = all_fields()["platelets_1e9_l"]
    >>> unit_of("10*3/uL", platelets, {}), unit_of("giga", platelets, {"giga": "10^9/L"})
    ('10^3/uL', '10^9/L')
    >>> unit_of("", platelets, {}) is None
    True
    """
    named = own.get(raw) or unit_spellings().get(raw, raw)
    return unit_named(named, units_of(spec)) if named else None


def _unexplained(spec: FieldSpec, rule: ColumnRule, raw: str, count: int) -> Problem:
    known = ", ".join(units_of(spec))
    key = f'units = {{ "{raw}" = "..." }}'
    return Problem(
        Code.UNEXPLAINED_UNIT,
        f"has {counted(count, 'value')} in a unit that {spec.name} does not know",
        f"columns.{rule.name}",
        value_text=raw or "no unit",
        advice=plain(f"add {key} with one of {known}, or ignore_units"),
    )
