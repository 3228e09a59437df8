"""The time of day at which an infusion or lymphodepletion began, and what is known to be before it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from features.short_repr import ShortRepr
from training.omop.records import Record


@dataclass(frozen=True, repr=False)
class StartTime(ShortRepr):
    """When something began on its first day.

    Parameters
    ----------
    earliest : datetime, optional
        Earliest time that a record of the day states.
    exact : bool
        Whether all records of the day state a time; otherwise it may have begun earlier.
    """

    earliest: datetime.datetime | None = None
    exact: bool = False

    def is_past(self, record: Record) -> bool:
        """Say whether a record of the first day is known to be at this time or later."""
        return self.earliest is not None and record.time is not None and record.time >= self.earliest

    def is_open(self, record: Record) -> bool:
        """Say whether a record of the first day may be earlier or later.

        Examples
        --------
        >>> day = datetime.date(2021, 3, 4)
        >>> at = [datetime.datetime(2021, 3, 4, hour) for hour in (7, 9, 18)]
        >>> drawn = [Record(1, day, time, "", "5", "", "") for time in (at[0], at[2], None)]
        >>> [StartTime(at[1], exact=True).is_open(record) for record in drawn]
        [False, False, True]
        >>> [StartTime(at[1], exact=False).is_open(record) for record in drawn]
        [True, False, True]
        """
        return not self.is_past(record) and (record.time is None or not self.exact)


UNTIMED = StartTime()
"""Of what no record states a time."""


def start_time(records: Sequence[Record]) -> StartTime:
    """Find the time of the first day of some records.

    Parameters
    ----------
    records : sequence of Record
        In any order; of one person.

    Returns
    -------
    start : StartTime
        `UNTIMED` without a record.
    """
    first = min((record.day for record in records), default=None)
    times = [record.time for record in records if record.day == first]
    known = [time for time in times if time is not None]
    return StartTime(min(known, default=None), exact=bool(known) and len(known) == len(times))
