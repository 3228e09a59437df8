"""Columns of years, months and days that belong together make a date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from features.checking.month_names import month_number
from features.checking.parse_cell import MISSING_CODES, is_unknown_word
from features.drafting.toml_text import inline, key, quoted
from features.files.raw_table import RawTable
from features.mapping.date_rules import SplitDate
from features.mapping.split_dates import joined_dates

WORDS: Mapping[str, str] = {
    "year": "year|yr|yyyy|yy|y|jahr|год",
    "month": "month|mon|mo|mm|m|monat|месяц",
    "day": "day|dd|dy|d|tag|день|число",
}
"""What headings call the parts of a date."""

YEARS, MONTHS, DAYS = range(1900, 2101), range(1, 13), range(1, 32)
LONGEST_YEAR = 4
LONGEST = 100
"""Characters of a heading that is compared."""


@dataclass(frozen=True)
class SplitGuess:
    """A date in several columns, as a draft writes it.

    Attributes
    ----------
    split : SplitDate
        Name and columns.
    line : str
        Of the mapping file, without its mark.
    reason : str
        What is left to check.
    """

    split: SplitDate
    line: str
    reason: str


def split_guesses(table: RawTable) -> list[SplitGuess]:
    """Find the dates of a table that are in columns of year and month, and perhaps of day.

    Parameters
    ----------
    table : RawTable
        Of the site.

    Returns
    -------
    guesses : list of SplitGuess
        Those whose values are years, months and days, or codes for unknown such as 99 and a point.

    Examples
    --------
    >>> rows = (("2021", "3", "5"), ("2022", "99", "99"))
    >>> guess = split_guesses(RawTable("t.csv", "00", ("REL_Y", "REL_M", "REL_D"), rows, (2, 3)))[0]
    >>> print(guess.line)
    "REL date" = { year = "REL_Y", month = "REL_M", day = "REL_D", missing = [99] }
    """
    stems: dict[str, dict[str, str]] = {}
    for column in table.columns:
        for part, stem in _parts(column) if len(column) <= LONGEST else ():
            stems.setdefault(stem.casefold(), {}).setdefault(part, column)
    guesses = [_guess(table, stem, parts) for stem, parts in stems.items() if {"year", "month"} <= set(parts)]
    return [guess for guess in guesses if guess is not None]


def with_dates(table: RawTable, guesses: Sequence[SplitGuess]) -> RawTable:
    """Put the dates into the table, instead of their parts."""
    parts = {column for guess in guesses for column in guess.split.columns}
    kept = [index for index, column in enumerate(table.columns) if column not in parts]
    added = [joined_dates(guess.split, table, missing=guess.split.missing) for guess in guesses]
    rows = [tuple(cells[index] for index in kept) for cells in table.rows]
    return replace(
        table,
        columns=(*(table.columns[index] for index in kept), *(guess.split.name for guess in guesses)),
        rows=tuple((*cells, *dates) for cells, *dates in zip(rows, *added, strict=True)),
    )


def _parts(column: str) -> list[tuple[str, str]]:
    """List the parts of dates that a heading may name, with the rest of it."""
    parts = []
    for part, words in WORDS.items():
        end = re.fullmatch(rf"(.*[^\W_])[ _.-]+(?:{words})", column, re.IGNORECASE)
        end = end or re.fullmatch(rf"(.*[A-ZА-Я])(?:{words.upper()})", column)
        start = re.fullmatch(rf"(?:{words})[ _.-]+(?:of[ _.-]+)?(.*[^\W_])", column, re.IGNORECASE)
        stems = [stem for match in (end, start) if match for stem in match.groups() if stem]
        parts += [(part, stem) for stem in stems]
    return parts


def _guess(table: RawTable, stem: str, parts: Mapping[str, str]) -> SplitGuess | None:
    columns = [parts["year"], parts["month"], *([parts["day"]] if "day" in parts else [])]
    codes: set[str] = set()
    for column, kind in zip(columns, (YEARS, MONTHS, DAYS), strict=False):
        values = set(table.column(column)) - {""}
        wrong = {value for value in values if not _is_part(value, kind)}
        if not values - wrong or not all(value in MISSING_CODES or is_unknown_word(value) for value in wrong):
            return None
        codes |= wrong
    name = _name(table, stem)
    split = SplitDate(name, parts["year"], parts["month"], parts.get("day"), tuple(sorted(codes)))
    pairs = [(part, quoted(parts[part])) for part in WORDS if part in parts]
    listed = ", ".join(code if code in MISSING_CODES else quoted(code) for code in split.missing)
    pairs += [("missing", f"[{listed}]")] if codes else []
    words = (
        "year, month and day of one date?"
        if "day" in parts
        else "year and month of one date, or is there a column of days?"
    )
    reason = words + (" Codes beyond them mean unknown" if codes else "")
    return SplitGuess(split, f"{key(name)} = {inline(pairs)}", reason)


def _name(table: RawTable, stem: str) -> str:
    """Name the date after the part of the headings that its columns share, as they write it."""
    written = next((column for column in table.columns if stem in column.casefold()), stem)
    start = written.casefold().find(stem)
    name = f"{written[start : start + len(stem)]} date"
    return name if name not in table.columns else f"{name} (joined)"


def _is_part(value: str, kind: range) -> bool:
    whole = re.sub(r"\.0+$", "", value)
    if kind is YEARS and len(whole) != LONGEST_YEAR:
        return False
    number = month_number(whole) if kind is MONTHS else int(whole) if whole.isdecimal() else None
    return number in kind
