"""Dates of a site's table: read as the mapping file says, and counted from one another."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence

from features.advice import plain
from features.checking.dates import date_advice, days_between, read_date, shape, years_between
from features.checking.parse_cell import CellError
from features.checking.time_zones import REMEDY, TimeZoneMissing, states_time_zone, without_time
from features.files.typed_text import canonical_text
from features.mapping.definition import FieldMapping
from features.mapping.redcap_layout import SiteRow
from features.problem_codes import Code
from features.problems import counted

NO_TIME_ZONE = "states a time zone, so the date at the center may be another"


def site_date(how: FieldMapping, cell: str) -> datetime.date | None:
    """Read the date of a cell.

    Parameters
    ----------
    how : FieldMapping
        How the field's dates are written, and the site's time zone.
    cell : str
        Text of the cell.

    Returns
    -------
    date : date or None
        None where the cell is no date.

    Raises
    ------
    CellError
        If the cell states a time zone and the mapping file names none.

    Examples
    --------
    >>> how = FieldMapping("relapse_day", columns=("r",), days_since="i", time_zone="Europe/Berlin")
    >>> site_date(how, "2021-03-04T23:00:00Z")
    datetime.date(2021, 3, 5)
    """
    try:
        return read_date(cell, how.dates, how.time_zone)
    except TimeZoneMissing:
        raise CellError(Code.NO_TIME_ZONE, NO_TIME_ZONE, plain(REMEDY), value_text=shape(cell)) from None


def required_date(how: FieldMapping, cell: str, column: str) -> datetime.date:
    """Read the date of a cell that must be one.

    Raises
    ------
    CellError
        If it is not a date, with advice.
    """
    date = site_date(how, cell)
    if date is None:
        rule = f"must be a date written {how.dates}"
        advice = date_advice(cell, how.dates)
        raise CellError(Code.WRONG_DATE, rule, advice, value_text=shape(cell), column=column)
    return date


def time_since(how: FieldMapping, row: SiteRow, cell: str, unknown: Callable[[str], bool]) -> str:
    """Give the days or years from an earlier date to that of a cell.

    Parameters
    ----------
    how : FieldMapping
        With ``days_since`` or ``years_since``.
    row : SiteRow
        The infusion in the site's columns.
    cell : str
        The later date.
    unknown : callable
        Whether a cell is blank or a missing code.

    Returns
    -------
    time : str
        Blank where the earlier date is unknown.

    Raises
    ------
    CellError
        If one of the two is no date.
    """
    earlier_column = how.days_since or how.years_since or ""
    earlier_cell = row.cells[earlier_column]
    if unknown(earlier_cell):
        return ""
    later = required_date(how, cell, how.columns[0])
    earlier = required_date(how, earlier_cell, earlier_column)
    return canonical_text(days_between(earlier, later) if how.days_since else years_between(earlier, later))


def time_zone_notes(fields: Iterable[FieldMapping], rows: Sequence[SiteRow]) -> list[str]:
    """Count the times that were brought into the site's time zone, and those whose date changed by it.

    Parameters
    ----------
    fields : iterable of FieldMapping
        Of the mapping.
    rows : sequence of SiteRow
        Infusions in the site's columns.

    Returns
    -------
    notes : list of str
        One for each time zone; none where no cell states a time zone.
    """
    zoned: dict[str, dict[tuple[int, str], bool]] = {}
    for how in (way for each in fields for way in (each.alternatives or (each,))):
        for row, column in ((row, column) for row in rows for column in how.date_columns):
            cell = row.cells[column]
            if how.time_zone and states_time_zone(cell):
                moved = read_date(cell, how.dates, how.time_zone) != read_date(without_time(cell), how.dates)
                zoned.setdefault(how.time_zone, {})[(row.row_of(column), column)] = moved
    return [
        f"{counted(len(cells), 'time')} with a time zone read in {zone}: the date there differs from the "
        f"written one in {sum(cells.values())}"
        for zone, cells in zoned.items()
    ]
