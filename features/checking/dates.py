"""Dates of a site's table: read to make days and ages of them, and never kept."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

from features.advice import Advice, plain
from features.checking.time_zones import ABBREVIATED, CLOCK, NO_ABBREVIATION, TimeZoneMissing, local_date

ISO_DATE = "YYYY-MM-DD"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TOKENS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MON": r"(?P<month>[A-Za-z]{3})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{1,2})",
}
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:[.,][0-9]+)?")
"""Days since 1900 or 1904, as a spreadsheet shows a date in a cell that is formatted as a number."""
_SECONDS = re.compile(r"(?!(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2]))-?[1-9][0-9]{8,13}(?:[.,][0-9]+)?")
"""Seconds or milliseconds since 1970, 1960 or 1582, as databases and statistics programs count time."""

DAYS_IN_YEAR = 365.25


def is_date_format(written: str) -> bool:
    """Say whether a date can be read by this format: YYYY, DD, and MM or MON, once each.

    Examples
    --------
    >>> is_date_format("DD.MM.YYYY"), is_date_format("DD.MM.YY")
    (True, False)
    """
    tokens = re.findall("|".join(_TOKENS), written)
    rest = re.sub("|".join(_TOKENS), "", written)
    months = tokens.count("MM") + tokens.count("MON")
    complete = len(tokens) == 3 and months == tokens.count("YYYY") == tokens.count("DD") == 1
    return complete and not re.search(r"[A-Za-z0-9]", rest)


def read_date(cell: str, written: str, zone: str | None = None) -> datetime.date | None:
    """Read a date, or the date of a date and time.

    Parameters
    ----------
    cell : str
        Text of the cell.
    written : str
        How the site writes dates: ``YYYY``, ``DD``, and ``MM`` or ``MON`` (jan to dec) in any order.
        ``YYYY-MM-DD``, as spreadsheets hand dates over, is understood beside it.
    zone : str, optional
        Time zone of the site, as ``Europe/Berlin``: a time that states its own time zone (``Z``,
        ``+01:00``) is brought into it. A date, or a time without a time zone, is the site's already.

    Returns
    -------
    date : date or None
        None where the cell is no such date.

    Raises
    ------
    TimeZoneMissing
        If the cell states a time zone and the site's is not known: the date could be the day before.

    Examples
    --------
    >>> read_date("03.11.2021", "DD.MM.YYYY"), read_date("2021-11-03 10:30", "DD.MM.YYYY")
    (datetime.date(2021, 11, 3), datetime.date(2021, 11, 3))
    >>> read_date("2021-03-04T23:00:00.000Z", "YYYY-MM-DD", "Europe/Berlin")
    datetime.date(2021, 3, 5)
    >>> read_date("31.02.2021", "DD.MM.YYYY")
    """
    for pattern in (written, ISO_DATE):
        parts = re.fullmatch(_expression(pattern), cell)
        if parts:
            try:
                day = datetime.date(int(parts["year"]), _month(parts["month"]), int(parts["day"]))
                return local_date(day, parts["clock"] or "", zone)
            except TimeZoneMissing:
                raise
            except ValueError:
                return None
    return None


def days_between(earlier: datetime.date, later: datetime.date) -> int:
    """Whole days from one date to another; negative where the second is earlier."""
    return (later - earlier).days


def years_between(earlier: datetime.date, later: datetime.date) -> float:
    """Years from one date to another, to one decimal.

    Examples
    --------
    >>> years_between(datetime.date(1990, 5, 1), datetime.date(2021, 11, 3))
    31.5
    """
    return round(days_between(earlier, later) / DAYS_IN_YEAR, 1)


def shape(cell: str) -> str:
    """Show how a date is written without saying which: it may be a birthday.

    Examples
    --------
    >>> shape("17.05.1990"), shape("3 Nov 2021"), shape("2021-03-04T23:00Z")
    ('00.00.0000', '0 xxx 0000', '0000-00-00T00:00Z')
    """
    hidden = re.sub(r"[^\W\d_]", "x", re.sub(r"[0-9]", "0", cell))
    return re.sub(r"(?<=00)x$", "Z", re.sub(r"(?<=00)x(?=00:)", "T", hidden))


def date_advice(cell: str, written: str) -> Advice:
    """Say how to fix a cell that is no date of this format.

    Examples
    --------
    >>> print(date_advice("17.05.90", "DD.MM.YYYY"))
    years need four digits: format the column as DD.MM.YYYY and export again
    >>> print(date_advice("44260", "DD.MM.YYYY"))
    a spreadsheet's serial number? Format the column as a date in its program and export again
    >>> print(date_advice("1614902400", "DD.MM.YYYY"))
    a count of seconds? Format the column as a date in its program and export again
    """
    if re.fullmatch(r"[0-9]{1,2}([-/. ])(?:[0-9]{1,2}|[A-Za-z]{3})\1[0-9]{2}", cell):
        return plain(f"years need four digits: format the column as {written} and export again")
    if _SERIAL.fullmatch(cell):
        return plain(
            "a spreadsheet's serial number? Format the column as a date in its program and export again"
        )
    if _SECONDS.fullmatch(cell):
        return plain("a count of seconds? Format the column as a date in its program and export again")
    parts = re.fullmatch(_expression(written), cell) or re.fullmatch(_expression(ISO_DATE), cell)
    if parts:
        time = " or time" if parts["clock"] else ""
        return plain(f"the day{time} does not exist: correct the cell")
    if re.fullmatch(_expression(written, clock=ABBREVIATED), cell) or re.fullmatch(
        _expression(ISO_DATE, clock=ABBREVIATED), cell
    ):
        return plain(NO_ABBREVIATION)
    return plain('set dates in the mapping file, or, only if the cell means "unknown", add it to missing')


def _month(written: str) -> int:
    return int(written) if written.isdigit() else MONTHS.index(written.lower()) + 1


@lru_cache(maxsize=64)
def _expression(written: str, *, clock: str = CLOCK) -> str:
    expression = re.escape(written)
    for token, pattern in _TOKENS.items():
        expression = expression.replace(token, pattern)
    return f"{expression}(?P<clock>{clock})?"
