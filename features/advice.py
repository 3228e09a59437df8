"""How to fix a problem: what to do, and whether saying so repeats what a patient's cell holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """How to fix a problem.

    Parameters
    ----------
    text : str
        In full, for the person who brought the file.
    quotes_cell : bool
        Whether the text repeats, or gives away, what a cell holds. Advice that is not marked otherwise is
        taken to do so: it is printed on the command line only.
    general : str
        The same advice without the cell, where ``text`` quotes it.

    Examples
    --------
    >>> advice = Advice("write 3.5", general="write a decimal point")
    >>> str(advice), str(advice.without_cell())
    ('write 3.5', 'write a decimal point')
    >>> Advice("write 3.5").without_cell() is None
    True
    """

    text: str
    quotes_cell: bool = True
    general: str = ""

    def __str__(self) -> str:
        return self.text

    def without_cell(self) -> Advice | None:
        """Give the advice for pages and logs, which must not show values; None if there is none."""
        if not self.quotes_cell:
            return self
        return plain(self.general) if self.general else None


def plain(text: str) -> Advice:
    """Give advice that repeats nothing of any cell: names of columns, keys, options and units only.

    Examples
    --------
    >>> plain("leave the cell blank").quotes_cell
    False
    """
    return Advice(text, quotes_cell=False)


def quoting(text: str, *, general: str = "") -> Advice:
    """Give advice that repeats, or gives away, what a cell holds.

    Examples
    --------
    >>> quoting("write female", general="write an option as the rule spells it").quotes_cell
    True
    """
    return Advice(text, general=general)
