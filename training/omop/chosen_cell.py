"""The cell that an infusion gets in a column, and why it has a value, or none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from features.problem_codes import Code
from features.short_repr import ShortRepr


class Status(StrEnum):
    """Why a cell has a value, or none."""

    USED = auto()
    TOO_OLD = auto()
    ONLY_LATER = auto()
    NO_ANCHOR = auto()
    NEVER = auto()
    VALUE_UNKNOWN = auto()
    REFUSED = auto()


@dataclass(frozen=True, repr=False)
class Chosen(ShortRepr):
    """The cell of one infusion.

    Parameters
    ----------
    cell : str
        Text of the cell.
    status : Status
        Why.
    unit : str
        Of a number.
    problem : Code, optional
        Why no record could be chosen.
    unexplained : tuple of str
        Answers that the recipe does not explain.
    is_open : bool
        Whether the cell depends on a record of day 0 that may be before it began, or later.
    repeats : bool
        Whether a sum has equal numbers at one time, which may be one record twice.
    """

    cell: str
    status: Status
    unit: str = ""
    problem: Code | None = None
    unexplained: tuple[str, ...] = ()
    is_open: bool = False
    repeats: bool = False
