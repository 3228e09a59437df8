"""A time that states its time zone becomes a date at the site, or is refused: the day may differ."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from functools import lru_cache

from features.nearest_name import nearest

_NAME = r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+"
_OFFSET = r"[+-](?:[0-9]{2}:?[0-9]{2}|[0-9]{1,2}(?::[0-9]{2})?)"
_ZONE = rf"(?:Z|z|(?:UTC|GMT)?{_OFFSET}|UTC|GMT|{_NAME})"
_TIME = r"[Tt ] ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp][Mm])?"
CLOCK = rf"{_TIME}(?: ?{_ZONE})?(?: ?\[{_NAME}\])?"
"""What may follow a date: a time of day, and the time zone that it is in."""

ABBREVIATED = rf"{_TIME} ?[A-Z]{{3,5}}"
NO_ABBREVIATION = (
    "abbreviations of time zones mean different times in different places: "
    "export with the difference to UTC, as +01:00, or without a time of day"
)

_PARTS = re.compile(
    r"[Tt ] ?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?: ?(?P<half>[AaPp])[Mm])?"
    rf" ?(?P<zone>{_ZONE})?(?: ?\[(?P<name>{_NAME})\])?"
)

_AT_END = re.compile(rf"{CLOCK}$")

REMEDY = (
    'set time_zone = "Europe/Berlin", or that of your center, under [table] or in the field; '
    'time_zone = "UTC" keeps the date as it is written after Z or +00:00'
)


class TimeZoneMissing(ValueError):
    """A time states a time zone, and the mapping file does not state that of the site."""


def local_date(day: datetime.date, clock: str, zone: str | None) -> datetime.date:
    """Give the date at the site on which a time falls.

    Parameters
    ----------
    day : date
        As written.
    clock : str
        What follows the date, see `CLOCK`; blank for a date alone.
    zone : str or None
        Time zone of the site.

    Returns
    -------
    date : date
        The written one unless the time states a time zone of its own.

    Raises
    ------
    TimeZoneMissing
        If the time states a time zone and the site's is not known.
    ValueError
        If there is no such time.

    Examples
    --------
    >>> local_date(datetime.date(1990, 4, 30), "T22:00:00Z", "Europe/Berlin")
    datetime.date(1990, 5, 1)
    >>> local_date(datetime.date(2021, 3, 5), " 23:59", None)
    datetime.date(2021, 3, 5)
    """
    return local_moment(day, clock, zone)[0]


def local_moment(
    day: datetime.date, clock: str, zone: str | None
) -> tuple[datetime.date, datetime.time | None]:
    """Give the date and the time of day at the site.

    Parameters
    ----------
    day, clock, zone
        As for `local_date`.

    Returns
    -------
    date : date
    time : time or None
        None where no time is stated.

    Raises
    ------
    TimeZoneMissing, ValueError
        As `local_date`.

    Examples
    --------
    >>> local_moment(datetime.date(1990, 4, 30), "T22:30:00Z", "Europe/Berlin")
    (datetime.date(1990, 5, 1), datetime.time(0, 30))
    """
    parts = _PARTS.fullmatch(clock)
    if parts is None:
        return day, None
    hour = int(parts["hour"]) if not parts["half"] else _of_half(int(parts["hour"]), parts["half"])
    time = datetime.time(hour, int(parts["minute"]), int(parts["second"] or 0))
    stated = parts["zone"] or parts["name"]
    if not stated:
        return day, time
    own = _zone_of(stated)
    if zone is None:
        raise TimeZoneMissing
    try:
        there = datetime.datetime.combine(day, time, own).astimezone(site_zone(zone))
    except OverflowError:
        raise ValueError(clock) from None
    return there.date(), there.time()


def states_time_zone(cell: str) -> bool:
    """Say whether a cell ends with a time that states its time zone.

    Examples
    --------
    >>> [states_time_zone(cell) for cell in ("2021-03-04T23:00:00.000Z", "2021-03-04 23:00", "5.5")]
    [True, False, False]
    """
    ending = _AT_END.search(cell)
    parts = _PARTS.fullmatch(ending[0]) if ending else None
    return parts is not None and bool(parts["zone"] or parts["name"])


def clock_of(cell: str) -> str:
    """Give the time of day at the end of a cell, with its time zone; blank where it has none.

    Examples
    --------
    >>> clock_of("2021-03-04T23:00Z"), clock_of("2021-03-04")
    ('T23:00Z', '')
    """
    ending = _AT_END.search(cell)
    return ending[0] if ending else ""


def without_time(cell: str) -> str:
    """Take the time of day away from a date.

    Examples
    --------
    >>> without_time("04.03.2021 23:00:00Z")
    '04.03.2021'
    """
    return _AT_END.sub("", cell)


def time_zone_problem(name: str) -> tuple[str, str] | None:
    """Say why a text is not a time zone, and how to fix it.

    Examples
    --------
    >>> time_zone_problem("Europe/Berlin")
    >>> time_zone_problem("Europe/Berln")
    ('is not a time zone', 'did you mean Europe/Berlin?')
    >>> time_zone_problem("CET")[1]
    'name a place, as "Europe/Berlin" or "America/New_York", or "UTC"'
    """
    if name == "UTC" or ("/" in name and name in zoneinfo.available_timezones()):
        return None
    near = nearest(name, zoneinfo.available_timezones()) if "/" in name else None
    example = 'name a place, as "Europe/Berlin" or "America/New_York", or "UTC"'
    return "is not a time zone", f"did you mean {near}?" if near else example


@lru_cache(maxsize=64)
def site_zone(name: str) -> datetime.tzinfo:
    """Give the rules of a time zone, with its summer time."""
    return datetime.UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def _of_half(hour: int, half: str) -> int:
    """Give the hour of 12-hour time: 12 AM is midnight."""
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half in "Pp" else 0)


def _zone_of(stated: str) -> datetime.tzinfo:
    """Read a difference to UTC, or the name of a time zone."""
    if stated in ("Z", "z", "UTC", "GMT"):
        return datetime.UTC
    if "/" in stated:
        try:
            return site_zone(stated)
        except zoneinfo.ZoneInfoNotFoundError:
            raise ValueError(stated) from None
    sign, digits = (-1 if "-" in stated else 1), re.findall(r"[0-9]{1,2}", stated)
    hours, minutes = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
    if minutes > 59:
        raise ValueError(stated)
    return datetime.timezone(sign * datetime.timedelta(hours=hours, minutes=minutes))
