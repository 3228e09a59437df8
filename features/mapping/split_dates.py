"""Dates whose year, month and day are columns of their own become one column of the site's table."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from features.advice import plain
from features.checking.date_advice import IN_PARTS
from features.checking.dates import full_year
from features.checking.month_names import month_number
from features.files.raw_table import RawTable
from features.mapping.date_rules import SplitDate
from features.mapping.number_format import NumberFormat
from features.mapping.site_values import PLAIN, is_missing
from features.problem_codes import Code
from features.problems import Problem

_PLAIN = re.compile(r"([0-9]+)(?:\.0+)?")
"""Whole numbers, also as programs write them that store blank cells beside numbers: 3.0."""


def with_split_dates(
    splits: Sequence[SplitDate],
    table: RawTable,
    *,
    missing: Sequence[str],
    numbers: NumberFormat,
    pivot: int | None,
) -> RawTable:
    """Add a column for each date that the mapping makes of several.

    Parameters
    ----------
    splits : sequence of SplitDate
        The columns that they name are in the table.
    table : RawTable
        Of the site.
    missing : sequence of str
        Codes for an unknown part, in every column of the table.
    numbers : NumberFormat
        How the table writes numbers.
    pivot : int or None
        Last year of 2000 to 2099 that two digits mean.

    Returns
    -------
    table : RawTable
        With dates as YYYY-MM-DD, as YYYY-MM or YYYY where the day or the month is unknown, blank where
        nothing is known, and otherwise as a text that no format reads, so that it is reported.
    """
    if not splits:
        return table
    added = [joined_dates(split, table, missing=missing, numbers=numbers, pivot=pivot) for split in splits]
    rows = tuple((*cells, *dates) for cells, dates in zip(table.rows, zip(*added, strict=True), strict=True))
    return replace(table, columns=(*table.columns, *(split.name for split in splits)), rows=rows)


def split_date_problems(
    splits: Sequence[SplitDate], columns: Collection[str], *, where: str = "split_dates"
) -> list[Problem]:
    """Find names of split dates that are columns of the table already."""
    fix = "choose another name: fields could mean the column or the date"
    return [
        Problem(Code.CONFLICTING_KEYS, "is also a column of the table", f"{where}.{name}", advice=plain(fix))
        for name in (split.name for split in splits)
        if name in columns
    ]


def joined_date(parts: Sequence[str | None], pivot: int | None) -> str:
    """Write a date of its parts.

    Parameters
    ----------
    parts : sequence of (str or None)
        Year, month and day as the site writes them; None for an unknown one.
    pivot : int, optional
        Last year of 2000 to 2099 that two digits mean.

    Returns
    -------
    date : str
        See `with_split_dates`.

    Examples
    --------
    >>> joined_date(["2021", "3", "5"], None), joined_date(["2021", "mar", None], None)
    ('2021-03-05', '2021-03')
    >>> joined_date(["21", "3", "5"], None), joined_date(["21", "3.0", "5.0"], 30)
    ('21 | 3 | 5', '2021-03-05')
    >>> joined_date(["5", "3", "5"], None), joined_date(["5", "3", "5"], 30)
    ('5 | 3 | 5', '2005-03-05')
    >>> joined_date(["2021", None, "5"], None), joined_date([None, None, None], None)
    ('2021 |  | 5', '')
    """
    if not any(parts):
        return ""
    year, month, day = (_digits(part) if part else None for part in parts)
    if pivot is not None and year and len(year) == 1:
        year = f"0{year}"  # A workbook stores the year 05 as the number 5.
    numbers = [full_year(year or "", pivot), month_number(month) if month else None, _number(day)]
    gap = (parts[1] is None and parts[2] is not None) or any(
        part is not None and number is None for part, number in zip(parts, numbers, strict=True)
    )
    if numbers[0] is None or gap:
        return IN_PARTS.join(part or "" for part in parts)
    known = [numbers[0], *(number for number in numbers[1:] if number is not None)]
    return "-".join(f"{number:0{4 if index == 0 else 2}d}" for index, number in enumerate(known))


def joined_dates(
    split: SplitDate,
    table: RawTable,
    *,
    missing: Sequence[str] = (),
    numbers: NumberFormat = PLAIN,
    pivot: int | None = None,
) -> list[str]:
    """Join the parts of a date in every row of a table."""
    blank = [""] * len(table.rows)
    cells = [table.column(name) if name else blank for name in (split.year, split.month, split.day)]
    codes = (*missing, *split.missing)
    return [
        joined_date([None if is_missing(part, codes, numbers) else part for part in parts], pivot)
        for parts in zip(*cells, strict=True)
    ]


def _digits(part: str) -> str:
    whole = _PLAIN.fullmatch(part)
    return whole[1] if whole else part


def _number(part: str | None) -> int | None:
    return int(part) if part and part.isdecimal() else None
