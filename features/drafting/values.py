"""What the values of a column are: numbers, dates, yes and no, or a few words that may be codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from features.checking.dates import ISO_DATE, read_date
from features.checking.parse_cell import (
    FALSE,
    FOREIGN_WORDS,
    MISSING_CODES,
    TRUE,
    is_date_like,
    is_unknown_word,
)
from features.checking.partial_dates import read_partial
from features.checking.serial_dates import programs_of
from features.checking.time_zones import states_time_zone
from features.drafting.number_marks import Marks, is_unclear, marks_of, separator
from features.files.stored_numbers import StoredNumber
from features.mapping.number_format import NumberFormat
from features.short_repr import ShortRepr

DATE_FORMATS = (
    *(ISO_DATE, "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD"),
    *("YYYY.MM.DD", "DD.MM.YY", "DD/MM/YY", "MM/DD/YY", "DD-MM-YY", "MM-DD-YY"),
    *("DD-MON-YYYY", "DD MON YYYY", "DD.MON.YYYY", "DD. MON YYYY", "MON DD, YYYY", "DDMONYYYY", "DD-MON-YY"),
)
"""Formats that a draft recognizes."""

YES_AND_NO = (
    ("да", "нет"),
    ("есть", "нет"),
    ("positive", "negative"),
    ("pos", "neg"),
    ("pos.", "neg."),
    ("полож.", "отр."),
    ("положительный", "отрицательный"),
    ("обнаружен", "не обнаружен"),
    ("detected", "not detected"),
    ("+", "-"),
    *dict.fromkeys(FOREIGN_WORDS.values()),
)
"""Words for yes and no that mean something only where a mapping says so."""

PIVOT = 50
"""To recognize years of two digits; which century they mean, a person has to say."""

MOSTLY = 0.9
"""Share of a column's values that must be of a kind for the column to be of it."""

MOST_WORDS = 12
"""Different values above which a column has no codes."""

FEWEST_PATIENTS = 2
"""Different patients that must have a value before a draft repeats it."""

LONGEST_WORD = 30

_MONTH = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])")
_LONG_NUMBER = re.compile(r"[0-9]{5,}")


@dataclass(frozen=True, repr=False)
class Values(ShortRepr):
    """What is to be known of a column's values to guess what it is.

    Attributes
    ----------
    known : int
        Cells that are neither blank nor a word for unknown.
    numbers : tuple of float
        Those that are numbers, without codes for missing values.
    is_numeric, is_whole : bool
        Whether nearly all are numbers, and all of these whole.
    has_limits, is_unclear : bool
        Whether some are written as <0.3; whether some, such as 1.234, may be thousands or decimals.
    marks : Marks
        Decimal marks, and separators of thousands.
    dates : tuple of str
        Ways of writing dates in which all can be read; several where days and months cannot be distinguished.
    complete, partial, decisive : int
        Different dates with a day, without a day, and with a day above 12, so that it is no month.
    programs : tuple of str
        Programs that could have stored the values as dates, if all are numbers.
    has_time_zone : bool
        Whether some dates have a time of day that states a time zone.
    yes_and_no : tuple of str
        The pair of words that all are; empty where they are none.
    words : mapping of str to int
        Different values that may be codes, and how many patients have each; empty for numbers and dates that
        are no codes, and where there are more than `MOST_WORDS`.
    blank : int
        Cells with nothing in them.
    missing : tuple of str
        Words and codes for a missing value that were found.
    rare : int
        Values left out of `words` because a single patient has them.
    different : tuple of str
        All different values where they are few: to be looked up, never to be shown.
    """

    known: int
    numbers: tuple[float, ...] = ()
    is_numeric: bool = False
    is_whole: bool = False
    has_limits: bool = False
    is_unclear: bool = False
    marks: Marks = field(default_factory=Marks)
    dates: tuple[str, ...] = ()
    complete: int = 0
    partial: int = 0
    decisive: int = 0
    programs: tuple[str, ...] = ()
    has_time_zone: bool = False
    yes_and_no: tuple[str, str] | tuple[()] = ()
    words: tuple[tuple[str, int], ...] = ()
    blank: int = 0
    missing: tuple[str, ...] = ()
    rare: int = 0
    different: tuple[str, ...] = ()


def values_of(
    cells: Sequence[str], patients: Sequence[str], *, written: NumberFormat | None = None
) -> Values:
    """Look at the cells of a column.

    Parameters
    ----------
    cells : sequence of str
        Of the column.
    patients : sequence of str
        Whose they are.
    written : NumberFormat, optional
        How the table writes numbers, if other columns show it.

    Returns
    -------
    values : Values

    Examples
    --------
    >>> values_of(["1,5", "3", "n.d.", "-99"], ["a", "b", "c", "d"]).numbers
    (1.5, 3.0)
    >>> values_of(["да", "нет"], ["a", "b"]).yes_and_no
    ('да', 'нет')
    >>> values_of(["own", "own", "other"], ["a", "b", "c"]).words
    (('own', 2),)
    """
    missing = tuple(cell for cell in dict.fromkeys(cells) if cell and _is_missing(cell))
    left_out = {"", *missing}
    given = [(cell, patient) for cell, patient in zip(cells, patients, strict=True) if cell not in left_out]
    if not given:
        return Values(0, missing=missing)
    # Most cells of a column repeat: each different one is looked at once.
    plain = {cell: cell.lstrip("<>=\u2264\u2265 ") for cell, _ in given}
    read = {
        cell: number for cell, digits in plain.items() if (number := _number(digits, written)) is not None
    }
    numbers = tuple(read[cell] for cell, _ in given if cell in read)
    marks = marks_of(cell if isinstance(cell, StoredNumber) else plain[cell] for cell in read)
    words, rare = _words(given)
    partial = {cell for cell in plain if any(read_partial(cell, written, PIVOT) for written in DATE_FORMATS)}
    complete = [cell for cell in plain if cell not in partial]
    dates = _dates(complete) or ((ISO_DATE,) if not complete and all(map(_MONTH.fullmatch, plain)) else ())
    return Values(
        known=len(given),
        numbers=numbers,
        is_numeric=len(numbers) >= MOSTLY * len(given),
        is_whole=all(number.is_integer() for number in read.values()),
        has_limits=any(cell != digits for cell, digits in plain.items()),
        is_unclear=bool(marks.unclear) and (written or marks.number_format) is None,
        marks=marks,
        dates=dates,
        complete=len(complete) if dates else 0,
        partial=len(partial) if dates else 0,
        decisive=_decisive(complete, dates),
        programs=tuple(programs_of(plain)),
        has_time_zone=any(states_time_zone(cell) for cell in plain),
        yes_and_no=_yes_and_no(plain),
        words=words,
        blank=sum(not cell for cell in cells),
        missing=missing,
        rare=rare,
        different=tuple(plain) if len(plain) <= MOST_WORDS else (),
    )


def _is_missing(cell: str) -> bool:
    """Take words for unknown, and negative codes; ``none`` and 99 mean something in many a column."""
    return (is_unknown_word(cell) and cell.lower() not in ("none", "-")) or (
        cell in MISSING_CODES and cell.startswith("-")
    )


def _number(cell: str, written: NumberFormat | None) -> float | None:
    """Read a number as the table writes it, or else however it is written."""
    if written and is_unclear(cell):
        return written.read(cell)
    mark = separator(cell)
    if mark:
        decimal = "." if mark == "," or (mark in "' " and "." in cell) else ","
        return NumberFormat(decimal, mark).read(cell)
    value = NumberFormat().read(cell)
    return NumberFormat(",").read(cell) if value is None else value


def _dates(known: Sequence[str]) -> tuple[str, ...]:
    if not all(is_date_like(cell) or any(letter.isalpha() for letter in cell) for cell in known):
        return ()
    if not known:
        return ()
    fitting = [
        written
        for written in DATE_FORMATS
        if all(read_date(cell, written, "UTC", pivot=PIVOT) is not None for cell in known)
    ]
    return tuple(fitting[:1] if ISO_DATE in fitting else fitting)


def _decisive(known: Sequence[str], dates: Sequence[str]) -> int:
    """Count the dates that only one order of day and month reads."""
    others = [written for written in map(swapped, dates[:1]) if written]
    return sum(read_date(cell, written, "UTC", pivot=PIVOT) is None for written in others for cell in known)


def swapped(written: str) -> str:
    """Exchange day and month in a format; blank for one in which sites do not confuse them.

    Examples
    --------
    >>> swapped("DD/MM/YYYY"), swapped("DD.MM.YYYY")
    ('MM/DD/YYYY', '')
    """
    other = written.replace("DD", "..").replace("MM", "DD").replace("..", "MM")
    return other if other in DATE_FORMATS and other != written else ""


def _yes_and_no(known: Iterable[str]) -> tuple[str, str] | tuple[()]:
    folded = {cell.lower() for cell in known}
    if folded <= TRUE | FALSE:
        return ("yes", "no")
    return next((pair for pair in YES_AND_NO if folded <= set(pair)), ())


def _words(given: Sequence[tuple[str, str]]) -> tuple[tuple[tuple[str, int], ...], int]:
    """Count the patients of each value; what only one of them has is counted and not kept."""
    patients: dict[str, set[str]] = {}
    for cell, patient in given:
        patients.setdefault(cell, set()).add(patient)
    if len(patients) > MOST_WORDS:
        return (), 0
    shown = {word: len(having) for word, having in patients.items() if _may_be_shown(word, len(having))}
    return tuple(sorted(shown.items())), len(patients) - len(shown)


def _may_be_shown(word: str, patients: int) -> bool:
    is_short = len(word) <= LONGEST_WORD and word.isprintable()
    is_code = not is_date_like(word) and "@" not in word and not _LONG_NUMBER.search(word)
    return patients >= FEWEST_PATIENTS and is_short and is_code
