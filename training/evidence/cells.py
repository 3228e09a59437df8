"""One row of an evidence file, cell by cell: each is understood, or becomes a problem of the row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from features.advice import plain
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import Problem


class RowCells:
    """Cells of one row, and what is wrong with them so far.

    Parameters
    ----------
    cells : mapping of str to str
        By column; a column that the file leaves out is blank.
    row : int
        As a spreadsheet counts.

    Examples
    --------
    >>> cells = RowCells({"n": "many", "use": "estimat"}, row=2)
    >>> cells.count("n"), cells.choice("use", ("estimate", "context"))
    (None, '')
    >>> for problem in cells.problems:
    ...     print(problem)
    n must be a whole number above 0, got many (row 2)
    use must be one of estimate, context, got estimat (row 2): did you mean estimate?
    """

    def __init__(self, cells: Mapping[str, str], *, row: int) -> None:
        self._cells = cells
        self.row = row
        self.problems: list[Problem] = []

    def text(self, column: str) -> str:
        """Give the text of a cell; blank where there is none."""
        return self._cells.get(column, "")

    def needed(self, column: str, *, where: str = "") -> str:
        """Give a cell that must not be blank."""
        value = self.text(column)
        if not value:
            self.problems.append(Problem(Code.REQUIRED, f"must not be blank{where}", column, row=self.row))
        return value

    def choice(self, column: str, options: Iterable[str], *, fix: str | None = None) -> str:
        """Give a cell that must be one of the options; blank, and a problem, where it is not."""
        value, known = self.text(column), tuple(options)
        if value in known:
            return value
        near = nearest(value, known)
        words = ", ".join(option or "blank" for option in known)
        self.refuse(
            Code.NOT_AN_OPTION,
            column,
            f"must be one of {words}",
            advice=f"did you mean {near}?" if near else fix,
        )
        return ""

    def number(self, column: str, rule: str, *, above: float = 0.0, below: float = math.inf) -> float | None:
        """Give a number between two limits that it must not reach; None where blank or refused."""
        text = self.text(column)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if above < value < below and "_" not in text:
            return value
        self.refuse(Code.OUTSIDE_LIMITS, column, rule)
        return None

    def ratio(self, column: str) -> float | None:
        """Give a ratio."""
        return self.number(column, "must be a number above 0")

    def share(self, column: str) -> float | None:
        """Give a risk."""
        return self.number(column, "must be a number above 0 and below 1", below=1.0)

    def count(self, column: str) -> int | None:
        """Give a whole number."""
        rule = "must be a whole number above 0"
        value = self.number(column, rule)
        if value is not None and not value.is_integer():
            self.refuse(Code.NOT_WHOLE, column, rule)
            return None
        return None if value is None else int(value)

    def count_of_some(self, column: str) -> int | None:
        """Give a whole number that may be 0: of those in whom something happened."""
        return 0 if self.text(column) == "0" else self.count(column)

    def flag(self, column: str) -> bool:
        """Whether a cell says yes; blank counts as no."""
        return self.choice(column, ("yes", "no", "")) == "yes"

    def refuse(
        self, code: Code, column: str, rule: str, *, value_text: str | None = None, advice: str | None = None
    ) -> None:
        """Note a problem of this row, with the text of the cell unless another value is given."""
        value = value_text or self.text(column) or "blank"
        self.problems.append(
            Problem(
                code, rule, column, row=self.row, value_text=value, advice=plain(advice) if advice else None
            )
        )
