"""What a mapping file says of dates: how they are written, what is unknown of them, in which time zone."""

from __future__ import annotations

from typing import cast, get_args

from features.checking.dates import has_two_digit_years, is_date_format
from features.checking.partial_dates import Partial
from features.checking.serial_dates import SERIALS
from features.checking.time_zones import time_zone_problem
from features.mapping.date_rules import DateRules, SplitDate
from features.mapping.definition import SiteDates
from features.mapping.toml_entries import Entries
from features.problem_codes import Code

DATE_KEYS = ("dates", "time_zone", "partial", "two_digit_years")
"""Keys of ``[table]``, and of a field that is made of dates."""


def site_dates(table: Entries) -> SiteDates:
    """Take what ``[table]`` says of all dates.

    Parameters
    ----------
    table : Entries
        The table; receives every mistake.

    Returns
    -------
    dates : SiteDates

    Examples
    --------
    >>> site_dates(Entries("table", {"time_zone": "Europe/Berlin"}, [])).rules.time_zone
    'Europe/Berlin'
    """
    return SiteDates(date_rules(table, DateRules()), infusion=table.text("infusion_date"))


def date_rules(entries: Entries, default: DateRules) -> DateRules:
    """Take the keys that say how dates are read.

    Parameters
    ----------
    entries : Entries
        Of ``[table]`` or of a field; receives every mistake.
    default : DateRules
        What holds where a key is not given.

    Returns
    -------
    rules : DateRules
    """
    pivot = _pivot(entries)
    rules = DateRules(
        written=_formats(entries) or default.written,
        time_zone=_time_zone(entries) or default.time_zone,
        partial=cast(Partial | None, entries.choice("partial", get_args(Partial))) or default.partial,
        two_digit_years=default.two_digit_years if pivot is None else pivot,
    )
    if "dates" in entries and rules.two_digit_years is None and any(map(has_two_digit_years, rules.written)):
        entries.refuse(
            Code.REQUIRED,
            "two_digit_years",
            "is required for years of two digits",
            advice="two_digit_years = 30 reads 30 as 2030 and 31 as 1931",
        )
    return rules


def split_dates(entries: Entries, content: dict[str, object]) -> tuple[SplitDate, ...]:
    """Take the dates whose year, month and day are columns of their own.

    Parameters
    ----------
    entries : Entries
        Of ``[split_dates]``; receives every mistake.
    content : dict
        The same, to name every date.

    Returns
    -------
    dates : tuple of SplitDate

    Examples
    --------
    >>> content = {"relapse": {"year": "REL_Y", "month": "REL_M"}}
    >>> split_dates(Entries("split_dates", content, []), content)[0].columns
    ('REL_Y', 'REL_M')
    """
    dates = []
    for name in content:
        parts = entries.inside(name, entries.table(name) or {})
        year, month, day = parts.text("year"), parts.text("month"), parts.text("day")
        if year is None:
            parts.refuse(Code.REQUIRED, "year", "is required: the column with the year")
        if day is not None and month is None:
            parts.refuse(Code.REQUIRED, "month", "is required beside day")
        dates.append(SplitDate(name, year or "", month, day, parts.texts("missing")))
        parts.finish()
    return tuple(dates)


def _formats(entries: Entries) -> tuple[str, ...]:
    """Take one format or several."""
    formats = entries.texts("dates")
    wrong = [written for written in formats if not (is_date_format(written) or written in SERIALS)]
    for written in wrong:
        entries.refuse(
            Code.WRONG_DATE_FORMAT,
            "dates",
            "must be made of YYYY (or YY), MM (or MON) and DD, once each",
            value_text=written,
            advice=f'as "DD.MM.YYYY"; or, for dates that are stored as numbers, {", ".join(SERIALS)}',
        )
    return () if wrong else formats


def _time_zone(entries: Entries) -> str | None:
    """Take a key that names a time zone."""
    name = entries.text("time_zone")
    problem = None if name is None else time_zone_problem(name)
    if problem:
        entries.refuse(Code.UNKNOWN_TIME_ZONE, "time_zone", problem[0], value_text=name, advice=problem[1])
        return None
    return name


def _pivot(entries: Entries) -> int | None:
    pivot = entries.number("two_digit_years")
    if pivot is not None and not (pivot.is_integer() and 0 <= pivot <= 99):
        entries.refuse(
            Code.OUTSIDE_LIMITS, "two_digit_years", "must be a whole number, 0 to 99", value_text=pivot
        )
        return None
    return None if pivot is None else int(pivot)
