"""Every typed value is written one way as text."""

from __future__ import annotations

import datetime
import math


def canonical_text(value: object) -> str:
    """Write one typed value as a cell.

    Parameters
    ----------
    value : object
        None, a boolean, number, date or text.

    Returns
    -------
    cell : str
        Blank for None; ``true`` or ``false``; whole numbers without ``.0``; dates as ``YYYY-MM-DD``; times
        that state a time zone keep it, since the date may be another where the site is.

    Examples
    --------
    >>> [canonical_text(value) for value in (None, True, 3.0, 0.1, "text")]
    ['', 'true', '3', '0.1', 'text']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return (
            str(int(value))
            if math.isfinite(value) and value.is_integer() and abs(value) < 1e15
            else repr(value)
        )
    if isinstance(value, datetime.datetime) and value.tzinfo is None and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return str(value)
