"""A date with its time of day, as far as a cell states one: values of one day have an order."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from features.checking.time_zones import clock_of, local_moment

MIDNIGHT = datetime.time()


class Moment(NamedTuple):
    """A day, and the time of day where it is known.

    Parameters
    ----------
    day : int
        Number of the day, as `datetime.date.toordinal` counts.
    second : int or None
        Of the day. None where the cell states no time, or midnight, which programs write for a date.
    """

    day: int
    second: int | None = None

    def __repr__(self) -> str:
        """Leave out when it is."""
        return "Moment(...)"

    def is_after(self, other: Moment) -> bool:
        """Say whether it is later than another moment; of one day only if both have a time.

        Examples
        --------
        >>> Moment(5, 600).is_after(Moment(5, 300)), Moment(5).is_after(Moment(5, 300))
        (True, False)
        """
        if self.day != other.day or self.second is None or other.second is None:
            return self.day > other.day
        return self.second > other.second


def second_of_day(cell: str, written_day: datetime.date, zone: str | None = None) -> int | None:
    """Read the time of day that follows a date.

    Parameters
    ----------
    cell : str
        Text of the cell, which has a date.
    written_day : date
        The date as written, which is another one at the site where the cell states a time zone.
    zone : str, optional
        Time zone of the site.

    Returns
    -------
    second : int or None
        At the site. None where the cell states no time, or midnight.

    Examples
    --------
    >>> day = datetime.date(2021, 11, 3)
    >>> second_of_day("03.11.2021 08:30", day), second_of_day("2021-11-03 00:00:00", day)
    (30600, None)
    """
    clock = clock_of(cell)
    time = local_moment(written_day, clock, zone)[1] if clock else None
    if time is None or time == MIDNIGHT:
        return None
    return time.hour * 3600 + time.minute * 60 + time.second
