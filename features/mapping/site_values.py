"""Codes, conditions and numbers of a site's table: when a cell means what a mapping file says."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from features.intake.cells import PLAIN_NUMBER

ANY = "*"
"""In codes and conditions: any value that is neither blank nor a missing code."""

SiteRow = Mapping[str, str]

_COMPARISON = re.compile(r"(<=|>=|<|>) *([+-]?[0-9]+(?:\.[0-9]+)?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matching_code(cell: str, codes: Iterable[str]) -> str | None:
    """Find the code that a cell holds.

    Parameters
    ----------
    cell : str
        Text of the cell.
    codes : iterable of str
        Of a mapping file.

    Returns
    -------
    code : str or None
        The same text; else the same number; else the same text but for upper and lower case.

    Examples
    --------
    >>> matching_code("1.0", ["0", "1"]), matching_code("Yes", ["no", "yes"]), matching_code("2", ["0", "1"])
    ('1', 'yes', None)
    """
    known = list(codes)
    if cell in known:
        return cell
    value = _number(cell)
    if value is not None:
        return next((code for code in known if _number(code) == value), None)
    return next((code for code in known if code.casefold() == cell.casefold()), None)


@dataclass(frozen=True)
class Condition:
    """What must hold of several columns at once.

    Parameters
    ----------
    tests : tuple of (column, accepted)
        A column's cell must be one of the accepted values: a code, ``*`` for any value, blank for none, a
        comparison such as ``> 0``, or ``~ word`` for a text that has the word in it.

    Examples
    --------
    >>> given = Condition((("blina", ("1",)), ("lines", ("> 0",))))
    >>> given.holds({"blina": "1", "lines": "2"}, missing=())
    True
    >>> given.holds({"blina": "1", "lines": ""}, missing=())
    False
    """

    tests: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the condition asks for."""
        return tuple(column for column, _ in self.tests)

    def holds(self, row: SiteRow, *, missing: Iterable[str]) -> bool:
        """Say whether all tests hold in a row of the site's table."""
        return all(_accepted(row[column], accepted, missing) for column, accepted in self.tests)


def is_missing(cell: str, missing: Iterable[str]) -> bool:
    """Say whether a cell is blank or holds a missing code."""
    return not cell or matching_code(cell, missing) is not None


def _accepted(cell: str, accepted: tuple[str, ...], missing: Iterable[str]) -> bool:
    if cell and matching_code(cell, accepted) not in (None, ANY):
        return True
    if is_missing(cell, missing):
        return "" in accepted
    return ANY in accepted or any(_compares(cell, test) for test in accepted)


def _compares(cell: str, test: str) -> bool:
    if test.startswith("~ "):
        return test[2:].strip().casefold() in cell.casefold()
    comparison = _COMPARISON.fullmatch(test)
    value = _number(cell)
    if comparison is None or value is None:
        return False
    return _COMPARE[comparison[1]](value, float(comparison[2]))


def _number(cell: str) -> float | None:
    return float(cell) if PLAIN_NUMBER.fullmatch(cell) else None


@dataclass(frozen=True)
class NumberFormat:
    """How a site writes numbers.

    Parameters
    ----------
    decimal : str
        Point or comma.
    thousands : str
        Separator of groups of three digits, empty for none.
    point_too : bool
        Whether a decimal point is understood beside the comma: the numbers of a workbook come with a point.

    Examples
    --------
    >>> NumberFormat(",", ".").read("1.234,5"), NumberFormat(",").read("3.5")
    (1234.5, None)
    """

    decimal: str = "."
    thousands: str = ""
    point_too: bool = False

    def read(self, cell: str) -> float | None:
        """Read a number; None where the cell is none."""
        plain = self._plain(cell)
        if plain is not None and PLAIN_NUMBER.fullmatch(plain):
            return float(plain)
        return float(cell) if self.point_too and PLAIN_NUMBER.fullmatch(cell) else None

    def _plain(self, cell: str) -> str | None:
        whole, mark, fraction = cell.partition(self.decimal)
        if self.thousands:
            whole = re.sub(r"[\u00a0\u202f]", " ", whole)
            grouped = rf"[+-]?[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+"
            if re.fullmatch(grouped, whole):
                whole = whole.replace(self.thousands, "")
        if self.decimal != "." and "." in whole + fraction:
            return None
        return f"{whole}.{fraction}" if mark else whole
