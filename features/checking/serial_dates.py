"""Dates that a program stores as a number: days, seconds or milliseconds since its own first day."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from features.checking.parse_cell import MISSING_CODES

DAY, SECOND, MILLISECOND = 1, 86_400, 86_400_000


@dataclass(frozen=True)
class Serial:
    """How a program counts.

    Parameters
    ----------
    first : date
        Day 0.
    per_day : int
        How many of its units a day has.
    title : str
        What is counted, for messages.
    """

    first: datetime.date
    per_day: int
    title: str


SERIALS: Mapping[str, Serial] = {
    "excel": Serial(datetime.date(1899, 12, 30), DAY, "days in a workbook of the 1900 date system"),
    "excel_1904": Serial(datetime.date(1904, 1, 1), DAY, "days in a workbook of the 1904 date system"),
    "spss": Serial(datetime.date(1582, 10, 14), SECOND, "seconds since 14 October 1582"),
    "stata": Serial(datetime.date(1960, 1, 1), DAY, "days since 1 January 1960"),
    "stata_datetime": Serial(datetime.date(1960, 1, 1), MILLISECOND, "milliseconds since 1 January 1960"),
    "sas": Serial(datetime.date(1960, 1, 1), DAY, "days since 1 January 1960"),
    "sas_datetime": Serial(datetime.date(1960, 1, 1), SECOND, "seconds since 1 January 1960"),
}
"""By the name that a mapping file uses."""

NO_DAY = 60
"""Serial number of 29 February 1900 in Excel: that day did not exist."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:[.,][0-9]+)?")
_GROUPED = re.compile(r"-?[0-9]{1,3}[.,][0-9]{3}")
"""44.260 may be a fraction of a day, or 44260 with a separator of thousands."""


def serial_date(cell: str, program: str) -> datetime.date | None:
    """Read a date that is stored as a number.

    Parameters
    ----------
    cell : str
        Text of the cell. A fraction is the time of day and is left out.
    program : str
        One of `SERIALS`.

    Returns
    -------
    date : date or None
        None where the cell is no such number, where the day does not exist (Excel's 60), and for numbers that
        are in use as codes for a missing value, such as -99.

    References
    ----------
    Microsoft, "Date systems in Excel" (1900 and 1904); IBM SPSS, Stata and SAS count from the first days in
    `SERIALS`.

    Examples
    --------
    >>> serial_date("44260", "excel"), serial_date("42798,5", "excel_1904"), serial_date("22344", "sas")
    (datetime.date(2021, 3, 5), datetime.date(2021, 3, 5), datetime.date(2021, 3, 5))
    >>> serial_date("13834281600", "spss"), serial_date("1930521600000", "stata_datetime")
    (datetime.date(2021, 3, 5), datetime.date(2021, 3, 5))
    >>> serial_date("59", "excel"), serial_date("60", "excel"), serial_date("-99", "sas")
    (datetime.date(1900, 2, 28), None, None)
    """
    if not _NUMBER.fullmatch(cell) or _GROUPED.fullmatch(cell) or cell in MISSING_CODES:
        return None
    serial = SERIALS[program]
    days = int(float(cell.replace(",", ".")) // serial.per_day)
    if program == "excel":
        if days < 1 or days == NO_DAY:
            return None
        days += days < NO_DAY
    try:
        return serial.first + datetime.timedelta(days=days)
    except OverflowError:
        return None


def programs_of(cells: Collection[str]) -> list[str]:
    """Name the programs that could have stored the dates of patients as these numbers.

    Parameters
    ----------
    cells : collection of str
        Of a column, without blank cells.

    Returns
    -------
    programs : list of str
        Those by which every cell is in the life of a patient, and one is in the time of CAR T cells.

    Examples
    --------
    >>> programs_of(["44260", "33000"]), programs_of(["13834281600"]), programs_of(["7", "62"])
    (['excel', 'excel_1904'], ['spss'], [])
    """
    years = {
        program: [date.year for cell in cells if (date := serial_date(cell, program))] for program in SERIALS
    }
    return [
        program
        for program, read in years.items()
        if cells and len(read) == len(cells) and min(read) in LIVED and max(read) in CAR_T
    ]


LIVED, CAR_T = range(1925, 2040), range(2010, 2040)
"""Years that dates of patients are in, and those in which CAR T cells are given."""
