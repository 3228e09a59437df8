"""Labels of all horizons one below the other, and how much they tell of the columns of a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from training.dataset.training_set import TrainingSet

SEPARATE = 1e-6
"""Share of a column's size by which it must leave the columns before it, or it is a sum of them."""


@dataclass(frozen=True, repr=False)
class Stacked(ShortRepr):
    """Infusions horizon by horizon, one below the other.

    Attributes
    ----------
    design : ndarray of shape (n_horizons * n_infusions, n_columns)
    label, weight : ndarray of shape (n_horizons * n_infusions,)
        An infusion's weight is shared among the horizons.
    """

    design: Values
    label: Values
    weight: Values


def stacked(design: Values, training: TrainingSet) -> Stacked:
    """Stack infusions horizon by horizon."""
    n_horizons = len(training.horizons_days)
    weight = training.weight.T.ravel() / n_horizons
    return Stacked(np.tile(design, (n_horizons, 1)), training.label.T.ravel(), weight)


def least_information(rows: Stacked, risk: Values) -> float:
    """State the Fisher information a patient in the direction of the columns that has the least.

    Parameters
    ----------
    rows : Stacked
    risk : ndarray of shape (n_horizons * n_infusions,)
        As fitted.

    Returns
    -------
    information : float
        Up to 1/4, of directions of weighted mean square 1; 0 where the weighted columns are not independent.

    Examples
    --------
    >>> two = Stacked(np.array([[1.0, 1.0], [1.0, -1.0]]), np.array([0.0, 1.0]), np.ones(2))
    >>> round(least_information(two, np.array([0.5, 0.5])), 6)
    0.25
    >>> same = Stacked(np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 0.0]]), np.zeros(3), np.array([1.0, 1.0, 0.0]))
    >>> least_information(same, np.full(3, 0.5))
    0.0
    """
    weighted = np.sqrt(rows.weight / rows.weight.sum())[:, None] * rows.design
    sizes = np.linalg.norm(weighted, axis=0)
    if (sizes == 0).any():
        return 0.0
    even, left = np.linalg.qr(weighted / sizes)
    if np.abs(np.diag(left)).min() <= SEPARATE:
        return 0.0
    return float(np.linalg.eigvalsh((even.T * (risk * (1 - risk))) @ even)[0])
