"""The entries of a mapping file's fields, checked against the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from features.advice import plain
from features.checking.parse_cell import CellError, parse_cell
from features.field import FieldSpec
from features.known_units import nearest_unit, unit_named, units_of
from features.mapping.conditions import QUOTES, condition
from features.mapping.date_entries import date_rules
from features.mapping.definition import BelongsTo, BeyondLimit, FieldMapping, SiteDates, Take, WhenRule
from features.mapping.key_rules import refuse_contradictions
from features.mapping.linked_definition import LinkedTable
from features.mapping.missing_codes import with_missing_codes
from features.mapping.patterns import pattern_problem
from features.mapping.time_rules import refuse_mixed, timed_entry, timed_way
from features.mapping.toml_entries import Entries
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import Problem
from features.schema import all_fields


def field_mappings(
    fields: dict[str, Any],
    dates: SiteDates,
    problems: list[Problem],
    tables: tuple[LinkedTable, ...] = (),
) -> tuple[FieldMapping, ...]:
    """Check what a mapping file says of the schema's fields.

    Parameters
    ----------
    fields : dict
        Content of ``[fields]``.
    dates : SiteDates
        What holds of dates, unless a field says otherwise.
    problems : list of Problem
        Receives every mistake.
    tables : tuple of LinkedTable
        Further tables, whose rows are values over time.

    Returns
    -------
    mappings : tuple of FieldMapping
        In schema order.

    Examples
    --------
    >>> problems: list[Problem] = []
    >>> fields = {"patient_id": "id", "sex": {"column": "sx", "codes": {"1": "man"}}}
    >>> [how.columns for how in field_mappings(fields, SiteDates(), problems)]
    [('id',), ('sx',)]
    >>> print(*problems)
    fields.sex.codes.1 must be one of female, male, got man
    """
    for name in fields:
        if name not in all_fields():
            near = nearest(name, all_fields())
            fix = f"did you mean {near}?" if near else "see the data dictionary"
            problems.append(
                Problem(
                    Code.UNKNOWN_COLUMN, "is not a column of the schema", f"fields.{name}", advice=plain(fix)
                )
            )
    if fields and "patient_id" not in fields:
        problems.append(
            Problem(Code.REQUIRED, "is required", "fields.patient_id", advice=plain("name the site's column"))
        )
    return with_missing_codes(
        _field(spec, fields[name], dates, problems, tables)
        for name, spec in all_fields().items()
        if name in fields
    )


def _field(
    spec: FieldSpec,
    content: Any,
    dates: SiteDates,
    problems: list[Problem],
    tables: tuple[LinkedTable, ...],
) -> FieldMapping:
    if not isinstance(content, list):
        return _way(spec, content, dates, problems, tables)
    ways = tuple(_way(spec, way, dates, problems, tables, index=index) for index, way in enumerate(content))
    if spec.name == "patient_id" or not ways or any(way.ordered_by for way in ways):
        rule = "must be one way to make the field, not a list of them"
        problems.append(Problem(Code.SEVERAL_ENTRIES, rule, f"fields.{spec.name}"))
    refuse_mixed(spec, ways, problems)
    if len({way.belongs_to for way in ways if way.belongs_to}) > 1:
        problems.append(
            Problem(
                Code.ENTRIES_DIFFER,
                "must be the same in every entry of a field",
                f"fields.{spec.name}.belongs_to",
            )
        )
    return FieldMapping(spec.name, alternatives=ways)


def _way(
    spec: FieldSpec,
    content: Any,
    dates: SiteDates,
    problems: list[Problem],
    tables: tuple[LinkedTable, ...],
    *,
    index: int = 0,
) -> FieldMapping:
    if isinstance(content, str):
        content = {"column": content}
    if not isinstance(content, dict):
        wrong = Problem(
            Code.WRONG_TYPE,
            "must be a column's name or a table",
            f"fields.{spec.name}",
            value_text=str(content)[:64],
        )
        problems.append(wrong)
        return FieldMapping(spec.name)
    entries = Entries(f"fields.{spec.name}", content, problems)
    column = entries.text("column")
    columns = entries.texts("columns")
    only_if = entries.table("only_if")
    constant, otherwise = entries.scalar("value"), entries.scalar("otherwise")
    mapped = FieldMapping(
        field=spec.name,
        columns=(column,) if column is not None else columns,
        take=cast(Take, entries.choice("take", get_args(Take)) or "first"),
        constant=_option(spec, entries, "value", constant),
        when=tuple(_when(spec, entries, rule) for rule in entries.tables("when")),
        otherwise=_option(spec, entries, "otherwise", otherwise),
        codes=_codes(spec, entries),
        missing=entries.texts("missing"),
        pattern=_pattern(entries),
        subtract=entries.text("subtract"),
        factor=_factor(spec, entries),
        offset=entries.number("offset") or 0.0,
        multiply_by=entries.text("multiply_by"),
        divide_by=entries.text("divide_by"),
        whole=entries.flag("round"),
        days_since=entries.text("days_since"),
        months_since=entries.text("months_since"),
        years_since=entries.text("years_since"),
        dates=date_rules(entries, dates.rules),
        beyond_limit=cast(BeyondLimit | None, entries.choice("beyond_limit", get_args(BeyondLimit))),
        count_by=entries.text("count_by"),
        until_next=entries.text("until_next"),
        only_if=condition(entries, "only_if", only_if) if only_if is not None else None,
        belongs_to=cast(BelongsTo | None, entries.choice("belongs_to", get_args(BelongsTo))),
        event_date=entries.text("event_date"),
        infusion_date=entries.text("days_since") or dates.infusion,
    )
    over_time = timed_entry(spec, entries, dates, tables, index=index) if "table" in entries else None
    above = f"is a field: move the line above [fields.{spec.name}]"
    beside = "it is for values over time; here, list an entry for each unit, with only_if"
    entries.finish(hints={**{name: f"{name} {above}" for name in all_fields()}, "unit_column": beside})
    if over_time is not None:
        return timed_way(spec, entries, mapped, over_time)
    if "table" not in entries:
        refuse_contradictions(spec, entries, mapped)
    return mapped


def _factor(spec: FieldSpec, entries: Entries) -> float:
    factor, unit = entries.number("factor"), entries.text("unit")
    units = units_of(spec, divided="divide_by" in entries, multiplied="multiply_by" in entries)
    named = None if unit is None else unit_named(unit, units)
    if unit is not None and named is None:
        entries.refuse(
            Code.UNKNOWN_UNIT,
            "unit",
            "is not a known unit of this field",
            value_text=unit,
            advice=_known_units(spec, unit, units),
        )
        return 1.0
    if factor == 0:
        entries.refuse(Code.OUTSIDE_LIMITS, "factor", "must not be 0")
    return units[named] if named is not None else 1.0 if factor is None else factor


def _known_units(spec: FieldSpec, unit: str, units: Mapping[str, float]) -> str:
    if not spec.unit:
        return "it has no unit"
    for key in ("divide_by", "multiply_by"):
        with_weight = units_of(spec, divided=key == "divide_by", multiplied=key == "multiply_by")
        if unit_named(unit, with_weight):
            return f"add {key} = the column with the weight"
    near = nearest_unit(spec, unit)
    known = f"known units are {', '.join(units)}; otherwise give a factor"
    return f"did you mean {near}? {known}" if near else known


def _pattern(entries: Entries) -> str | None:
    pattern = entries.text("pattern")
    rule = None if pattern is None else pattern_problem(pattern)
    if rule:
        entries.refuse(Code.UNSAFE_PATTERN, "pattern", rule, value_text=pattern)
        return None
    return pattern


def _codes(spec: FieldSpec, entries: Entries) -> dict[str, str] | None:
    codes = entries.table("codes")
    if codes is None:
        return None
    table = entries.inside("codes", codes)
    for code in (code for code, value in codes.items() if isinstance(value, dict)):
        table.refuse(Code.WRONG_TYPE, code, "must be a text, a number, true or false", advice=QUOTES)
    given = {code: table.scalar(code) for code, value in codes.items() if not isinstance(value, dict)}
    return {code.strip(): _option(spec, table, code, value) or "" for code, value in given.items()}


def _when(spec: FieldSpec, entries: Entries, rule: dict[str, Any]) -> WhenRule:
    part = entries.inside("when", rule)
    tests, then = part.table("if"), part.scalar("then")
    if tests is None or then is None:
        part.refuse(
            Code.INCOMPLETE_RULE, "if" if tests is None else "then", "is required in every rule of when"
        )
    part.finish()
    return WhenRule(condition(part, "if", tests or {"": ""}), _option(spec, part, "then", then) or "")


def _option(spec: FieldSpec, entries: Entries, key: str, value: str | None) -> str | None:
    """Check a value that a mapping file gives in the schema's terms."""
    try:
        parse_cell(spec, value or "")
    except CellError as error:
        entries.refuse(
            error.code, key, error.rule, value_text=value, advice=error.advice.text if error.advice else None
        )
    return value
