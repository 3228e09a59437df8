"""What a learner sees of one outcome: predictors, labels and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.short_repr import ShortRepr
from training.dataset.centers import Centers
from training.dataset.milder_grade import MilderGrade


@dataclass(frozen=True, repr=False)
class TrainingSet(ShortRepr):
    """What a learner sees.

    Attributes
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    horizons_days : tuple of int
        In the outcome's order, headline first.
    patients : Columns of `Patient`
    label, weight : ndarray of shape (n_infusions, n_horizons)
        Labels 0 and 1 (0 where the weight is 0); inverse probability of censoring times multiplicity. To fit
        an outcome that only some can have, all others weigh 0 at each horizon.
    groups : ndarray of shape (n_infusions,)
        Patient of each infusion, as a number.
    milder : MilderGrade, optional
        The grade below the event's; None where nothing is graded.
    centers : Centers, optional
        Center of each infusion; None where the cohort names fewer than three.
    """

    outcome: str
    horizons_days: tuple[int, ...]
    patients: Columns
    label: Values
    weight: Values
    groups: NDArray[np.int64]
    milder: MilderGrade | None = None
    centers: Centers | None = None

    def __len__(self) -> int:
        return len(self.label)

    @property
    def answered_weight(self) -> Values:
        """Weights of the home center alone; all weights where there is none, or none of its own counts."""
        if self.centers is None or self.centers.home is None:
            return self.weight
        own = self.weight * (self.centers.number == self.centers.home)[:, None]
        return own if (own.sum(axis=0) > 0).all() else self.weight

    def take(self, index: NDArray[Any]) -> TrainingSet:
        """Pick infusions; weights stay as they are."""
        return TrainingSet(
            self.outcome,
            self.horizons_days,
            self.patients.take(index),
            self.label[index],
            self.weight[index],
            self.groups[index],
            self.milder.take(index) if self.milder is not None else None,
            self.centers.take(index) if self.centers is not None else None,
        )
