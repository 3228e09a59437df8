"""What looks odd in a cohort without being wrong: a code for programs, words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """One thing that looks odd.

    Parameters
    ----------
    code : str
        Names the kind of remark.
    text : str
        In full, for the person who brought the file.
    general : str
        The same without patients' values and centers' names, for pages; the text itself where it has none.
    quotes : bool
        Whether the text shows patients' values or names a center. A remark is taken to do so where it has a
        general form, and where it is not marked otherwise.
    fields : tuple of str
        Columns of the schema that it is about.
    rows : tuple of int
        Rows of the file that it is about, as a spreadsheet counts.
    by_row : bool
        Whether each of the rows is a question of its own, which its owner answers row by row.

    Examples
    --------
    >>> remark = Remark("unusual_value", "crp_mg_l is above 400, got 650", general="crp_mg_l is above 400")
    >>> print(remark.without_values())
    crp_mg_l is above 400
    """

    code: str
    text: str
    general: str = ""
    quotes: bool = True
    fields: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    by_row: bool = False

    def __str__(self) -> str:
        return self.text

    def without_values(self) -> str:
        """Give the words for a page; empty where there are none without values."""
        return self.general or ("" if self.quotes else self.text)


def open_remark(
    code: str, text: str, *, fields: Iterable[str] = (), rows: Iterable[int] = (), by_row: bool = False
) -> Remark:
    """Make a remark that shows no patient's value and names no center.

    Examples
    --------
    >>> open_remark("no_follow_up", "2 of 9 infusions have no follow-up").without_values()
    '2 of 9 infusions have no follow-up'
    """
    return Remark(code, text, quotes=False, fields=tuple(fields), rows=row_numbers(rows), by_row=by_row)


def row_numbers(rows: Iterable[int]) -> tuple[int, ...]:
    """Give rows of a file as plain numbers, in order.

    Examples
    --------
    >>> import numpy as np
    >>> row_numbers(np.array([7, 2]))
    (2, 7)
    """
    return tuple(sorted(int(row) for row in rows))
