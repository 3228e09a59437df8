"""What a mapping file says of dates: how they are written, in which time zone."""

from __future__ import annotations

from features.checking.dates import ISO_DATE, is_date_format
from features.checking.time_zones import time_zone_problem
from features.mapping.definition import SiteDates
from features.mapping.toml_entries import Entries
from features.problem_codes import Code


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
    >>> site_dates(Entries("table", {"time_zone": "Europe/Berlin"}, [])).time_zone
    'Europe/Berlin'
    """
    return SiteDates(
        written=date_format(table, "dates", ISO_DATE),
        time_zone=time_zone(table, "time_zone"),
        infusion=table.text("infusion_date"),
    )


def date_format(entries: Entries, key: str, default: str) -> str:
    """Take a key that says how dates are written."""
    written = entries.text(key)
    if written is not None and not is_date_format(written):
        entries.refuse(
            Code.WRONG_DATE_FORMAT,
            key,
            "must be made of YYYY, MM (or MON) and DD, once each",
            value_text=written,
            advice='as "DD.MM.YYYY"',
        )
        return default
    return written or default


def time_zone(entries: Entries, key: str) -> str | None:
    """Take a key that names a time zone."""
    name = entries.text(key)
    problem = None if name is None else time_zone_problem(name)
    if problem:
        entries.refuse(Code.UNKNOWN_TIME_ZONE, key, problem[0], value_text=name, advice=problem[1])
        return None
    return name
