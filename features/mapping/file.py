"""A mapping file (TOML) is read and checked against the schema, every mistake at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from features.files.read_table import FileFormat
from features.mapping.conditions import conditions
from features.mapping.date_entries import DATE_KEYS, site_dates, split_dates
from features.mapping.definition import SiteMapping
from features.mapping.field_entries import field_mappings
from features.mapping.format_entries import file_format, number_format
from features.mapping.linked_definition import LinkedTable
from features.mapping.linked_entries import Shared, content_of_tables, linked_tables, of_patients
from features.mapping.redcap_definition import RedcapLayout
from features.mapping.toml_entries import Entries, read_toml
from features.problem_codes import Code
from features.problems import DataError, Problem

TABLE_KEYS = (
    *("sheet", "encoding", "delimiter", "heading_row", "heading_rows", "skip_blank_rows"),
    *("decimal", "thousands", *DATE_KEYS, "infusion_date"),
    *("missing", "fill_down", "fill_down_groups", "keep", "drop", "ignore", "ignore_others"),
)


def read_mapping(path: Path) -> SiteMapping:
    """Read a mapping file.

    Parameters
    ----------
    path : Path
        Of the TOML file.

    Returns
    -------
    mapping : SiteMapping
        What it says, in the schema's terms.

    Raises
    ------
    DataError
        With every mistake: keys, fields, options and units that do not exist, and what contradicts itself.
    """
    return replace(mapping_of(read_toml(path), name=path.name), folder=path.parent)


def linked_files(path: Path) -> list[Path]:
    """Name the files of a mapping file's further tables; none where the mapping file cannot be read."""
    try:
        content = read_toml(path)
    except DataError:
        return []
    return [path.parent / file for file in content_of_tables(content)]


def mapping_of(content: Mapping[str, Any], *, name: str) -> SiteMapping:
    """Check the content of a mapping file.

    Parameters
    ----------
    content : mapping
        As TOML was read.
    name : str
        Of the file, for messages.

    Returns
    -------
    mapping : SiteMapping
        What it says, in the schema's terms.

    Raises
    ------
    DataError
        As `read_mapping`.

    Examples
    --------
    >>> mapping_of({"fields": {"patient_id": "id", "sex": "gender"}}, name="site.toml").fields[1].columns
    ('gender',)
    >>> mapping_of({"fields": {"patient_id": "id", "sexe": "gender"}}, name="site.toml")
    Traceback (most recent call last):
        ...
    features.problems.DataError: site.toml: 1 problem
      fields.sexe is not a column of the schema: did you mean sex?
    """
    problems: list[Problem] = []
    file = Entries("", content, problems)
    table = Entries("table", file.table("table") or {}, problems)
    redcap = file.table("redcap")
    fields = file.table("fields")
    split = file.table("split_dates") or {}
    if not fields:
        problems.append(Problem(Code.NO_FIELDS, "must name at least patient_id and its column", "fields"))
    dates, numbers, missing = site_dates(table), number_format(table), table.texts("missing")
    how = file_format(table)
    tables = linked_tables(file, Shared(dates, numbers, missing, how))
    file.finish(hints=dict.fromkeys(TABLE_KEYS, "it belongs under [table]"))
    mapping = SiteMapping(
        name=name,
        fields=field_mappings(fields or {}, dates, problems, tables),
        file_format=how,
        numbers=numbers,
        dates=dates.rules,
        infusion_date=dates.infusion,
        split_dates=split_dates(Entries("split_dates", split, problems), split),
        two_digit_years=dates.rules.two_digit_years,
        missing=missing,
        fill_down=table.texts("fill_down"),
        fill_down_groups=table.texts("fill_down_groups"),
        keep=conditions(table, "keep"),
        drop=conditions(table, "drop"),
        ignore=table.texts("ignore"),
        ignore_others=table.flag("ignore_others"),
        redcap=None if redcap is None else _redcap(Entries("redcap", redcap, problems), tables),
    )
    table.finish()
    if not problems:
        tables = tuple(of_patients(each, mapping.record, problems) for each in tables)
    if problems:
        raise DataError(problems, source=name)
    return replace(mapping, tables=tables)


def file_format_of(stated: Mapping[str, Any]) -> FileFormat:
    """Check the format of a file, as under ``[table]``.

    Parameters
    ----------
    stated : mapping
        ``sheet``, ``encoding``, ``delimiter``, ``heading_row`` and ``heading_rows``, those that are known.

    Returns
    -------
    file_format : FileFormat

    Raises
    ------
    DataError
        With every mistake.

    Examples
    --------
    >>> file_format_of({"encoding": "latin-9000"})
    Traceback (most recent call last):
        ...
    features.problems.DataError: 1 problem
      encoding is not a text encoding, got latin-9000: as "utf-8", "cp1252", "utf-16"
    """
    problems: list[Problem] = []
    how = file_format(Entries("", stated, problems))
    if problems:
        raise DataError(problems)
    return how


def _redcap(entries: Entries, tables: tuple[LinkedTable, ...]) -> RedcapLayout:
    layout = RedcapLayout(
        infusion_instrument=entries.text("infusion_instrument"),
        infusion_events=entries.texts("infusion_events"),
        ignore_instruments=entries.texts("ignore_instruments"),
        ignore_events=entries.texts("ignore_events"),
        from_record=entries.texts("from_record"),
        from_infusion=entries.texts("from_infusion"),
        from_event=_events(entries),
        linked_instruments=tuple(dict.fromkeys(name for table in tables for name in table.instruments)),
    )
    if layout.infusion_instrument and layout.infusion_events:
        entries.refuse(Code.CONFLICTING_KEYS, "infusion_events", "and infusion_instrument exclude each other")
    entries.finish()
    return layout


def _events(entries: Entries) -> dict[str, str | dict[str, str]]:
    """Take the event that gives a column, or one for each event of an infusion."""
    events = entries.table("from_event") or {}
    inside = entries.inside("from_event", events)
    known: dict[str, str | dict[str, str]] = {}
    for column, named in events.items():
        if isinstance(named, dict):
            each = inside.inside(column, named)
            known[column] = {infusion: each.text(infusion) or "" for infusion in named}
        else:
            known[column] = inside.text(column) or ""
    return known
