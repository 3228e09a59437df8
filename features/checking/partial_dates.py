"""Dates whose day, or day and month, is unknown: recognized, and completed only by a stated rule."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from features.checking.dates import ISO_DATE, TOKEN, TOKENS, full_year, has_two_digit_years
from features.checking.month_names import month_number

Partial = Literal["first", "middle", "last", "unknown"]

UNKNOWN_PART = r"(?:00?|\?{1,2}|[xXхХ]{1,2}|[uU][nN][kK]?|[nN][kK]|-{1,2}|_{1,2})"
"""What sites write for a day or a month that they do not know."""

MIDDLE_DAY, MIDDLE_MONTH = 15, 7
"""The 15th of a month; 1 July of a year."""

_YEARS = range(1900, 2101)


@dataclass(frozen=True)
class PartialDate:
    """A date without a day.

    Parameters
    ----------
    year : int
        Four digits.
    month : int or None
        None where it is unknown too.
    """

    year: int
    month: int | None

    def completed(self, rule: Partial) -> datetime.date | None:
        """Give the day that a rule takes.

        Parameters
        ----------
        rule : Partial
            First, middle or last day of the month, or of the year if the month is unknown.

        Returns
        -------
        date : date or None
            None by the rule ``unknown``.

        Examples
        --------
        >>> PartialDate(2021, 2).completed("middle"), PartialDate(2021, 2).completed("last")
        (datetime.date(2021, 2, 15), datetime.date(2021, 2, 28))
        >>> PartialDate(2021, None).completed("middle"), PartialDate(2021, None).completed("unknown")
        (datetime.date(2021, 7, 1), None)
        """
        match rule:
            case "first":
                return datetime.date(self.year, self.month or 1, 1)
            case "last":
                month = self.month or 12
                return datetime.date(self.year, month, calendar.monthrange(self.year, month)[1])
            case "middle" if self.month:
                return datetime.date(self.year, self.month, MIDDLE_DAY)
            case "middle":
                return datetime.date(self.year, MIDDLE_MONTH, 1)
        return None


def read_partial(cell: str, written: str, pivot: int | None = None) -> PartialDate | None:
    """Read a date without a day.

    Parameters
    ----------
    cell : str
        Text of the cell: the format with ``00``, ``??``, ``xx``, ``UN``, ``UNK``, ``NK`` or ``--`` for
        what is unknown; or without the day, or without day and month, if years have four digits.
    written : str
        How the site writes dates; ``YYYY-MM-DD`` is understood beside it.
    pivot : int, optional
        For years of two digits.

    Returns
    -------
    date : PartialDate or None
        None for a complete date and for anything else.

    Examples
    --------
    >>> read_partial("??.03.2021", "DD.MM.YYYY"), read_partial("03.2021", "DD.MM.YYYY")
    (PartialDate(year=2021, month=3), PartialDate(year=2021, month=3))
    >>> read_partial("2021", "DD.MM.YYYY"), read_partial("03.03.2021", "DD.MM.YYYY")
    (PartialDate(year=2021, month=None), None)
    """
    for pattern in (written, ISO_DATE):
        for expression in _expressions(pattern):
            parts = re.fullmatch(expression, cell)
            if parts and (date := _partial(parts.groupdict(), pivot)):
                return date
    return None


def _partial(parts: dict[str, str], pivot: int | None) -> PartialDate | None:
    year = full_year(parts["year"], pivot)
    month = month_number(parts["month"]) if "month" in parts else None
    if year is None or year not in _YEARS or ("month" in parts and month not in range(1, 13)):
        return None
    return PartialDate(year, month)


@lru_cache(maxsize=64)
def _expressions(written: str) -> tuple[str, ...]:
    """Write a format with unknown parts, and without them, as regular expressions."""
    tokens = TOKEN.findall(written)
    month = next((token for token in tokens if token in ("MM", "MON")), "MM")
    marked = [_marked(written, {"DD"}), _marked(written, {"DD", month})]
    if has_two_digit_years(written):
        return tuple(marked)
    return (*marked, _short(written, {"DD"}), TOKENS["YYYY"])


def _marked(written: str, unknown: set[str]) -> str:
    marks = [re.escape(mark) for mark in TOKEN.split(written)]
    tokens = [UNKNOWN_PART if token in unknown else TOKENS[token] for token in TOKEN.findall(written)]
    return "".join(mark + token for mark, token in zip(marks, [*tokens, ""], strict=True))


def _short(written: str, left_out: set[str]) -> str:
    """Leave a part out, with the sign after it, or before it at the end."""
    kept = "".join(
        token + mark
        for token, mark in zip(TOKEN.findall(written), TOKEN.split(written)[1:], strict=True)
        if token not in left_out
    )
    return _marked(kept.rstrip("-/., "), set())
