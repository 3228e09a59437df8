"""Which keys of a field's entry in a mapping file go together."""

from __future__ import annotations

from features.field import FieldSpec
from features.mapping.date_entries import DATE_KEYS
from features.mapping.definition import FieldMapping
from features.mapping.toml_entries import Entries
from features.problem_codes import Code
from features.rules import NEXT_INFUSION

SOURCES = ("column", "columns", "value", "when", "count_by", "until_next")
"""Keys that say where a field comes from: one of them."""

NUMBERS_ONLY = ("unit", "subtract", "offset", "multiply_by", "divide_by", "round", "beyond_limit")


def refuse_contradictions(spec: FieldSpec, entries: Entries, mapped: FieldMapping) -> None:
    """Refuse keys that do not go together, since one of them would be left out silently.

    Parameters
    ----------
    spec : FieldSpec
        What the schema says of the field.
    entries : Entries
        The field's entry in the mapping file; receives the mistakes.
    mapped : FieldMapping
        What was read from it.
    """
    sources = [key for key in SOURCES if key in entries]
    if not sources:
        entries.refuse(Code.REQUIRED, "column", f"is required, or one of {', '.join(SOURCES[1:])}")
    elif len(sources) > 1:
        entries.refuse(Code.CONFLICTING_KEYS, sources[1], f"and {sources[0]} exclude each other")
    elif spec.name == "patient_id" and sources != ["column"]:
        entries.refuse(Code.KEY_NOT_ALLOWED, sources[0], "is not for patient_id", advice="name its column")
    elif mapped.used == () and mapped.constant is None:
        entries.refuse(Code.EMPTY_ENTRY, sources[0], "must not be empty")
    for key, (met, rule) in _needs(spec, entries, mapped).items():
        if key in entries and not met:
            entries.refuse(Code.KEY_NOT_ALLOWED, key, rule)


def _needs(spec: FieldSpec, entries: Entries, mapped: FieldMapping) -> dict[str, tuple[bool, str]]:
    """Say what each key needs beside it: whether that is there, and in words."""
    numeric = spec.kind in ("number", "integer")
    column, columns = "column" in entries, "columns" in entries
    dated = any(key in entries for key in ("days_since", "months_since", "years_since"))
    ordered = mapped.ordered_by is not None
    converted = numeric and (column or columns) and not dated
    return {
        "take": (
            columns and (numeric or mapped.take == "first"),
            "needs columns, of numbers unless it is first",
        ),
        "otherwise": ("when" in entries, "needs when"),
        "codes": (column, "needs column"),
        "days_since": (column and spec.unit == "days", "needs column, and a field in days"),
        "months_since": (column and spec.unit == "months", "needs column, and a field in months"),
        "years_since": (column and spec.unit == "years", "needs column, and a field in years"),
        **dict.fromkeys(
            DATE_KEYS,
            (
                dated or ordered or "event_date" in entries,
                "needs days_since, months_since, years_since, count_by, until_next or event_date",
            ),
        ),
        **_of_belonging(spec, entries, mapped),
        "count_by": (spec.name == "infusion_number", "is for infusion_number only"),
        "until_next": (spec.name == "next_infusion_day", "is for next_infusion_day only"),
        "pattern": (column or columns, "needs column or columns"),
        "missing": (column or columns or ordered, "needs column, columns, count_by or until_next"),
        "factor": (
            converted and "unit" not in entries,
            "is for numbers read from a column, and not beside unit",
        ),
        **dict.fromkeys(NUMBERS_ONLY, (converted, "is for numbers that are read from a column")),
    }


def _of_belonging(spec: FieldSpec, entries: Entries, mapped: FieldMapping) -> dict[str, tuple[bool, str]]:
    """Say what the keys need that give an outcome to one of several infusions."""
    timed = mapped.days_since is not None or (spec.unit == "days" and mapped.subtract is not None)
    by_time = mapped.belongs_to in ("preceding_infusion", "every_preceding_infusion")
    placed = timed or (mapped.event_date is not None and mapped.infusion_date is not None)
    if spec.known_when != "follow_up" or spec.name == NEXT_INFUSION:
        rule = "is for outcomes; days to the next infusion come from until_next"
        belongs: tuple[bool, str] = (False, rule)
    else:
        rule = "needs days_since, or event_date and infusion_date under [table], to compare the dates"
        belongs = (placed or not by_time, rule)
    dated = by_time and not timed
    return {
        "belongs_to": belongs,
        "event_date": (dated, 'needs belongs_to = "preceding_infusion", and no days_since or subtract'),
    }
