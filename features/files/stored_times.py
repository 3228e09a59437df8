"""Dates, times and durations of a Parquet file that no calendar or time zone here holds."""

from __future__ import annotations

from typing import Any

from features.advice import plain
from features.problem_codes import Code
from features.problems import Problem

A_ZONE = plain("store the times in UTC, or in a zone as the IANA database names it (Europe/Berlin)")
A_VALUE = plain("correct it in the program that wrote the file, or leave it blank there")
A_DATE = "must be a date of the years 1 to 9999"
A_DURATION = "must be at most 999,999,999 days"
A_TIME = "must be a time of day, before 24 h"


def time_problem(column: Any, name: str, *, rows_before: int) -> Problem | None:
    """Say why the times of a column cannot be read.

    Parameters
    ----------
    column : pyarrow.Array
        Consecutive values of it.
    name : str
        Of the column.
    rows_before : int
        Rows of the file between the heading and the first of the values.

    Returns
    -------
    problem : Problem or None
        The unknown time zone, or the first value that is beyond the calendar; None if there is none.

    Examples
    --------
    >>> import pyarrow
    >>> print(time_problem(pyarrow.array([0, 10**8], pyarrow.date32()), "relapse", rows_before=0))
    relapse must be a date of the years 1 to 9999 (row 3): correct it in the program that wrote the file, \
or leave it blank there
    """
    import pyarrow

    kind = column.type.value_type if pyarrow.types.is_dictionary(column.type) else column.type
    if not pyarrow.types.is_temporal(kind):
        return None
    if pyarrow.types.is_timestamp(kind) and kind.tz and not _is_held(pyarrow.scalar(0, kind)):
        rule = "must be in a known time zone"
        return Problem(Code.UNKNOWN_TIME_ZONE, rule, name, value_text=kind.tz, advice=A_ZONE)
    position = next((at for at, value in enumerate(column) if not _is_held(value)), None)
    if position is None:
        return None
    rule = (
        A_DURATION if pyarrow.types.is_duration(kind) else A_TIME if pyarrow.types.is_time(kind) else A_DATE
    )
    return Problem(Code.WRONG_DATE, rule, name, row=rows_before + position + 2, advice=A_VALUE)


def _is_held(value: Any) -> bool:
    """Whether a value can be written as text."""
    try:
        str(value.as_py())
    except (ArithmeticError, LookupError, ValueError):
        return False
    return True
