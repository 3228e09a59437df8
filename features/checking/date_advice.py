"""What to do about a cell that is no date of the site's format."""

from __future__ import annotations

import re

from features.advice import Advice, plain
from features.checking.dates import ISO_DATE, date_expression
from features.checking.time_zones import ABBREVIATED, NO_ABBREVIATION

_TWO_DIGITS = re.compile(r"[0-9]{1,2}([-/. ]+)(?:[0-9]{1,2}|[^\W\d_]{3,9}\.?)\1[0-9]{2}")
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:[.,][0-9]+)?")
"""Days since 1900 or 1904, as a spreadsheet shows a date in a cell that is formatted as a number."""
_SECONDS = re.compile(r"(?!(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2]))-?[1-9][0-9]{8,13}(?:[.,][0-9]+)?")
"""Seconds or milliseconds since 1970, 1960 or 1582, as databases and statistics programs count time."""

PARTIAL = (
    'the day is unknown: set partial = "first", "middle" or "last" (of the month, or of the year), '
    'or "unknown" to leave the date out'
)
IN_PARTS = " | "
"""Between year, month and day of several columns that make no date; no format has it."""

PARTS = "year, month and day make no date: correct them, name codes under missing, or set two_digit_years"
TWO_READINGS = "keep one of these formats; correct cells that are written another way"
_EXPORT_AGAIN = "or format the column as a date in its program and export again"


def date_advice(cell: str, written: str) -> Advice:
    """Say how to fix a cell that is no date of this format.

    Examples
    --------
    >>> print(date_advice("17.05.90", "DD.MM.YYYY"))
    years need four digits: export again as DD.MM.YYYY, or set dates with YY, and two_digit_years
    >>> print(date_advice("44260", "DD.MM.YYYY"))
    a spreadsheet's serial number? Set dates = "excel", or format the column as a date in its program and \
export again
    """
    parts = re.fullmatch(date_expression(written), cell) or re.fullmatch(date_expression(ISO_DATE), cell)
    if parts:
        time = " or time" if parts["clock"] else ""
        return plain(f"the day{time} does not exist: correct the cell")
    if IN_PARTS in cell:
        return plain(PARTS)
    if _TWO_DIGITS.fullmatch(cell):
        return plain(
            f"years need four digits: export again as {written}, or set dates with YY, and two_digit_years"
        )
    if _SERIAL.fullmatch(cell):
        return plain(f'a spreadsheet\'s serial number? Set dates = "excel", {_EXPORT_AGAIN}')
    if _SECONDS.fullmatch(cell):
        return plain(f'a count of seconds? Set dates = "spss", "sas_datetime" or others, {_EXPORT_AGAIN}')
    if re.fullmatch(date_expression(written, clock=ABBREVIATED), cell) or re.fullmatch(
        date_expression(ISO_DATE, clock=ABBREVIATED), cell
    ):
        return plain(NO_ABBREVIATION)
    return plain('set dates in the mapping file, or, only if the cell means "unknown", add it to missing')
