"""Dates of a site's table: read as the mapping file says, and counted from one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from features.checking.dates import days_between, months_between, years_between
from features.checking.partial_dates import Partial
from features.checking.time_zones import states_time_zone, without_time
from features.files.typed_text import canonical_text
from features.mapping.date_rules import DateRules
from features.mapping.definition import FieldMapping
from features.mapping.redcap_layout import SiteRow
from features.problems import counted


def time_since(how: FieldMapping, row: SiteRow, cell: str, unknown: Callable[[str], bool]) -> str:
    """Give the days, months or years from an earlier date to that of a cell.

    Parameters
    ----------
    how : FieldMapping
        With ``days_since``, ``months_since`` or ``years_since``.
    row : SiteRow
        The infusion in the site's columns.
    cell : str
        The later date.
    unknown : callable
        Whether a cell is blank or a missing code.

    Returns
    -------
    time : str
        Blank where one of the dates is unknown.

    Raises
    ------
    CellError
        If one of the two is no date.
    """
    earlier_column = how.since or ""
    earlier_cell = row.cells[earlier_column]
    if unknown(earlier_cell):
        return ""
    later = how.dates.required_date(cell, how.columns[0])
    earlier = how.dates.required_date(earlier_cell, earlier_column)
    if later is None or earlier is None:
        return ""
    between = days_between if how.days_since else months_between if how.months_since else years_between
    return canonical_text(between(earlier, later))


def date_notes(fields: Iterable[FieldMapping], rows: Sequence[SiteRow]) -> list[str]:
    """Count the dates that were changed or completed by a rule of the mapping.

    Parameters
    ----------
    fields : iterable of FieldMapping
        Of the mapping.
    rows : sequence of SiteRow
        Infusions in the site's columns.

    Returns
    -------
    notes : list of str
        One for each time zone, with the dates that it changed; one for each column with partial dates.
    """
    zoned: dict[str, dict[Cell, bool]] = {}
    partial: dict[tuple[str, Partial], dict[tuple[str, int], bool]] = {}
    for rules, column, row in _date_cells(fields, rows):
        cell, key = row.cells[column], (row.source_of(column), column)
        if rules.time_zone and states_time_zone(cell):
            zoned.setdefault(rules.time_zone, {})[key] = rules.date(cell) != rules.date(without_time(cell))
        if rules.partial and (date := rules.partial_date(cell)):
            partial.setdefault((column, rules.partial), {})[key[0]] = date.month is None
    return [*_zone_notes(zoned), *_partial_notes(partial)]


Cell = tuple[tuple[str, int], str]
"""Table and row, and column."""


def _date_cells(
    fields: Iterable[FieldMapping], rows: Sequence[SiteRow]
) -> Iterator[tuple[DateRules, str, SiteRow]]:
    for how in (way for each in fields for way in (each.alternatives or (each,))):
        for column in how.date_columns:
            for row in rows:
                yield how.dates, column, row


def _zone_notes(zoned: Mapping[str, Mapping[Cell, bool]]) -> list[str]:
    return [
        f"{counted(len(cells), 'time')} with a time zone read in {zone}: the date there differs from the "
        f"written one in {sum(cells.values())}"
        for zone, cells in zoned.items()
    ]


def _partial_notes(partial: Mapping[tuple[str, Partial], Mapping[tuple[str, int], bool]]) -> list[str]:
    return [
        f"{column}: {counted(len(cells), 'date')} without a day ({sum(cells.values())} without a month) "
        f"{RULES[rule]}"
        for (column, rule), cells in partial.items()
    ]


RULES: Mapping[Partial, str] = {
    "first": "read as the first day of the month or year",
    "middle": "read as the 15th of the month, or 1 July",
    "last": "read as the last day of the month or year",
    "unknown": "left out",
}
"""What became of partial dates."""
