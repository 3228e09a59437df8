"""What is wrong with a file: every problem at once, with place, rule, finding and fix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file.

    Parameters
    ----------
    rule : str
        What must hold, starting with the column where there is one.
    column : str, optional
        The column, as the file names it.
    row : int, optional
        Row as a spreadsheet counts: the heading is row 1.
    found : str, optional
        The value as it stands in the file. Never a patient's identifier.
    fix : str, optional
        How to mend it.

    Examples
    --------
    >>> print(Problem("must be 1 to 200000 ug/L", "ferritin_ug_l", row=17, found="-3"))
    ferritin_ug_l must be 1 to 200000 ug/L, got -3 (row 17)
    """

    rule: str
    column: str | None = None
    row: int | None = None
    found: str | None = None
    fix: str | None = None

    def __str__(self) -> str:
        words = f"{self.column} {self.rule}" if self.column else self.rule
        if self.found is not None:
            words += f", got {_shortened(self.found)}"
        if self.row is not None:
            words += f" (row {self.row})"
        return f"{words}: {self.fix}" if self.fix else words


class DataError(ValueError):
    """A file or table that is refused, with every problem found in it.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.
    source : str, optional
        Name of the file.

    Examples
    --------
    >>> raise DataError([Problem("is empty")], source="cohort.csv")
    Traceback (most recent call last):
        ...
    features.problems.DataError: cohort.csv: 1 problem
      is empty
    """

    def __init__(self, problems: Iterable[Problem], *, source: str = "") -> None:
        self.problems = tuple(problems)
        self.source = source
        count = len(self.problems)
        title = f"{source}: " if source else ""
        lines = [
            f"{title}{count} problem{'s' if count != 1 else ''}",
            *(f"  {item}" for item in self.problems),
        ]
        super().__init__("\n".join(lines))


def _shortened(found: str, *, most: int = 60) -> str:
    """Show a value on one line, cut where it is long."""
    shown = found.encode("unicode_escape").decode("ascii") if not found.isprintable() else found
    return shown if len(shown) <= most else f"{shown[:most]}... ({len(found)} characters)"
