"""Codes and conditions of a site's table: when a cell means what a mapping file says."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from features.advice import plain
from features.checking.parse_cell import CellError
from features.mapping.number_format import NumberFormat
from features.problem_codes import Code

ANY = "*"
"""In codes and conditions: any value that is neither blank nor a missing code."""

SiteRow = Mapping[str, str]

PLAIN = NumberFormat()

COMPARISON = re.compile(r"(<=|>=|<|>) *([+-]?[0-9]+(?:\.[0-9]+)?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matching_code(cell: str, codes: Iterable[str], numbers: NumberFormat = PLAIN) -> str | None:
    """Find the code that a cell holds.

    Parameters
    ----------
    cell : str
        Text of the cell.
    codes : iterable of str
        Of a mapping file, where numbers have a decimal point.
    numbers : NumberFormat
        How the site writes numbers.

    Returns
    -------
    code : str or None
        The same text; else the same number; else the same text ignoring upper and lower case.

    Examples
    --------
    >>> matching_code("1.0", ["0", "1"]), matching_code("Yes", ["no", "yes"]), matching_code("2", ["0", "1"])
    ('1', 'yes', None)
    """
    known = list(codes)
    if cell in known:
        return cell
    value = numbers.read(cell)
    if value is not None:
        return next((code for code in known if PLAIN.read(code) == value), None)
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
        """Columns that the condition uses."""
        return tuple(column for column, _ in self.tests)

    def holds(self, row: SiteRow, *, missing: Iterable[str], numbers: NumberFormat = PLAIN) -> bool:
        """Say whether all tests hold in a row of the site's table.

        Raises
        ------
        CellError
            If a number is compared and the cell, which is known, is none.
        """
        return all(
            _accepted(column, row[column], accepted, missing, numbers) for column, accepted in self.tests
        )


def is_missing(cell: str, missing: Iterable[str], numbers: NumberFormat = PLAIN) -> bool:
    """Say whether a cell is blank or holds a missing code."""
    return not cell or matching_code(cell, missing, numbers) is not None


def _accepted(
    column: str, cell: str, accepted: tuple[str, ...], missing: Iterable[str], numbers: NumberFormat
) -> bool:
    if cell and matching_code(cell, accepted, numbers) not in (None, ANY):
        return True
    if is_missing(cell, missing, numbers):
        return "" in accepted
    return ANY in accepted or any(_compares(column, cell, test, numbers) for test in accepted)


def _compares(column: str, cell: str, test: str, numbers: NumberFormat) -> bool:
    if test.startswith("~ "):
        return test[2:].strip().casefold() in cell.casefold()
    comparison = COMPARISON.fullmatch(test)
    if comparison is None:
        return False
    value = numbers.read(cell)
    if value is None:
        rule = "must be a number, because the mapping file compares it with one"
        advice = plain("add it to missing, or write a rule for this value before")
        raise CellError(Code.NOT_COMPARABLE, rule, advice, value_text=cell, column=column)
    return _COMPARE[comparison[1]](value, float(comparison[2]))
