"""Drafts of further tables: laboratory values, events and visits, which have many rows for one infusion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from features.checking.dates import ISO_DATE, has_two_digit_years
from features.drafting.date_lines import PIVOT
from features.drafting.entries import OPEN
from features.drafting.guesses import Guesses
from features.drafting.headings import NameMatch, name_matches, unit_in
from features.drafting.number_marks import Marks
from features.drafting.over_time import fields_named, is_grade, likely, number_of
from features.drafting.repeats import FurtherTable
from features.drafting.split_columns import split_guesses, with_dates
from features.drafting.toml_text import key, quoted
from features.drafting.unit_columns import UNIT_WORDS
from features.drafting.values import FEWEST_PATIENTS, Values, values_of
from features.drafting.words import BIRTH_DATE, INFUSION_DATE
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.known_units import unit_named, units_of
from features.rules import LAST_CONTACT
from features.schema import all_fields
from features.short_repr import ShortRepr

UNKNOWN_CONTENT = (
    "# No column or name is like a field. For contacts, relapses and deaths see `Outcomes in days` in "
    "docs/mapping.md."
)
"""Of a further table of the same patients."""

VALUE_WORDS = frozenset(
    ["value", "result", "wert", "ergebnis", "valor", "resultado", "значение", "результат"]
)
"""In the heading of a column with results."""


@dataclass(frozen=True, repr=False)
class _Columns(ShortRepr):
    """What the columns of a further table are."""

    patient: str | None
    date: str | None
    infusion: str | None
    names: str | None
    value: str | None
    unit: str | None
    values: Mapping[str, Values]
    matches: Mapping[str, Sequence[NameMatch]]
    overlaps: bool


def linked_lines(
    guesses: Guesses,
    patients: Sequence[str],
    tables: Sequence[FurtherTable],
    matches: Mapping[str, Sequence[NameMatch]],
) -> list[str]:
    """Draft the parts of further tables, all as comments: the dates and windows are for a person to say.

    Parameters
    ----------
    guesses : Guesses
        Of the first table.
    patients : sequence of str
        Whose its rows are.
    tables : sequence of FurtherTable
        Those to draft.
    matches : mapping of str to list of NameMatch
        Fields that columns of the first table's file may name.

    Returns
    -------
    lines : list of str
        None of an instrument without dates or known columns; a file that a person named has its part.
    """
    infusion = guesses.infusion_date
    drafts = [
        _of_table(each, guesses, frozenset(patients), matches if each.is_of_export else {}) for each in tables
    ]
    lines = [line for draft in drafts for line in draft]
    if not lines:
        return []
    return [
        "",
        "# Values over time, see docs/mapping.md. To use them, remove the # of their lines, and set",
        f"# infusion_date = {quoted(infusion or OPEN)} under [table].",
        *lines,
    ]


def _of_table(
    further: FurtherTable,
    guesses: Guesses,
    patients: frozenset[str],
    matches: Mapping[str, Sequence[NameMatch]],
) -> list[str]:
    split = [] if further.is_of_export else split_guesses(further.table)
    table = with_dates(further.table, split)
    columns = _columns(table, patients, matches, frozenset() if further.is_of_export else _dates(guesses))
    fields = list(_of_names(table, columns) if columns.names else _of_columns(columns))
    if further.is_of_export and not (fields and columns.date):
        return []
    taken = {guess.field for guess in guesses.fields}
    lines = [
        f"# [tables.{key(further.name)}]",
        f"# {further.source}",
        *(f"# {line}" for line in further.settings),
        f"# patient = {quoted(columns.patient or OPEN)}  # check: the identifiers of the first table",
        f"# date = {quoted(columns.date or OPEN)}  # check: the date of the value, and not of its report",
    ]
    about = "  # check: the infusion that a row is about; without this key, the date decides"
    lines += [f"# infusion = {quoted(columns.infusion)}{about}"] if columns.infusion else []
    keys = {"name": columns.names, "value": columns.value, "unit": columns.unit} if columns.names else {}
    lines += [f"# {name} = {quoted(column)}" for name, column in keys.items() if column]
    lines += _written(columns)
    lines += [] if further.is_of_export else ["# ignore_others = true"]
    lines += [f"# [tables.{key(further.name)}.split_dates]"] if split else []
    lines += [f"# {each.line}  # check: {each.reason}" for each in split]
    lines += [] if fields else [UNKNOWN_CONTENT]
    for field, source in fields:
        also = (
            "  # check: the first table has it too; make a list of both, or choose" if field in taken else ""
        )
        lines += [f"# [fields.{field}]{also}", f"# table = {quoted(further.name)}", *source]
        lines += _rule(all_fields()[field], guesses.infusion_date, is_form=columns.infusion is not None)
    return lines


def _dates(guesses: Guesses) -> frozenset[str]:
    """Name the dates of the first table; a further table that repeats one states its infusion by it."""
    dated = (name for name, values in guesses.values.items() if values.dates)
    return frozenset(name for name in dated if BIRTH_DATE not in likely(guesses.matches[name]))


def _columns(
    table: RawTable,
    patients: frozenset[str],
    known_matches: Mapping[str, Sequence[NameMatch]],
    of_infusions: frozenset[str],
) -> _Columns:
    matches = {name: known_matches.get(name) or name_matches(name) for name in table.columns}
    overlap = {name: len(patients.intersection(table.column(name))) for name in table.columns}
    best = max(overlap, key=lambda name: overlap[name])
    named = next((name for name, of in matches.items() if "patient_id" in likely(of)), None)
    patient = best if overlap[best] else named
    rows = table.column(patient) if patient else [str(number) for number in table.row_numbers]
    values = {name: values_of(table.column(name), rows) for name in table.columns}
    dated = [name for name in table.columns if values[name].dates]
    dated = dated or [name for name in table.columns if values[name].programs]
    of_rows = [name for name in dated if INFUSION_DATE not in likely(matches[name])]
    dates = [name for name in of_rows if name not in of_infusions] or of_rows or dated
    infusion = next((name for name in dated if name not in dates), None)
    known = {name: fields_named(table.column(name)) for name in table.columns if not values[name].is_numeric}
    names = max(known, key=lambda name: len(known[name]), default=None)
    numeric = [name for name in table.columns if values[name].is_numeric and name != patient]
    value = next((name for name in numeric if VALUE_WORDS & unit_in(name)), numeric[0] if numeric else None)
    unit = next((name for name in table.columns if UNIT_WORDS & unit_in(name) and name not in numeric), None)
    names = names if value is not None and names is not None and known[names] else None
    return _Columns(
        patient, dates[0] if dates else None, infusion, names, value, unit, values, matches, overlap[best] > 0
    )


def _of_names(table: RawTable, columns: _Columns) -> Iterator[tuple[str, list[str]]]:
    names = table.column(columns.names or "")
    patients = table.column(columns.patient) if columns.patient else [str(each) for each in table.row_numbers]
    units = table.column(columns.unit) if columns.unit else [""] * len(names)
    for field, texts in fields_named(names).items():
        rows = [(name, patient, unit) for name, patient, unit in zip(names, patients, units, strict=True)]
        shown = [text for text in texts if len({p for name, p, _ in rows if name == text}) >= FEWEST_PATIENTS]
        if not shown:
            continue
        listed = ", ".join(map(quoted, shown))
        source = [f"# name = [{listed}]  # check: do they all mean the same?"]
        if columns.unit:
            stated = {unit for name, _, unit in rows if name in shown}
            source += _units(all_fields()[field], stated, [(unit, patient) for _, patient, unit in rows])
        yield field, source


def _units(spec: FieldSpec, stated: set[str], of_patients: Sequence[tuple[str, str]]) -> list[str]:
    """Ask what the units mean that are not known."""
    known = units_of(spec)
    unknown = sorted(unit for unit in stated if unit_named(unit, known) is None) if known else []
    frequent = [
        unit for unit in unknown if len({p for each, p in of_patients if each == unit}) >= FEWEST_PATIENTS
    ]
    if not unknown:
        return []
    entries = [f"{quoted(unit)} = {quoted(OPEN)}" for unit in frequent]
    others = [
        f"{quoted(unit)} = {quoted(named)}" for unit in sorted(stated) if (named := unit_named(unit, known))
    ]
    return [f"# units = {{ {', '.join([*others, *entries])} }}  # check: units that are not known"]


def _of_columns(columns: _Columns) -> Iterator[tuple[str, list[str]]]:
    taken: set[str] = set()
    for name, values in columns.values.items():
        field = _field_of(name, values, columns)
        if field is None or field in taken:
            continue
        taken.add(field)
        unit = next((match.unit for match in columns.matches[name] if match.field == field), "")
        stated = [f"# unit = {quoted(unit)}  # check: the heading says so"] if unit else []
        yield field, [f"# column = {quoted(name)}", *stated]


def _field_of(name: str, values: Values, columns: _Columns) -> str | None:
    """Give the field of a column with numbers, or the outcome in days of one with dates."""
    if name == columns.patient or not (values.is_numeric or values.dates):
        return None
    if values.is_numeric:
        return number_of(columns.matches[name])
    fields = likely(columns.matches[name])
    spec = all_fields().get(fields[0]) if fields else None
    return spec.name if spec and spec.known_when == "follow_up" and spec.unit == "days" else None


def _written(columns: _Columns) -> list[str]:
    """State how dates and numbers are written."""
    dates = columns.values[columns.date] if columns.date else Values(0)
    ways = dates.dates or dates.programs
    lines = []
    if ways and ISO_DATE not in ways:
        stated = ways[0] if len(ways) == 1 else OPEN
        lines.append(f"# dates = {quoted(stated)}  # check: {' or '.join(ways)}")
    if any(map(has_two_digit_years, ways)):
        lines.append(f"# two_digit_years = {quoted(OPEN)}  # check: {PIVOT}")
    results = [values for values in columns.values.values() if values.is_numeric]
    if missing := sorted({word for values in results for word in values.missing}):
        lines.append(
            f"# missing = [{', '.join(map(quoted, missing))}]  # check: do all of them mean unknown?"
        )
    marks = Marks().with_those_of(values.marks for values in results)
    written = marks.number_format
    if written is None:
        lines.append(f"# decimal = {quoted(OPEN)}  # check: is 1.234 a thousand, or a number with decimals?")
    elif written.decimal == ",":
        lines.append('# decimal = ","  # check: some numbers are written with a comma')
    if written and written.thousands:
        lines.append(
            f"# thousands = {quoted(written.thousands)}  # check: it separates groups of three digits"
        )
    return lines


def _rule(spec: FieldSpec, infusion: str | None, *, is_form: bool) -> list[str]:
    if is_grade(spec):
        words = "which day has the last form" if is_form else "how long after the infusion can it be"
        return [
            f"# worst_within = {quoted(infusion or OPEN)}",
            f"# days = [0, {quoted(OPEN) if is_form else 30}]  # check: {words}?",
        ]
    if spec.known_when == "follow_up":
        rule = "last_after" if spec.name == LAST_CONTACT else "first_after"
        return [f"# {rule} = {quoted(infusion or OPEN)}"]
    return [
        f"# last_before = {quoted(OPEN)}  # check: which date of the infusion, as that of lymphodepletion?",
        "# days = 7  # check: how old may the value be?",
    ]
