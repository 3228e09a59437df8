"""Whether an infusion without the event came close to it: the grade below the one that is the event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from features.columns import Values
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class MilderGrade(ShortRepr):
    """The grade below the event's, among infusions without the event.

    Attributes
    ----------
    label : ndarray of shape (n_infusions,)
        1 of that grade, 0 of a lower one; 0 where the weight is 0.
    weight : ndarray of shape (n_infusions,)
        0 with the event, and where no grade is known.
    """

    label: Values
    weight: Values

    def take(self, index: NDArray[Any]) -> MilderGrade:
        """Pick infusions."""
        return MilderGrade(self.label[index], self.weight[index])
