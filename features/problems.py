"""What is wrong with a file: every problem at once, with its code, place, rule, value and advice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from features.advice import Advice
from features.problem_codes import Code

GROUPED_ABOVE = 20
"""Problems of one kind in one column that are still listed value by value."""

_Kind = tuple[Code, str | None, Advice | None]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file.

    Parameters
    ----------
    code : Code
        Kind of problem, for programs; not printed.
    rule : str
        What must hold, starting with the column where there is one.
    column : str, optional
        The column, as the file names it.
    row : int, optional
        Row as a spreadsheet counts: the heading is row 1.
    value_text : str, optional
        The value in the file, as text. Never a patient's identifier.
    advice : Advice, optional
        How to fix it, marked where it quotes the cell.
    rows : tuple of int, optional
        Rows that share the problem, where one line reports all of them.
    examples : tuple of str, optional
        Some of the values in those rows.
    n_other_values : int
        Number of values in those rows that are not among the examples.

    Examples
    --------
    >>> print(Problem(Code.OUTSIDE_LIMITS, "must be 0 to 700 mg/L", "crp_mg_l", row=17, value_text="-3"))
    crp_mg_l must be 0 to 700 mg/L, got -3 (row 17)
    >>> print(Problem(Code.NOT_YES_NO, "must be true or false", "ph_known", rows=(2, 3, 9), value_text="2"))
    ph_known must be true or false, got 2 (3 rows: 2-3, 9)
    """

    code: Code
    rule: str
    column: str | None = None
    row: int | None = None
    value_text: str | None = None
    advice: Advice | None = None
    rows: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()
    n_other_values: int = 0

    def __str__(self) -> str:
        words = f"{shortened(self.column)} {self.rule}" if self.column else self.rule
        if self.value_text is not None:
            words += f", got {shortened(self.value_text) or 'blank'}"
        if self.examples:
            shown = [shortened(example) for example in self.examples]
            words += f", got {listed(shown) if len(shown) > 1 else shown[0]}"
            words += f" and {self.n_other_values} more" if self.n_other_values else ""
        if self.rows:
            words += f" ({len(self.rows)} rows: {row_ranges(self.rows)})"
        elif self.row is not None:
            words += f" (row {self.row})"
        return f"{words}: {self.advice}" if self.advice else words

    def without_values(self) -> Problem:
        """Leave out the values of cells, for pages and logs.

        Examples
        --------
        >>> advice = Advice("write 3.5")
        >>> text = "must be a number"
        >>> comma = Problem(Code.DECIMAL_COMMA, text, "crp", row=4, value_text="3,5", advice=advice)
        >>> print(comma.without_values())
        crp must be a number (row 4)
        """
        advice = self.advice.without_cell() if self.advice else None
        return replace(self, value_text=None, examples=(), n_other_values=0, advice=advice)


class Refused(ValueError):
    """An input is refused; the message says what is wrong, where, and how to fix it."""


class DataError(Refused):
    """A file or table is refused, with all its problems.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.
    source : str, optional
        Name of the file.

    Examples
    --------
    >>> raise DataError([Problem(Code.EMPTY_FILE, "the file is empty")], source="cohort.csv")
    Traceback (most recent call last):
        ...
    features.problems.DataError: cohort.csv: 1 problem
      the file is empty
    """

    def __init__(self, problems: Iterable[Problem], *, source: str = "") -> None:
        self.problems = tuple(problems)
        self.source = source
        count = len(self.problems)
        title = f"{source}: " if source else ""
        lines = [
            f"{title}{counted(count, 'problem')}",
            *(f"  {item}" for item in self.problems),
        ]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        """Have a copy, such as one from another process, made from the same arguments."""
        return partial(type(self), source=self.source), (self.problems,), vars(self)


def grouped(problems: Sequence[Problem], *, above: int = GROUPED_ABOVE) -> list[Problem]:
    r"""Report a mistake that runs down a column once, with all its rows.

    Parameters
    ----------
    problems : sequence of Problem
        In the order of the report.
    above : int
        Number of problems of one kind above which they are grouped whatever their values. Problems with the
        same value are grouped from the second row on.

    Returns
    -------
    grouped : list of Problem
        A group takes the place of its first problem. It shows the values of its first rows, and the general
        advice where values differ.

    Notes
    -----
    Problems are of one kind if they share code, column and advice, not counting what the advice quotes of the
    cell.

    Examples
    --------
    >>> dose = [
    ...     Problem(Code.OUTSIDE_LIMITS, "must be 0 to 50", "dose", row=row, value_text=str(row * 1000))
    ...     for row in range(2, 42)
    ... ]
    >>> print(*grouped(dose), sep="\n")
    dose must be 0 to 50, got 2000, 3000, 4000 and 37 more (40 rows: 2-41)
    """
    identical: dict[Problem, list[Problem]] = {}
    kinds: dict[_Kind, list[Problem]] = {}
    for item in problems:
        identical.setdefault(replace(item, row=None), []).append(item)
        kinds.setdefault(_kind(item), []).append(item)
    report = []
    for item in problems:
        same_kind = kinds[_kind(item)]
        group = same_kind if len(same_kind) > above else identical[replace(item, row=None)]
        if len(group) == 1 or item.row is None:
            report.append(item)
        elif item is group[0]:
            report.append(_joined(group))
    return report


def row_ranges(rows: Iterable[int]) -> str:
    """Write row numbers with their runs joined.

    Examples
    --------
    >>> row_ranges([2, 3, 4, 9, 11, 12])
    '2-4, 9, 11-12'
    """
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def counted(count: int, noun: str) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{count} {noun}{'s' if count != 1 else ''}"


def in_rows(rows: Iterable[int]) -> str:
    """Say in how many rows of a file something is, and in which.

    Examples
    --------
    >>> in_rows([3, 2, 7])
    'in 3 rows (2-3, 7)'
    """
    numbers = [int(row) for row in rows]
    return f"in {counted(len(numbers), 'row')} ({row_ranges(numbers)})"


def listed(values: Iterable[str]) -> str:
    """List values or names; those with a comma are put in quotation marks.

    Examples
    --------
    >>> listed(["LDH", "CRP, mg/dl"])
    'LDH, "CRP, mg/dl"'
    """
    return ", ".join(f'"{one}"' if "," in one else one for one in values)


def shortened(text: str, *, most: int = 60) -> str:
    r"""Show a value on one line, cut where it is long.

    Examples
    --------
    >>> shortened("two\nlines")
    'two\\nlines'
    """
    cut = text[:most]
    shown = cut if cut.isprintable() else cut.encode("unicode_escape").decode("ascii")
    return shown if len(text) <= most else f"{shown}... ({len(text)} characters)"


def _kind(item: Problem) -> _Kind:
    return item.code, item.column, item.advice.without_cell() if item.advice else None


def _joined(group: Sequence[Problem], *, shown: int = 3) -> Problem:
    values = tuple(dict.fromkeys(item.value_text for item in group if item.value_text is not None))
    advice = group[0].advice
    if advice and len(values) > 1:
        advice = advice.without_cell() or advice
    return replace(
        group[0],
        row=None,
        rows=tuple(item.row for item in group if item.row is not None),
        value_text=None,
        examples=values[:shown],
        n_other_values=max(0, len(values) - shown),
        advice=advice,
    )
