"""A mapping file (TOML) is read and checked against the schema, every mistake at once."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.files.read_table import FileFormat
from features.mapping.date_entries import site_dates
from features.mapping.definition import RedcapLayout, SiteMapping
from features.mapping.field_entries import condition, field_mappings
from features.mapping.number_format import NumberFormat
from features.mapping.site_values import Condition
from features.mapping.toml_entries import Entries, read_toml
from features.problem_codes import Code
from features.problems import DataError, Problem

TABLE_KEYS = (
    *("sheet", "encoding", "delimiter", "heading_row", "skip_blank_rows", "decimal", "thousands", "dates"),
    *("time_zone", "infusion_date"),
    *("missing", "fill_down", "keep", "drop", "ignore", "ignore_others"),
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
    return mapping_of(read_toml(path), name=path.name)


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
    if not fields:
        problems.append(Problem(Code.NO_FIELDS, "must name at least patient_id and its column", "fields"))
    file.finish(hints=dict.fromkeys(TABLE_KEYS, "it belongs under [table]"))
    dates = site_dates(table)
    mapping = SiteMapping(
        name=name,
        fields=field_mappings(fields or {}, dates, problems),
        file_format=_file_format(table),
        numbers=_number_format(table),
        infusion_date=dates.infusion,
        missing=table.texts("missing"),
        fill_down=table.texts("fill_down"),
        keep=_conditions(table, "keep"),
        drop=_conditions(table, "drop"),
        ignore=table.texts("ignore"),
        ignore_others=table.flag("ignore_others"),
        redcap=None if redcap is None else _redcap(Entries("redcap", redcap, problems)),
    )
    table.finish()
    if problems:
        raise DataError(problems, source=name)
    return mapping


def file_format_of(stated: Mapping[str, Any]) -> FileFormat:
    """Check the format of a file, as under ``[table]``.

    Parameters
    ----------
    stated : mapping
        ``sheet``, ``encoding``, ``delimiter`` and ``heading_row``, those that are known.

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
    file_format = _file_format(Entries("", stated, problems))
    if problems:
        raise DataError(problems)
    return file_format


def _file_format(table: Entries) -> FileFormat:
    encoding, delimiter, row = table.text("encoding"), table.text("delimiter"), table.number("heading_row")
    if encoding is not None and not _is_encoding(encoding):
        table.refuse(
            Code.UNKNOWN_ENCODING,
            "encoding",
            "is not a text encoding",
            value_text=encoding,
            advice='as "utf-8", "cp1252", "utf-16"',
        )
        encoding = None
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        table.refuse(Code.WRONG_DELIMITER, "delimiter", "must be one character", value_text=delimiter)
        delimiter = None
    if row is not None and not (row.is_integer() and 1 <= row <= 1000):
        table.refuse(Code.OUTSIDE_LIMITS, "heading_row", "must be a whole number, 1 to 1000", value_text=row)
        row = None
    return FileFormat(
        sheet=table.text("sheet"),
        encoding=encoding,
        delimiter=delimiter,
        heading_row=int(row or 1),
        skip_blank_rows=table.flag("skip_blank_rows"),
    )


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _number_format(table: Entries) -> NumberFormat:
    decimal = table.choice("decimal", (".", ",")) or "."
    thousands = table.choice("thousands", (",", ".", " ", "'")) or ""
    if thousands == decimal:
        table.refuse(Code.CONFLICTING_KEYS, "thousands", "must differ from decimal", value_text=thousands)
    return NumberFormat(decimal, thousands)


def _redcap(entries: Entries) -> RedcapLayout:
    layout = RedcapLayout(
        infusion_instrument=entries.text("infusion_instrument"),
        infusion_events=entries.texts("infusion_events"),
        ignore_instruments=entries.texts("ignore_instruments"),
        ignore_events=entries.texts("ignore_events"),
        from_record=entries.texts("from_record"),
        from_infusion=entries.texts("from_infusion"),
        from_event=_events(entries),
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


def _conditions(entries: Entries, key: str) -> tuple[Condition, ...]:
    return tuple(condition(entries, key, tests) for tests in entries.tables(key))
