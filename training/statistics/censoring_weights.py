"""Censoring weights under which a weighted mean of labels is the Aalen-Johansen estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from features.columns import Values
from features.short_repr import ShortRepr
from features.small_counts import count_words

LOWEST_CENSORING_SURVIVAL = 0.1
"""Below it a few infusions would stand for more than ten times themselves: the horizon is dropped."""
FEWEST_AT_RISK = 10
"""With fewer infusions still followed at a horizon its estimate rests on too few: it is dropped."""


@dataclass(frozen=True, repr=False)
class CensoringSurvival(ShortRepr):
    """G(t), the probability of not being censored by t: a right-continuous step function.

    Attributes
    ----------
    days : ndarray of shape (n_steps,)
        Days of censoring, increasing.
    survival : ndarray of shape (n_steps,)
        G at and after each of them.
    """

    days: Values
    survival: Values

    def before(self, day: ArrayLike) -> Values:
        """G(t-): the probability of not being censored before each day."""
        steps = np.concatenate([[1.0], self.survival])
        return steps[np.searchsorted(self.days, np.asarray(day, dtype=float), side="left")]


def censoring_survival(
    day: ArrayLike, event: ArrayLike, multiplicity: ArrayLike | None = None
) -> CensoringSurvival:
    """Estimate G by Kaplan-Meier of censoring, events coming before censoring on tied days.

    The risk set at a day leaves out that day's events of any cause. With this rule the weighted mean of the
    labels equals the Aalen-Johansen estimate to machine precision and the weights sum to n.

    Parameters
    ----------
    day : array-like of shape (n_infusions,)
        Day of event or censoring.
    event : array-like of shape (n_infusions,)
        0 censored, anything else an event.
    multiplicity : array-like of shape (n_infusions,), optional
        How many times each infusion counts (a bootstrap draw); 1 by default.

    Returns
    -------
    survival : CensoringSurvival

    Examples
    --------
    >>> g = censoring_survival([1, 2, 3, 4], [1, 0, 1, 0])
    >>> g.before([2, 3])
    array([1.        , 0.66666667])
    """
    day, event = np.asarray(day, dtype=float), np.asarray(event)
    counted = np.ones(len(day)) if multiplicity is None else np.asarray(multiplicity, dtype=float)
    days = np.unique(day[(event == 0) & (counted > 0)])
    every, number = np.unique(day, return_inverse=True)
    ended = np.bincount(number, weights=counted * (event != 0))
    censored = np.bincount(number, weights=counted * (event == 0))
    # From the last day on: who is still followed then, less those with an event on that very day.
    at_risk = np.cumsum((ended + censored)[::-1])[::-1] - ended
    here = np.searchsorted(every, days)
    survival = np.asarray(np.cumprod(1.0 - censored[here] / at_risk[here]), dtype=np.float64)
    return CensoringSurvival(days=days, survival=survival)


def censoring_weights(
    day: ArrayLike, label: ArrayLike, survival: CensoringSurvival, *, horizon_days: float
) -> Values:
    """Weight each label by the inverse probability of having been seen.

    Parameters
    ----------
    day : array-like of shape (n_infusions,)
        Day of event or censoring.
    label : array-like of shape (n_infusions,)
        From `features.event_labels.labels`; NaN where censored before the horizon.
    survival : CensoringSurvival
        G, from these infusions or from a larger cohort.
    horizon_days : float
        The horizon, days.

    Returns
    -------
    weight : ndarray of shape (n_infusions,)
        1 / G(min(day, horizon)-); 0 where the label is NaN.

    References
    ----------
    Graf et al. 1999, PubMed 10474158.

    Examples
    --------
    >>> g = censoring_survival([1, 2, 3, 4], [1, 0, 1, 1])
    >>> censoring_weights([1, 2, 3, 4], [1, np.nan, 1, 0], g, horizon_days=3)
    array([1. , 0. , 1.5, 1.5])
    """
    seen = ~np.isnan(np.asarray(label, dtype=float))
    chance = survival.before(np.minimum(np.asarray(day, dtype=float), horizon_days))
    return np.divide(1.0, chance, out=np.zeros(len(seen)), where=seen)


def horizon_dropped(
    day: ArrayLike, event: ArrayLike, *, horizon_days: float, fewest_at_risk: int = FEWEST_AT_RISK
) -> str:
    """Say why a horizon cannot be estimated; empty where it can.

    Weights are never clipped: a horizon that would need it is left out, by name. Where nobody is censored
    before the horizon every label is known and the number still at risk does not matter.

    Parameters
    ----------
    day, event : array-like of shape (n_infusions,)
        As in `censoring_survival`.
    horizon_days : float
        The horizon, days.
    fewest_at_risk : int
        Infusions that must still be followed.

    Returns
    -------
    reason : str

    Examples
    --------
    >>> horizon_dropped([5, 400, 400], [0, 0, 1], horizon_days=365)
    'fewer than 10 infusions are at risk at day 365 (fewer than 5)'
    """
    day, event = np.asarray(day, dtype=float), np.asarray(event)
    seen = float(censoring_survival(day, event).before([horizon_days])[0])
    at_risk = int((day >= horizon_days).sum())
    if seen == 1.0:
        return ""
    if seen < LOWEST_CENSORING_SURVIVAL:
        # Rounded down, so that what falls short of 10 % never reads as 10 %.
        share = np.floor(100 * seen)
        return f"only {share:.0f}% remain uncensored before day {horizon_days:g}, 10 % are needed"
    if at_risk < fewest_at_risk:
        few = f"fewer than {fewest_at_risk} infusions are at risk at day {horizon_days:g}"
        return f"{few} ({count_words(at_risk)})"
    return ""
