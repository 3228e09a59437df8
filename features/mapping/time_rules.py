"""The entry of a field that takes one value of several over time, checked against the schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast, get_args

from features.checking.partial_dates import Partial
from features.field import FieldSpec
from features.mapping.belonging import first_day
from features.mapping.definition import FieldMapping, SiteDates
from features.mapping.linked_definition import Choice, LinkedTable, OverTime, Tie
from features.mapping.linked_entries import named_table
from features.mapping.row_units import row_units
from features.mapping.sharing import belongs_to_one
from features.mapping.toml_entries import Entries
from features.problem_codes import Code
from features.problems import Problem
from features.rules import NEXT_INFUSION


@dataclass(frozen=True)
class Rule:
    """A key that names a date of the infusion's row, and says which value around it is taken.

    Parameters
    ----------
    choose : Choice
        Which of the values in the window.
    before, after : bool
        Whether the window may reach before and after the date.
    """

    choose: Choice
    before: bool
    after: bool


RULES = {
    "last_before": Rule("last", before=True, after=False),
    "first_after": Rule("first", before=False, after=True),
    "last_after": Rule("last", before=False, after=True),
    "nearest": Rule("nearest", before=True, after=True),
    "highest_within": Rule("highest", before=True, after=True),
    "lowest_within": Rule("lowest", before=True, after=True),
    "worst_within": Rule("highest", before=True, after=True),
}

ALLOWED = frozenset(
    ["table", "name", "column", *RULES, "days", "tie", "same_day", "units", "unit_column", "unit", "factor"]
    + ["offset", "codes", "missing", "pattern", "round", "beyond_limit", "only_if"]
)
OF_DAYS = (ALLOWED | {"partial"}) - frozenset(
    ["tie", "units", "unit_column", "unit", "factor", "offset", "codes", "pattern", "round", "beyond_limit"]
)
"""Keys of an entry whose value is the number of days to a date."""

_NO_DAY = "must reach beyond the day of infusion: what happens on that day belongs to the infusion before"
_STATE_IT = "if the rows state their infusion, name that column as infusion, and the date of the form as date"

REACHES_PAST = "reaches past the infusion, and the field is a predictor: its values are known before"


def timed_entry(
    spec: FieldSpec, entries: Entries, dates: SiteDates, tables: tuple[LinkedTable, ...], *, index: int
) -> OverTime | None:
    """Take what an entry says of a further table.

    Parameters
    ----------
    spec : FieldSpec
        What the schema says of the field.
    entries : Entries
        The entry, with ``table``; receives every mistake.
    dates : SiteDates
        What ``[table]`` says of dates.
    tables : tuple of LinkedTable
        Further tables of the mapping file.
    index : int
        Of the entry among those of the field.

    Returns
    -------
    over_time : OverTime or None
        None where the table or the rule is missing.
    """
    name = entries.text("table") or ""
    table = named_table(tables, name)
    rules = {key: entries.text(key) for key in RULES}
    given = [key for key in RULES if rules[key] is not None]
    low, high = _window(entries, given[0] if given else "nearest")
    is_day = spec.unit == "days" and spec.known_when == "follow_up"
    names, column = entries.texts("name"), entries.text("column")
    tie = cast(Tie | None, entries.choice("tie", get_args(Tie)))
    same_day, units = entries.flag("same_day"), row_units(spec, entries)
    unit_column = entries.text("unit_column")
    if table is None:
        fix = (
            f"the tables are {', '.join(each.name for each in tables)}" if tables else f"add [tables.{name}]"
        )
        entries.refuse(Code.NAME_IN_NO_ROW, "table", "is not a table", value_text=name, advice=fix)
        return None
    if table.join:
        fix = (
            f"leave table out: its columns stand beside those of the first table, as column or {name}.column"
        )
        entries.refuse(Code.KEY_NOT_ALLOWED, "table", "is joined, and has no values over time", advice=fix)
        return None
    if len(given) != 1:
        code = Code.CONFLICTING_KEYS if given else Code.REQUIRED
        key, rule = (given[1], f"and {given[0]} exclude each other") if given else ("last_before", _ONE_RULE)
        entries.refuse(code, key, rule)
        return None
    over_time = OverTime(
        key=f"{spec.name}.{index}",
        table=name,
        value=column if table.named_by is None else table.value,
        anchor=rules[given[0]] or "",
        choose=RULES[given[0]].choose,
        low=low,
        high=high,
        names=names,
        tie=tie,
        same_day=same_day,
        units=units,
        unit_column=unit_column or table.unit,
        is_day=is_day,
        partial=cast(Partial | None, entries.text("partial")) if is_day else None,
    )
    if is_day and table.named_by is not None:
        over_time = replace(over_time, value=column)
    _refuse_source(spec, entries, table, over_time)
    _refuse_window(spec, entries, given[0], over_time)
    _refuse_times(spec, entries, given[0], over_time, dates)
    if (
        spec.known_when == "follow_up"
        and over_time.low <= over_time.high < first_day(spec)
        and table.infusion is None
    ):
        entries.refuse(Code.OUTSIDE_LIMITS, "days", _NO_DAY, advice=_STATE_IT)
    return over_time


_ONE_RULE = f"is required, or one of {', '.join(list(RULES)[1:])}"


def timed_way(spec: FieldSpec, entries: Entries, mapped: FieldMapping, over_time: OverTime) -> FieldMapping:
    """Join the conversion of a value and the rule by which it is chosen."""
    allowed = OF_DAYS if over_time.is_day else ALLOWED
    for key in entries.keys_given():
        if key not in allowed:
            rule = "is not for values over time" + (" that are days" if over_time.is_day else "")
            entries.refuse(Code.KEY_NOT_ALLOWED, key, rule)
    numeric = spec.kind in ("number", "integer")
    for key in ("units", "unit_column", "unit", "factor", "offset", "round", "beyond_limit"):
        if key in entries and not numeric:
            entries.refuse(Code.KEY_NOT_ALLOWED, key, "is for numbers")
    if "factor" in entries and ("unit" in entries or "units" in entries):
        entries.refuse(Code.CONFLICTING_KEYS, "factor", "and a unit exclude each other")
    columns = (over_time.value,) if over_time.value is not None else ()
    return replace(mapped, columns=columns, over_time=over_time)


def refuse_mixed(spec: FieldSpec, ways: Sequence[FieldMapping], problems: list[Problem]) -> None:
    """Refuse an outcome from the infusion's row and from a further table; a value may be stated."""
    timed = [way.over_time is not None for way in ways if way.constant is None]
    if any(timed) and not all(timed) and belongs_to_one(spec):
        rule = "must be from further tables in all entries or in none: only those have windows"
        problems.append(Problem(Code.ENTRIES_DIFFER, rule, f"fields.{spec.name}"))


def _window(entries: Entries, key: str) -> tuple[float, float]:
    """Take the first and the last day of the window, counted from the date that the rule names."""
    rule = RULES[key]
    low, high = -float("inf") if rule.before else 0.0, float("inf") if rule.after else 0.0
    days = entries.days("days")
    if days is None:
        return low, high
    if isinstance(days, tuple):
        return days
    return (-days if rule.before else 0.0), (days if rule.after else 0.0)


def _refuse_source(spec: FieldSpec, entries: Entries, table: LinkedTable, over_time: OverTime) -> None:
    """Refuse a value that the table cannot give, and fields that have another source."""
    if spec.known_when == "" or spec.name in (NEXT_INFUSION, "product_name"):
        entries.refuse(Code.KEY_NOT_ALLOWED, "table", "is not for this field", advice="name a column")
    if table.named_by is not None and not over_time.names:
        entries.refuse(Code.REQUIRED, "name", f"is required: the rows of {table.name} have names")
    if table.named_by is None and over_time.names:
        entries.refuse(
            Code.KEY_NOT_ALLOWED, "name", "needs the column of names in the table", advice="column"
        )
    if table.named_by is None and over_time.value is None and not over_time.is_day:
        entries.refuse(Code.REQUIRED, "column", f"is required: {table.name} has a column for each value")
    if table.named_by is not None and "column" in entries and not over_time.is_day:
        entries.refuse(Code.KEY_NOT_ALLOWED, "column", f"is the one that {table.name} names as value")
    if "unit_column" in entries and table.named_by is not None:
        rule = "is for a table with a column for each measurement"
        entries.refuse(Code.KEY_NOT_ALLOWED, "unit_column", rule, advice=f"unit under [tables.{table.name}]")
    if "units" in entries and over_time.unit_column is None:
        rule = "needs the column of units in the table, or unit_column; for one unit in every row, use unit"
        entries.refuse(Code.KEY_NOT_ALLOWED, "units", rule)
    if over_time.unit_column is not None:
        for key in ("unit", "factor"):
            if key in entries:
                fix = 'use units: units = { "*" = "..." } reads every row in one unit'
                entries.refuse(
                    Code.KEY_NOT_ALLOWED,
                    key,
                    f"contradicts the units in the rows of {table.name}",
                    advice=fix,
                )


def _refuse_window(spec: FieldSpec, entries: Entries, key: str, over_time: OverTime) -> None:
    """Refuse a window that is missing, or reaches to the other side of its date."""
    rule = RULES[key]
    within = key.endswith("_within")
    if "days" not in entries and (spec.known_when != "follow_up" or within or key == "nearest"):
        example = "[-7, 0]" if within else "7"
        entries.refuse(Code.REQUIRED, "days", "is required", advice=f"how many days count: days = {example}")
    elif within and "days" in entries and not entries.is_list("days"):
        words = "must be a list of the first and the last day, counted from the date"
        entries.refuse(Code.WRONG_TYPE, "days", words, advice="days = [-7, 0] for the 7 days before")
    elif over_time.low > over_time.high:
        entries.refuse(Code.OUTSIDE_LIMITS, "days", "must begin before it ends")
    elif (over_time.high > 0 and not rule.after) or (over_time.low < 0 and not rule.before):
        side = "before" if rule.before else "after"
        entries.refuse(Code.OUTSIDE_LIMITS, "days", f"must be days {side} the date that {key} names")
    if key == "worst_within" and not (spec.known_when == "follow_up" and _is_grade(spec)):
        entries.refuse(Code.KEY_NOT_ALLOWED, key, "is for grades", advice="highest_within or lowest_within")
    if over_time.choose in ("highest", "lowest") and spec.kind not in ("number", "integer"):
        entries.refuse(Code.KEY_NOT_ALLOWED, key, "is for numbers and grades")
    if over_time.tie and over_time.choose in ("highest", "lowest"):
        entries.refuse(Code.KEY_NOT_ALLOWED, "tie", f"is not needed with {key}")
    if over_time.tie in ("highest", "lowest", "mean") and spec.kind not in ("number", "integer"):
        entries.refuse(Code.KEY_NOT_ALLOWED, "tie", "must be first or last where the values are no numbers")


def _is_grade(spec: FieldSpec) -> bool:
    return spec.kind == "integer" and not spec.unit


def _refuse_times(spec: FieldSpec, entries: Entries, key: str, over_time: OverTime, dates: SiteDates) -> None:
    """Refuse a predictor that could be known only after the infusion, and an outcome without its windows."""
    if dates.infusion is None:
        rule = "needs infusion_date under [table]"
        why = "no predictor is taken from after the infusion, and an outcome from before the next"
        entries.refuse(Code.REQUIRED, key, rule, advice=why)
        return
    if spec.known_when == "follow_up":
        if over_time.same_day:
            entries.refuse(Code.KEY_NOT_ALLOWED, "same_day", "is for predictors")
        if over_time.anchor != dates.infusion:
            rule = f"must count from {dates.infusion}, the date of the infusion"
            entries.refuse(Code.NOT_AN_OPTION, key, rule, value_text=over_time.anchor)
        elif over_time.low < 0:
            entries.refuse(
                Code.OUTSIDE_LIMITS, "days", "must not begin before the infusion: it is an outcome"
            )
    elif over_time.anchor == dates.infusion and over_time.high > 0:
        fix = "use last_before, or a window that ends on day 0 or earlier"
        entries.refuse(Code.KNOWN_AFTER_INFUSION, key, REACHES_PAST, advice=fix)
