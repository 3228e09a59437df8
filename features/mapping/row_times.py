"""When a row of a further table was."""

from __future__ import annotations

from typing import NamedTuple

from features.checking.moments import Moment
from features.checking.time_zones import states_time_zone, without_time
from features.mapping.linked_definition import LinkedTable
from features.mapping.site_values import is_missing


class RowTime(NamedTuple):
    """When a row was, and how it was written.

    Parameters
    ----------
    moment : Moment or None
        None where it is unknown.
    zoned : bool
        Whether the row states a time zone.
    moved : bool
        Whether the date at the site differs from the written one.
    partial : bool
        Whether the day is unknown.
    """

    moment: Moment | None
    zoned: bool = False
    moved: bool = False
    partial: bool = False


def row_time(cell: str, linked: LinkedTable) -> RowTime:
    """Read when a row was.

    Raises
    ------
    CellError
        If the cell is no date.
    """
    if is_missing(cell, linked.missing, linked.numbers):
        return RowTime(None)
    moment = linked.dates.required_moment(cell, linked.date)
    if moment is None or not states_time_zone(cell):
        return RowTime(moment, partial=linked.dates.partial_date(cell) is not None)
    written = linked.dates.date(without_time(cell))
    return RowTime(moment, zoned=True, moved=written is not None and written.toordinal() != moment.day)
