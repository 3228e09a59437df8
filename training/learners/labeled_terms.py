"""What the linear part is fitted to: terms and labels, weighted by what they are worth together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.short_repr import ShortRepr
from training.dataset.centers import Centers
from training.dataset.milder_grade import MilderGrade


@dataclass(frozen=True, repr=False)
class LabeledTerms(ShortRepr):
    """Terms and labels.

    Attributes
    ----------
    terms : ndarray of shape (n_infusions, n_terms)
        Centered, without NaN; no rows without a cohort.
    label, weight : ndarray of shape (n_infusions, n_horizons)
        At every horizon of the prior.
    milder : MilderGrade, optional
        The grade below the event's.
    centers : Centers, optional
        Center of each infusion; none where centers have no levels of their own.
    """

    terms: Values
    label: Values
    weight: Values
    milder: MilderGrade | None = None
    centers: Centers | None = None

    def take(self, index: NDArray[Any]) -> LabeledTerms:
        """Pick infusions."""
        milder = self.milder.take(index) if self.milder is not None else None
        centers = self.centers.take(index) if self.centers is not None else None
        return LabeledTerms(self.terms[index], self.label[index], self.weight[index], milder, centers)

    @property
    def columns(self) -> Values:
        """Terms, then the columns of centers: all that has a coefficient in a fit."""
        return self.terms if self.centers is None else np.hstack([self.terms, self.centers.columns])

    @property
    def seen(self) -> bool:
        """Whether any infusion counts."""
        return bool((self.weight > 0).any())


def information(weight: Values) -> Values:
    """Say how much of the weights is information: Kish's effective size over their sum, by horizon.

    Inverse probabilities of censoring let the known patients represent the others. They add up to all, but a
    likelihood raised to such weights would be as sure as if all were known: with half of 250 patients
    censored before the horizon, excess log loss without any effect .032, and .006 by what is known.

    Parameters
    ----------
    weight : ndarray of shape (n_infusions, n_horizons)

    Returns
    -------
    share : ndarray of shape (n_horizons,)
        1 where all weigh 1, or all weigh 0.

    References
    ----------
    Kish 1965, Survey Sampling, section 11.7.

    Examples
    --------
    >>> information(np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 0.0], [1.0, 0.0]]))
    array([1. , 0.5])
    """
    total, squares = weight.sum(axis=0), (weight**2).sum(axis=0)
    return np.asarray(np.divide(total, squares, out=np.ones_like(total), where=squares > 0))


def information_of_all(rates: Values) -> float:
    """Say how many labels an infusion's labels at several horizons are worth.

    They are nested, so they say less than as many independent ones and more than one. The weight is that at
    which the curvature of their sum of log likelihoods, in the level that they share, is the variance of its
    slope, as it is for a likelihood (second Bartlett identity).

    Parameters
    ----------
    rates : ndarray of shape (n_horizons,)
        Published cumulative incidence at each.

    Returns
    -------
    labels : float
        From 1, where all rates are the same, to the number of horizons.

    References
    ----------
    Varin, Reid & Firth 2011, An overview of composite likelihood methods, Statistica Sinica 21:5-42.

    Examples
    --------
    >>> information_of_all(np.array([0.3])), information_of_all(np.array([0.3, 0.3]))
    (1.0, 1.0)
    >>> round(information_of_all(np.array([0.25, 0.5])), 3)
    1.273
    """
    together = np.minimum.outer(rates, rates) - np.outer(rates, rates)
    return float(len(rates) * np.trace(together) / together.sum())
