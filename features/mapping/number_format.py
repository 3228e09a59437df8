"""How a site writes numbers, and what a cell that is no such number probably is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from features.checking.parse_cell import PLAIN_NUMBER
from features.files.stored_numbers import StoredNumber


@dataclass(frozen=True)
class NumberFormat:
    """How a site writes numbers.

    Parameters
    ----------
    decimal : str
        Point or comma.
    thousands : str
        Separator of groups of three digits, empty for none.

    Examples
    --------
    >>> NumberFormat(",", ".").read("1.234,5"), NumberFormat(",").read("3.5")
    (1234.5, None)
    >>> NumberFormat(",", ".").read(StoredNumber("7.125"))
    7.125
    """

    decimal: str = "."
    thousands: str = ""

    def read(self, cell: str) -> float | None:
        """Read a number, None where the cell is none; a stored number always has a point."""
        plain = cell if isinstance(cell, StoredNumber) else self._plain(cell)
        return float(plain) if plain is not None and PLAIN_NUMBER.fullmatch(plain) else None

    def _plain(self, cell: str) -> str | None:
        whole, mark, fraction = cell.partition(self.decimal)
        if self.thousands:
            whole = re.sub(r"[\u00a0\u202f]", " ", whole)
            separator = re.escape(self.thousands)
            # A group of thousands that begins with 0 is a decimal fraction written another way.
            if re.fullmatch(rf"[+-]?[1-9][0-9]{{0,2}}(?:{separator}[0-9]{{3}})+", whole):
                whole = whole.replace(self.thousands, "")
        if self.decimal != "." and "." in whole + fraction:
            return None
        return f"{whole}.{fraction}" if mark else whole
