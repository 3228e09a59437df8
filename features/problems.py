"""What is wrong with a file: every problem at once, with place, rule, finding and fix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from features.advice import Advice

GROUPED_ABOVE = 20
"""Problems of one kind in one column that are still listed by value; the same value is told once."""

_Kind = tuple[str | None, str, Advice | None]


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
    fix : Advice, optional
        How to fix it, marked where it quotes the cell.
    rows : tuple of int, optional
        Rows that share the problem, where it is told once for all of them.
    examples : tuple of str, optional
        Some of the values that those rows hold.
    more : int
        How many other values they hold.
    code : str
        Kind of problem, for a program that treats it in its own way; not shown.

    Examples
    --------
    >>> print(Problem("must be 1 to 200000 ug/L", "ferritin_ug_l", row=17, found="-3"))
    ferritin_ug_l must be 1 to 200000 ug/L, got -3 (row 17)
    >>> print(Problem("must be true or false", "ph_positive", rows=(2, 3, 4, 9), found="2"))
    ph_positive must be true or false, got 2 (4 rows: 2-4, 9)
    """

    rule: str
    column: str | None = None
    row: int | None = None
    found: str | None = None
    fix: Advice | None = None
    rows: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()
    more: int = 0
    code: str = ""

    def __str__(self) -> str:
        words = f"{shortened(self.column)} {self.rule}" if self.column else self.rule
        if self.found is not None:
            words += f", got {shortened(self.found) or 'blank'}"
        if self.examples:
            shown = [shortened(example) for example in self.examples]
            words += f", got {listed(shown) if len(shown) > 1 else shown[0]}"
            words += f" and {self.more} more" if self.more else ""
        if self.rows:
            words += f" ({len(self.rows)} rows: {row_ranges(self.rows)})"
        elif self.row is not None:
            words += f" (row {self.row})"
        return f"{words}: {self.fix}" if self.fix else words

    def without_values(self) -> Problem:
        """Say the same without what any cell holds, for pages and logs.

        Examples
        --------
        >>> comma = Problem("must be a number", "crp", row=4, found="3,5", fix=Advice("write 3.5"))
        >>> print(comma.without_values())
        crp must be a number (row 4)
        """
        fix = self.fix.without_cell() if self.fix else None
        return replace(self, found=None, examples=(), more=0, fix=fix)


class Refused(ValueError):
    """Something brought to the software is refused; the message says what, where and how to mend it."""


class DataError(Refused):
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
            f"{title}{counted(count, 'problem')}",
            *(f"  {item}" for item in self.problems),
        ]
        super().__init__("\n".join(lines))


def grouped(problems: Sequence[Problem], *, above: int = GROUPED_ABOVE) -> list[Problem]:
    r"""Tell a mistake that runs down a column once, with all its rows.

    Parameters
    ----------
    problems : sequence of Problem
        In the order in which they are told.
    above : int
        Problems of one kind are grouped where there are more of them, whatever values were found; the same
        value is told once from its second row on.

    Returns
    -------
    grouped : list of Problem
        A group stands where its first problem stood; its values are those of its first
        rows, and its fix is the general one where values differ.

    Examples
    --------
    >>> dose = [Problem("must be 0 to 50", "dose", row=row, found=str(row * 1000)) for row in range(2, 42)]
    >>> print(*grouped(dose), sep="\n")
    dose must be 0 to 50, got 2000, 3000, 4000 and 37 more (40 rows: 2-41)
    """
    identical: dict[Problem, list[Problem]] = {}
    kinds: dict[_Kind, list[Problem]] = {}
    for item in problems:
        identical.setdefault(replace(item, row=None), []).append(item)
        kinds.setdefault(_kind(item), []).append(item)
    told = []
    for item in problems:
        alike = kinds[_kind(item)]
        group = alike if len(alike) > above else identical[replace(item, row=None)]
        if len(group) == 1 or item.row is None:
            told.append(item)
        elif item is group[0]:
            told.append(_joined(group))
    return told


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


def listed(found: Iterable[str]) -> str:
    """List values or names, in quotation marks those that a comma would part.

    Examples
    --------
    >>> listed(["LDH", "CRP, mg/dl"])
    'LDH, "CRP, mg/dl"'
    """
    return ", ".join(f'"{one}"' if "," in one else one for one in found)


def shortened(found: str, *, most: int = 60) -> str:
    r"""Show a value on one line, cut where it is long.

    Examples
    --------
    >>> shortened("two\nlines")
    'two\\nlines'
    """
    cut = found[:most]
    shown = cut if cut.isprintable() else cut.encode("unicode_escape").decode("ascii")
    return shown if len(found) <= most else f"{shown}... ({len(found)} characters)"


def _kind(item: Problem) -> _Kind:
    """Problems differ in kind by column, rule and fix, not by what the fix quotes of the cell."""
    return item.column, item.rule, item.fix.without_cell() if item.fix else None


def _joined(alike: Sequence[Problem], *, shown: int = 3) -> Problem:
    found = tuple(dict.fromkeys(item.found for item in alike if item.found is not None))
    rows = tuple(item.row for item in alike if item.row is not None)
    fix = alike[0].fix
    if fix and len(found) > 1:
        fix = fix.without_cell() or fix
    more = max(0, len(found) - shown)
    return replace(alike[0], row=None, rows=rows, found=None, examples=found[:shown], more=more, fix=fix)
