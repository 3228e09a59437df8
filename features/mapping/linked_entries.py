"""The parts ``[tables.*]`` of a mapping file, checked: joined tables, and values over time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from features.advice import plain
from features.files.read_table import FileFormat
from features.mapping.conditions import conditions
from features.mapping.date_entries import date_rules, split_dates
from features.mapping.date_rules import DateRules, SplitDate
from features.mapping.definition import SiteDates
from features.mapping.format_entries import file_format, number_format
from features.mapping.linked_definition import LinkedTable
from features.mapping.number_format import NumberFormat
from features.mapping.toml_entries import Entries
from features.problem_codes import Code
from features.problems import Problem

OVER_TIME = ("patient", "date", "infusion", "name", "value", "unit", "instrument", "event")
"""Keys that say what the rows of values over time are."""

WHERE = ("file", "sheet", "instrument", "event")
"""Keys that say where the rows are: one of them, or an instrument and its events, or a file and its sheet."""

OF_A_FILE = ("ignore", "ignore_others", "split_dates", "sheet", "encoding", "delimiter")
IN_EXPORT = (
    "its columns are those of the export: set ignore and ignore_others under [table], and dates of several "
    "columns under [split_dates]"
)


@dataclass(frozen=True)
class Shared:
    """What ``[table]`` says, for further tables that do not say otherwise.

    Parameters
    ----------
    dates : SiteDates
    numbers : NumberFormat
    missing : tuple of str
    file_format : FileFormat
    """

    dates: SiteDates = field(default_factory=SiteDates)
    numbers: NumberFormat = NumberFormat()
    missing: tuple[str, ...] = ()
    file_format: FileFormat = FileFormat()


def linked_tables(file: Entries, shared: Shared) -> tuple[LinkedTable, ...]:
    """Take the further tables of a mapping file.

    Parameters
    ----------
    file : Entries
        The mapping file; receives every mistake.
    shared : Shared
        What ``[table]`` says. It holds for rows of the same file and for joined tables, unless they say
        otherwise.

    Returns
    -------
    tables : tuple of LinkedTable
        In the order of the file. A blank patient means the column of ``patient_id``.

    Examples
    --------
    >>> labs = {"file": "labs.csv", "patient": "pid", "date": "drawn", "name": "test", "value": "result"}
    >>> linked_tables(Entries("", {"tables": {"labs": labs}}, []), Shared())[0].value
    'result'
    """
    content = file.table("tables") or {}
    part = file.inside("tables", content)
    tables = []
    for name in content:
        settings = part.table(name)
        if settings is not None:
            tables.append(_table(name, part.inside(name, settings), shared))
    return tuple(tables)


def _table(name: str, entries: Entries, shared: Shared) -> LinkedTable:
    path = entries.text("file")
    instruments, events = entries.texts("instrument"), entries.texts("event")
    joined = "join" in entries
    table = LinkedTable(
        name=name,
        patient=_required(entries, "patient", optional=joined or bool(instruments or events)),
        date=_required(entries, "date", optional=joined),
        infusion=entries.text("infusion"),
        join=_join(entries),
        file=path,
        instruments=instruments,
        events=events,
        named_by=entries.text("name"),
        value=entries.text("value"),
        unit=entries.text("unit"),
        keep=conditions(entries, "keep"),
        drop=conditions(entries, "drop"),
    )
    if not table.in_export:
        table = replace(
            table,
            file_format=file_format(entries, FileFormat() if path else shared.file_format),
            fill_down=entries.texts("fill_down"),
            fill_down_groups=entries.texts("fill_down_groups"),
            ignore=entries.texts("ignore"),
            ignore_others=entries.flag("ignore_others"),
            split_dates=_split_dates(entries),
        )
    own_file, zone = path is not None and not joined, shared.dates.rules.time_zone
    table = replace(
        table,
        numbers=number_format(entries, NumberFormat() if own_file else shared.numbers),
        dates=date_rules(entries, DateRules(time_zone=zone) if own_file else shared.dates.rules),
        missing=entries.texts("missing") if own_file or "missing" in entries else shared.missing,
    )
    _refuse_contradictions(entries, table)
    if joined:
        _refuse_over_time(entries, table)
    entries.finish(hints=dict.fromkeys(OF_A_FILE, IN_EXPORT) if table.in_export else None)
    return table


def _join(entries: Entries) -> tuple[tuple[str, str], ...]:
    """Take the key of a joined table: its columns, and those of the first table if they differ."""
    if not entries.is_table("join"):
        return tuple((column, column) for column in entries.texts("join"))
    content = entries.table("join") or {}
    inside = entries.inside("join", content)
    return tuple((own, inside.text(own) or "") for own in content)


def _refuse_over_time(entries: Entries, table: LinkedTable) -> None:
    """Refuse an empty key, and keys of values over time."""
    if not table.join:
        entries.refuse(Code.EMPTY_ENTRY, "join", "must name the column with the patient")
    for key in OVER_TIME:
        if key in entries:
            fix = "for values over time, add a second table of the same sheet, without join"
            entries.refuse(Code.KEY_NOT_ALLOWED, key, "is not for a joined table", advice=fix)


def of_patients(table: LinkedTable, record: str, problems: list[Problem]) -> LinkedTable:
    """Name the column of a further table with the patient.

    Parameters
    ----------
    table : LinkedTable
    record : str
        Column of the first table with the patient.
    problems : list of Problem
        Receives a key that does not name the patient.

    Returns
    -------
    table : LinkedTable
    """
    if not table.join:
        return table if table.patient else replace(table, patient=record)
    of_first = [own for own, first in table.join if first == record]
    if of_first:
        return replace(table, patient=of_first[0])
    if all(own == first for own, first in table.join):
        patient = table.join[0][0]
        return replace(table, patient=patient, join=((patient, record), *table.join[1:]))
    fix = plain(f'one of its columns belongs to that of patient_id: "..." = "{record}"')
    rule = "must name the column with the patient"
    problems.append(Problem(Code.REQUIRED, rule, f"tables.{table.name}.join", advice=fix))
    return table


def _split_dates(entries: Entries) -> tuple[SplitDate, ...]:
    content = entries.table("split_dates") or {}
    return split_dates(entries.inside("split_dates", content), content)


def _required(entries: Entries, key: str, *, optional: bool = False) -> str:
    column = entries.text(key)
    if not column and not optional:
        entries.refuse(Code.REQUIRED, key, "is required", advice="name its column")
    return column or ""


def _refuse_contradictions(entries: Entries, table: LinkedTable) -> None:
    if not any(key in entries for key in WHERE):
        rule = f"is required, or one of {', '.join(WHERE[1:])}"
        entries.refuse(Code.REQUIRED, WHERE[0], rule, advice="say where the rows are")
    if table.in_export and table.file is not None:
        entries.refuse(Code.CONFLICTING_KEYS, "file", "excludes instrument and event")
    if table.file is not None and not _is_beside(table.file):
        rule = "must be the name of a file beside the mapping file, or in a folder there"
        entries.refuse(Code.WRONG_TYPE, "file", rule, value_text=table.file)
    if (table.named_by is None) != (table.value is None):
        missing = "value" if table.value is None else "name"
        entries.refuse(
            Code.REQUIRED,
            missing,
            "is required: a long table has a column with names and one with values",
            advice="for a table with a column for each measurement, leave both out",
        )
    if table.unit is not None and table.value is None:
        entries.refuse(Code.KEY_NOT_ALLOWED, "unit", "needs name and value: a row then has one value")


def _is_beside(file: str) -> bool:
    kinds = (PurePosixPath(file), PureWindowsPath(file))
    return bool(file) and not any(path.anchor or ".." in path.parts for path in kinds)


def named_table(tables: tuple[LinkedTable, ...], name: str) -> LinkedTable | None:
    """Find a table by its name."""
    return next((table for table in tables if table.name == name), None)


def content_of_tables(content: dict[str, Any]) -> list[str]:
    """Name the files of further tables, without checking anything else.

    Examples
    --------
    >>> content_of_tables({"tables": {"labs": {"file": "labs.csv"}, "visits": {"instrument": "visit"}}})
    ['labs.csv']
    """
    tables = content.get("tables")
    settings = tables.values() if isinstance(tables, dict) else ()
    named = (each.get("file") for each in settings if isinstance(each, dict))
    return [file for file in named if isinstance(file, str) and file]
