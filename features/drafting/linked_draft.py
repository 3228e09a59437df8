"""Drafts of further tables: laboratory values, events and visits, which have many rows for one infusion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from features.checking.dates import ISO_DATE
from features.drafting.entries import OPEN
from features.drafting.guesses import Guesses
from features.drafting.headings import SURE, name_matches, unit_in
from features.drafting.toml_text import key, quoted
from features.drafting.unit_columns import UNIT_WORDS
from features.drafting.values import FEWEST_PATIENTS, Values, values_of
from features.drafting.words import INFUSION_DATE
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.known_units import unit_named, units_of
from features.mapping.redcap_layout import INSTRUMENT, SYSTEM_COLUMNS
from features.schema import all_fields
from features.short_repr import ShortRepr

MOST_NAMES = 500
"""Different texts above which a column holds no names of measurements."""

VALUE_WORDS = frozenset(
    ["value", "result", "wert", "ergebnis", "valor", "resultado", "значение", "результат"]
)
"""Words of the heading of a column with results."""


@dataclass(frozen=True, repr=False)
class FurtherTable(ShortRepr):
    """A table to draft.

    Parameters
    ----------
    name : str
        By which fields will name it.
    source : str
        Line of TOML that says where the rows are.
    table : RawTable
        Its rows, or the first of them.
    """

    name: str
    source: str
    table: RawTable


@dataclass(frozen=True, repr=False)
class _Columns(ShortRepr):
    """What the columns of a further table are."""

    patient: str | None
    date: str | None
    names: str | None
    value: str | None
    unit: str | None
    values: Mapping[str, Values]


def instruments_of(table: RawTable, infusion: str | None) -> list[FurtherTable]:
    """Take the repeating instruments of a REDCap export that are not the infusions.

    Parameters
    ----------
    table : RawTable
        The export.
    infusion : str or None
        Instrument whose repeats are infusions.

    Returns
    -------
    tables : list of FurtherTable
        Each with the columns that it fills in.
    """
    if INSTRUMENT not in table.columns:
        return []
    names = sorted(set(table.column(INSTRUMENT)) - {"", infusion})
    return [FurtherTable(name, f"instrument = {quoted(name)}", _rows_of(table, name)) for name in names]


def _rows_of(table: RawTable, instrument: str) -> RawTable:
    index = table.columns.index(INSTRUMENT)
    rows = [cells for cells in table.rows if cells[index] == instrument]
    filled = [
        at
        for at, name in enumerate(table.columns)
        if name not in SYSTEM_COLUMNS and any(row[at] for row in rows)
    ]
    return RawTable(
        table.name,
        table.sha256,
        tuple(table.columns[at] for at in filled),
        tuple(tuple(cells[at] for at in filled) for cells in rows),
        tuple(range(len(rows))),
    )


def linked_lines(guesses: Guesses, patients: Sequence[str], tables: Sequence[FurtherTable]) -> list[str]:
    """Draft the parts of further tables, all as comments: the dates and windows are for a person to say.

    Parameters
    ----------
    guesses : Guesses
        Of the first table.
    patients : sequence of str
        Whose its rows are.
    tables : sequence of FurtherTable
        Those to draft.

    Returns
    -------
    lines : list of str
        None of a table without dates, or without a column or name that is like a field.
    """
    infusion = _infusion_date(guesses)
    drafts = [_of_table(each, guesses, frozenset(patients), infusion) for each in tables]
    lines = [line for draft in drafts for line in draft]
    if not lines:
        return []
    return [
        "",
        "# Values over time, see docs/mapping.md. To use them, remove the # of their lines, and set",
        f"# infusion_date = {quoted(infusion or OPEN)} under [table].",
        *lines,
    ]


def _infusion_date(guesses: Guesses) -> str | None:
    dated = [name for name, values in guesses.values.items() if values.dates]
    likely = [
        name
        for name in dated
        if any(match.field == INFUSION_DATE and match.likeness >= SURE for match in name_matches(name))
    ]
    return likely[0] if len(likely) == 1 else None


def _of_table(
    further: FurtherTable, guesses: Guesses, patients: frozenset[str], infusion: str | None
) -> list[str]:
    columns = _columns(further.table, patients)
    if columns.date is None:
        return []
    fields = list(_of_names(further.table, columns) if columns.names else _of_columns(columns))
    if not fields:
        return []
    taken = {guess.field for guess in guesses.fields}
    lines = [
        f"# [tables.{key(further.name)}]",
        f"# {further.source}",
        f"# patient = {quoted(columns.patient or OPEN)}  # check: the identifiers of the first table",
        f"# date = {quoted(columns.date)}  # check: the date of the value, and not of its report",
    ]
    keys = {"name": columns.names, "value": columns.value, "unit": columns.unit} if columns.names else {}
    lines += [f"# {name} = {quoted(column)}" for name, column in keys.items() if column]
    lines += _written(columns)
    lines += [] if further.source.startswith("instrument") else ["# ignore_others = true"]
    for field, source in fields:
        also = (
            "  # check: the first table has it too; make a list of both, or choose" if field in taken else ""
        )
        lines += [f"# [fields.{field}]{also}", f"# table = {quoted(further.name)}", *source]
        lines += _rule(all_fields()[field], infusion)
    return lines


def _columns(table: RawTable, patients: frozenset[str]) -> _Columns:
    matches = {
        name: [match.field for match in name_matches(name) if match.likeness >= SURE]
        for name in table.columns
    }
    overlap = {name: len(patients.intersection(table.column(name))) for name in table.columns}
    best = max(overlap, key=lambda name: overlap[name])
    named = next((name for name, fields in matches.items() if "patient_id" in fields), None)
    patient = best if overlap[best] else named
    rows = table.column(patient) if patient else [str(number) for number in table.row_numbers]
    values = {name: values_of(table.column(name), rows) for name in table.columns}
    dates = [name for name in table.columns if values[name].dates]
    known = {name: _fields_named(table.column(name)) for name in table.columns if not values[name].is_numeric}
    names = max(known, key=lambda name: len(known[name]), default=None)
    names = names if names is not None and known[names] else None
    numeric = [name for name in table.columns if values[name].is_numeric and name != patient]
    value = next((name for name in numeric if VALUE_WORDS & unit_in(name)), numeric[0] if numeric else None)
    unit = next((name for name in table.columns if UNIT_WORDS & unit_in(name) and name not in numeric), None)
    if value is None:
        names = None
    return _Columns(patient, dates[0] if dates else None, names, value, unit, values)


def _fields_named(cells: Sequence[str]) -> dict[str, list[str]]:
    """Find the numbers of the schema that the texts of a column name."""
    different = set(cells) - {""}
    fields: dict[str, list[str]] = {}
    if len(different) <= MOST_NAMES:
        for text in sorted(different):
            field = _number_named(text)
            if field:
                fields.setdefault(field, []).append(text)
    return fields


def _number_named(text: str) -> str | None:
    """Give the measured field, or the grade, that a heading or a name means with certainty."""
    likely = [match.field for match in name_matches(text) if match.likeness >= SURE]
    spec = all_fields().get(likely[0]) if likely else None
    if spec is None or spec.kind not in ("number", "integer"):
        return None
    measured = spec.known_when == "before_lymphodepletion" or _is_grade(spec)
    return spec.name if measured else None


def _is_grade(spec: FieldSpec) -> bool:
    return spec.known_when == "follow_up" and spec.kind == "integer" and not spec.unit


def _of_names(table: RawTable, columns: _Columns) -> Iterator[tuple[str, list[str]]]:
    names = table.column(columns.names or "")
    patients = table.column(columns.patient) if columns.patient else [str(each) for each in table.row_numbers]
    units = table.column(columns.unit) if columns.unit else [""] * len(names)
    for field, texts in _fields_named(names).items():
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
        field = _number_named(name) if values.is_numeric and name != columns.patient else None
        if field is None or field in taken:
            continue
        taken.add(field)
        unit = next((match.unit for match in name_matches(name) if match.field == field), "")
        stated = [f"# unit = {quoted(unit)}  # check: the heading says so"] if unit else []
        yield field, [f"# column = {quoted(name)}", *stated]


def _written(columns: _Columns) -> list[str]:
    """State how dates and numbers are written."""
    ways = columns.values[columns.date or ""].dates
    lines = []
    if ISO_DATE not in ways:
        written = ways[0] if len(ways) == 1 else OPEN
        lines.append(f"# dates = {quoted(written)}  # check: {' or '.join(ways)}")
    if any(values.is_numeric and values.has_decimal_comma for values in columns.values.values()):
        lines.append('# decimal = ","  # check: some numbers are written with a comma')
    return lines


def _rule(spec: FieldSpec, infusion: str | None) -> list[str]:
    if _is_grade(spec):
        return [
            f"# worst_within = {quoted(infusion or OPEN)}",
            "# days = [0, 30]  # check: how long after the infusion can it be?",
        ]
    return [
        f"# last_before = {quoted(OPEN)}  # check: which date of the infusion, as that of lymphodepletion?",
        "# days = 7  # check: how old may the value be?",
    ]
