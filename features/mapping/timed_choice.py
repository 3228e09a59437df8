"""One of several values of a window: the last, the first, the nearest, the highest or the lowest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from features.advice import plain
from features.checking.moments import Moment
from features.checking.parse_cell import CellError
from features.files.typed_text import canonical_text
from features.mapping.linked_definition import OverTime
from features.mapping.site_fields import SIGNIFICANT_DIGITS
from features.problem_codes import Code
from features.short_repr import ShortRepr


class Measurement(NamedTuple):
    """A row of a further table, as far as one entry uses it.

    Parameters
    ----------
    moment : Moment
    row : int
        Of its table.
    cell : str
        The site's value; blank where the value is the day of the row.
    factor : float
        Of its unit.
    way : int
        Which of several entries reads it.
    """

    moment: Moment
    row: int
    cell: str
    factor: float = 1.0
    way: int = 0

    def __repr__(self) -> str:
        """Name the row, and no value."""
        return f"Measurement(row={self.row})"


class Chosen(NamedTuple):
    """The value of an infusion.

    Parameters
    ----------
    cell : str
        In the schema's terms.
    measurement : Measurement
        The row that it is from; one of them, of a mean.
    """

    cell: str
    measurement: Measurement

    def __repr__(self) -> str:
        """Name the row, and no value."""
        return f"Chosen(row={self.measurement.row})"


Convert = Callable[[Measurement], str]
"""Brings a value into the schema's terms; raises `CellError` where the mapping does not say how."""


@dataclass(repr=False)
class Candidates(ShortRepr):
    """Values of one window that may still be the chosen one.

    Parameters
    ----------
    rule : OverTime
        Of the entry.
    anchor : Moment
        From which the window is counted.
    kept : list of Measurement
        Those of the best day; of the highest and lowest, the best one.
    best : float or tuple of float, optional
        Rank of those that are kept; a lower one is better.
    """

    rule: OverTime
    anchor: Moment
    kept: list[Measurement] = field(default_factory=list)
    best: tuple[float, float] | None = None

    def add(self, measurement: Measurement, convert: Convert) -> None:
        """Take a further value of the window into account.

        Parameters
        ----------
        measurement : Measurement
        convert : Convert
            Used where values are compared.

        Raises
        ------
        CellError
            If a value that must be compared cannot be read.
        """
        if self.rule.choose in ("highest", "lowest"):
            cell = convert(measurement)
            if not cell:
                return
            rank = (-float(cell) if self.rule.choose == "highest" else float(cell), 0.0)
        else:
            rank = _rank(self.rule, self.anchor, measurement.moment)
        if self.best is None or rank < self.best:
            self.best, self.kept = rank, [measurement]
        elif rank == self.best and self.rule.choose not in ("highest", "lowest"):
            self.kept.append(measurement)

    def chosen(self, convert: Convert) -> Chosen | None:
        """Give the value of the window.

        Parameters
        ----------
        convert : Convert

        Returns
        -------
        chosen : Chosen or None
            None where the window is empty.

        Raises
        ------
        CellError
            If the value cannot be read, or different values have one moment and the entry has no rule for it.

        Examples
        --------
        >>> rule = OverTime("ldh_u_l.0", "labs", "result", "ld", "last", tie="mean")
        >>> candidates = Candidates(rule, Moment(100))
        >>> for row, (day, cell) in enumerate([(97, "300"), (99, "250"), (99, "260")]):
        ...     candidates.add(Measurement(Moment(day), row, cell), lambda each: each.cell)
        >>> candidates.chosen(lambda each: each.cell).cell
        '255'
        """
        if not self.kept:
            return None
        of_moment = _of_one_moment(self.rule, self.kept)
        converted = [Chosen(convert(each), each) for each in of_moment]
        if len({each.cell for each in converted}) == 1:
            return converted[0]
        return _by_tie(self.rule, converted)


def _rank(rule: OverTime, anchor: Moment, moment: Moment) -> tuple[float, float]:
    """Rank a day; of two that are equally near, the earlier one is better."""
    if rule.choose == "nearest":
        return abs(moment.day - anchor.day), moment.day
    return (-moment.day if rule.choose == "last" else moment.day), 0.0


def _of_one_moment(rule: OverTime, kept: Sequence[Measurement]) -> list[Measurement]:
    """Take the last, or first, values of a day, where all of its rows state a time."""
    seconds = [each.moment.second for each in kept]
    known = [second for second in seconds if second is not None]
    if len(known) < len(kept):
        return list(kept)
    best = min(known) if rule.choose == "first" else max(known)
    return [each for each in kept if each.moment.second == best]


def _by_tie(rule: OverTime, converted: Sequence[Chosen]) -> Chosen:
    known = [each for each in converted if each.cell]
    if rule.tie is None:
        words = "has different values at one time"
        fix = plain('correct the rows, or set tie = "first", "last", "highest", "lowest" or "mean"')
        raise CellError(Code.VALUES_DIFFER_ON_ONE_DAY, words, fix, value_text=_listed(converted))
    if rule.tie in ("first", "last"):
        return known[0 if rule.tie == "first" else -1]
    numbers = [float(each.cell) for each in known]
    if rule.tie == "mean":
        mean = float(f"{math.fsum(numbers) / len(numbers):.{SIGNIFICANT_DIGITS}g}")
        return Chosen(canonical_text(mean), known[0].measurement)
    best = max(numbers) if rule.tie == "highest" else min(numbers)
    return known[numbers.index(best)]


def _listed(converted: Sequence[Chosen]) -> str:
    return ", ".join(dict.fromkeys(each.cell or "blank" for each in converted))
