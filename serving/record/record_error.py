"""What the record could not do: reasons without a value of a patient or of a key."""

from __future__ import annotations

from collections.abc import Sequence


class RecordError(Exception):
    """The record could not be written or read; says why and how to fix it."""


class UnknownPredictionError(RecordError):
    """The record has no answer of this prediction id."""


class ContradictoryReportError(RecordError):
    """A reported outcome cannot be true together with earlier reports about the same answer.

    Parameters
    ----------
    outcomes : sequence of str
        Whose last reports it contradicts.
    field : str
        Attribute of the report that is wrong if they are right: ``happened``, or ``day`` alone.
    """

    def __init__(self, outcomes: Sequence[str], field: str) -> None:
        super().__init__(f"{field} contradicts the last report of {' and '.join(outcomes)}")
        self.outcomes, self.field = tuple(outcomes), field

    def __reduce__(self) -> tuple[object, ...]:
        """Have a copy, such as one from another process, made from the same arguments."""
        return type(self), (self.outcomes, self.field), vars(self)
