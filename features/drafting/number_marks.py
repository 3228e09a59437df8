"""Marks in the numbers of a table: which is decimal, and which separates thousands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from features.files.stored_numbers import StoredNumber
from features.mapping.number_format import NumberFormat

_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}([,.' ])[0-9]{3}(?:\1[0-9]{3})+(?:[.,][0-9]+)?")
_SPACED = re.compile(r"[+-]?[1-9][0-9]{0,2}([' ])[0-9]{3}(?:\1[0-9]{3})*(?:[.,][0-9]+)?")
_BOTH_MARKS = re.compile(
    r"[+-]?[1-9][0-9]{0,2}(?:(\.)[0-9]{3}(?:\.[0-9]{3})*,|(,)[0-9]{3}(?:,[0-9]{3})*\.)[0-9]+"
)
_UNCLEAR = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}")
_DECIMAL = re.compile(r"[+-]?[0-9]*([.,])[0-9]+")
_OTHER = {".": ",", ",": "."}


@dataclass(frozen=True)
class Marks:
    """Marks in numbers.

    Attributes
    ----------
    decimal, thousands : frozenset of str
        Those that some cells show to be decimal marks, or separators of groups of three digits.
    unclear : frozenset of str
        Those in cells such as 1.234, which may be either.
    """

    decimal: frozenset[str] = frozenset()
    thousands: frozenset[str] = frozenset()
    unclear: frozenset[str] = frozenset()

    def with_those_of(self, others: Iterable[Marks]) -> Marks:
        """Join the marks of several columns."""
        every = [self, *others]
        return Marks(
            frozenset().union(*(each.decimal for each in every)),
            frozenset().union(*(each.thousands for each in every)),
            frozenset().union(*(each.unclear for each in every)),
        )

    @property
    def number_format(self) -> NumberFormat | None:
        """How all the numbers are written; None if cells contradict each other, or none decides.

        Examples
        --------
        >>> marks_of(["1.234", "0,5"]).number_format, marks_of(["1.234", "871"]).number_format
        (NumberFormat(decimal=',', thousands='.'), None)
        """
        thousands = self.thousands | (self.unclear - self.decimal if self.decimal else frozenset())
        decimal = self.decimal or frozenset(_OTHER[mark] for mark in thousands if mark in _OTHER)
        if thousands and not decimal:
            # Where a blank or an apostrophe separates thousands, a comma or a point does not.
            decimal = self.unclear
        if (
            len(decimal) > 1
            or len(thousands) > 1
            or decimal & thousands
            or self.unclear - decimal - thousands
        ):
            return None
        return NumberFormat(next(iter(decimal), "."), next(iter(thousands), ""))


def marks_of(cells: Iterable[str]) -> Marks:
    """Find the marks in the numbers of a column.

    Parameters
    ----------
    cells : iterable of str
        Numbers that a workbook stores as such have no marks of the site.

    Returns
    -------
    marks : Marks

    Examples
    --------
    >>> marks = marks_of(["1.234,5", "12 000", "0,125", "2,125"])
    >>> sorted(marks.decimal), sorted(marks.thousands), sorted(marks.unclear)
    ([','], [' ', '.'], [','])
    """
    decimal, thousands, unclear = set(), set(), set()
    for cell in cells:
        if isinstance(cell, StoredNumber):
            continue
        mark = separator(cell)
        if mark:
            thousands.add(mark)
            decimal |= set(cell) & (set(_OTHER) - {mark})
        elif is_unclear(cell):
            unclear.add(next(iter(set(cell) & set(_OTHER))))
        elif match := _DECIMAL.fullmatch(cell):
            decimal.add(match[1])
    return Marks(frozenset(decimal), frozenset(thousands), frozenset(unclear))


def separator(cell: str) -> str:
    """Find what separates thousands: of one point or comma alone it is not clear, as it may be decimal.

    Examples
    --------
    >>> separator("1.234.567"), separator("12 000"), separator("1.234")
    ('.', ' ', '')
    """
    matches = (way.fullmatch(cell) for way in (_SPACED, _BOTH_MARKS, _THOUSANDS))
    match = next((match for match in matches if match), None)
    return next(filter(None, match.groups()), "") if match else ""


def is_unclear(cell: str) -> bool:
    """Say whether a number may be above a thousand, or have three decimals.

    Examples
    --------
    >>> is_unclear("1.234"), is_unclear("0.234"), is_unclear("1234.567")
    (True, False, False)
    """
    return bool(_UNCLEAR.fullmatch(cell))
