"""Dates of a site's table: read to make days and ages of them, and never kept."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

from features.checking.month_names import month_number
from features.checking.time_zones import CLOCK, TimeZoneMissing, local_date

ISO_DATE = "YYYY-MM-DD"
TWO_DIGITS = "YY"
"""Years that need a pivot: which century is meant."""

TOKENS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    TWO_DIGITS: r"(?P<year>[0-9]{2})",
    "MON": r"(?P<month>[^\W\d_]{3,9}\.?)",
    "MM": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{1,2})",
}
TOKEN = re.compile("|".join(TOKENS))
MARKS = re.compile(r"[-/., ]*")
"""Signs that a format has between year, month and day."""

DAYS_IN_YEAR = 365.25
DAYS_IN_MONTH = DAYS_IN_YEAR / 12


def is_date_format(written: str) -> bool:
    """Say whether a date can be read by this format: YYYY (or YY), DD, and MM or MON, once each.

    Examples
    --------
    >>> is_date_format("DD.MM.YYYY"), is_date_format("DD.MM.YY"), is_date_format("MM.YYYY")
    (True, True, False)
    """
    tokens = TOKEN.findall(written)
    months = tokens.count("MM") + tokens.count("MON")
    years = tokens.count("YYYY") + tokens.count(TWO_DIGITS)
    complete = len(tokens) == 3 and months == years == tokens.count("DD") == 1
    return complete and bool(MARKS.fullmatch(TOKEN.sub("", written)))


def has_two_digit_years(written: str) -> bool:
    """Say whether a format has years of two digits."""
    return TWO_DIGITS in TOKEN.findall(written)


def full_year(digits: str, pivot: int | None) -> int | None:
    """Give the year that four or two digits mean.

    Parameters
    ----------
    digits : str
        Of the year.
    pivot : int, optional
        Last year of 2000 to 2099 that two digits mean; later ones are of 1900 to 1999.

    Returns
    -------
    year : int or None
        None for two digits without a pivot.

    Examples
    --------
    >>> full_year("30", 30), full_year("31", 30), full_year("1985", None), full_year("85", None)
    (2030, 1931, 1985, None)
    """
    if len(digits) == 4:
        return int(digits)
    if pivot is None or len(digits) != 2:
        return None
    return int(digits) + (2000 if int(digits) <= pivot else 1900)


def read_date(
    cell: str, written: str, zone: str | None = None, *, pivot: int | None = None
) -> datetime.date | None:
    """Read a date, or the date of a date and time.

    Parameters
    ----------
    cell : str
        Text of the cell.
    written : str
        How the site writes dates: ``YYYY`` (or ``YY``), ``DD``, and ``MM`` or ``MON`` (a name) in any order.
        ``YYYY-MM-DD``, as spreadsheets hand dates over, is understood beside it.
    zone : str, optional
        Time zone of the site, as ``Europe/Berlin``: a time that states its own time zone (``Z``,
        ``+01:00``) is brought into it. A date, or a time without a time zone, is the site's already.
    pivot : int, optional
        For years of two digits, see `full_year`.

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
    >>> read_date("3. Mär 21", "DD. MON YY", pivot=30)
    datetime.date(2021, 3, 3)
    >>> read_date("2021-03-04T23:00:00.000Z", "YYYY-MM-DD", "Europe/Berlin")
    datetime.date(2021, 3, 5)
    >>> read_date("31.02.2021", "DD.MM.YYYY")
    """
    for pattern in (written, ISO_DATE):
        parts = re.fullmatch(date_expression(pattern), cell)
        if parts:
            year, month = full_year(parts["year"], pivot), month_number(parts["month"])
            try:
                day = datetime.date(year or 0, month or 0, int(parts["day"]))
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


def months_between(earlier: datetime.date, later: datetime.date) -> float:
    """Months from one date to another, to one decimal; a month has 30.4375 days.

    Examples
    --------
    >>> months_between(datetime.date(2021, 1, 15), datetime.date(2021, 11, 3))
    9.6
    """
    return round(days_between(earlier, later) / DAYS_IN_MONTH, 1)


def shape(cell: str) -> str:
    """Show how a date is written without saying which: it may be a birthday.

    Examples
    --------
    >>> shape("17.05.1990"), shape("3 Nov 2021"), shape("2021-03-04T23:00Z")
    ('00.00.0000', '0 xxx 0000', '0000-00-00T00:00Z')
    """
    hidden = re.sub(r"[^\W\d_]", "x", re.sub(r"[0-9]", "0", cell))
    return re.sub(r"(?<=00)x$", "Z", re.sub(r"(?<=00)x(?=00:)", "T", hidden))


@lru_cache(maxsize=64)
def date_expression(written: str, *, clock: str = CLOCK) -> str:
    """Write a format as a regular expression with the groups year, month, day and clock."""
    marks = [re.escape(mark) for mark in TOKEN.split(written)]
    tokens = [TOKENS[token] for token in TOKEN.findall(written)]
    together = "".join(mark + token for mark, token in zip(marks, [*tokens, ""], strict=True))
    return f"{together}(?P<clock>{clock})?"
