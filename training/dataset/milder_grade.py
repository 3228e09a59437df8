"""Whether an infusion without the event came close to it: the grade below the one that is the event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
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


def milder_grade(seen: Values | None, chosen: NDArray[Any], counted: Values) -> MilderGrade | None:
    """Label and weigh the grade below the event's.

    Parameters
    ----------
    seen : ndarray of shape (n_infusions,), optional
        `features.observation.Observation.milder`; None where nothing is graded.
    chosen : ndarray of shape (n_picked,)
        Positions of infusions.
    counted : ndarray of shape (n_picked,)
        How many times each counts.

    Returns
    -------
    milder : MilderGrade or None

    Examples
    --------
    >>> milder = milder_grade(np.array([1.0, np.nan]), np.array([1, 0]), np.array([1.0, 2.0]))
    >>> milder.label, milder.weight
    (array([0., 1.]), array([0., 2.]))
    """
    if seen is None:
        return None
    known = seen[chosen]
    return MilderGrade(np.nan_to_num(known), np.where(np.isnan(known), 0.0, counted))
