"""Fits that learn from the grade below the event too: who came close to it without it.

Where a predictor moves all grades alike (a cumulative logit), the odds of the grade below the event against
lower ones are, among infusions without the event, ``c P(event)``, with c the same for all. About a rate p of
the event the log-odds are then

    a + (1 - p) z' beta

with the coefficients of the event and an intercept of its own. With the event this is the likelihood of three
degrees, so an infusion without the event says more than that it had none.

Whether effects on the event act on milder grades is not known. So every candidate is fitted by the event
alone and by both, with effects that act in full or by half on the milder grade. The data weigh these three
fits, by how probable they make the events.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.columns import Values
from training.learners.labeled_terms import LabeledTerms
from training.statistics.laplace import Fits, NormalPriors, fit_priors

LEVEL_SPREAD = 1.5
"""Standard deviation of the log-odds of the grade below the event: any share of 8 to 92 % is likely."""

EFFECT_SHARES = (1.0, 0.5)
"""How far effects on the event act on the grade below it, as shares of `1 - p`: in full, or by half. The fit
to the event alone is that of a share of 0. All three have equal mass."""

FEWEST_OF_EACH = 2
"""Infusions of the grade below the event, and of lower ones, from which on anything is compared."""


def tells_grades(known: LabeledTerms) -> bool:
    """Whether milder grades differ among infusions without the event."""
    if known.milder is None:
        return False
    counted = known.milder.label[known.milder.weight > 0]
    return bool(min(counted.sum(), (1 - counted).sum()) >= FEWEST_OF_EACH)


def grade_factors(rate: float) -> tuple[float, ...]:
    """List what the coefficients of the event may be multiplied by for the grade below it.

    Parameters
    ----------
    rate : float
        Usual rate of the event, in (0, 1).

    Examples
    --------
    >>> grade_factors(0.2)
    (0.8, 0.4)
    """
    return tuple(share * (1 - rate) for share in EFFECT_SHARES)


def fits_by_grades(
    known: LabeledTerms, priors: NormalPriors, mass: Values, *, factor: float, start: Values | None = None
) -> Fits:
    """Fit every prior to the event and to the grade below it.

    Parameters
    ----------
    known : LabeledTerms
        With milder grades.
    priors : NormalPriors
    mass : ndarray of shape (n_priors,)
    factor : float
        By which the coefficients are multiplied for the grade below the event, from `grade_factors`.
    start : ndarray of shape (n_priors, n_parameters), optional
        Parameters near those of the fits, such as those of the event alone; only saves time.

    Returns
    -------
    fits : Fits
        Of the parameters of `priors`. The evidence is that of the events given the milder grades, of all
        priors together: that of both, less that of the milder grades by themselves. It compares with the
        evidence of fits to the event alone.
    """
    n_horizons = known.label.shape[1]
    near = None if start is None else np.insert(start, n_horizons, 0.0, axis=1)
    both = _fit(known, priors, factor=factor, start=near)
    unseen = replace(known, weight=0 * known.weight)
    alone = _fit(unseen, priors, factor=factor, start=both.parameters)
    within = alone.log_evidence[mass > 0]
    expected = within.max() + np.log(mass[mass > 0] @ np.exp(within - within.max()))
    kept = np.delete(np.arange(both.parameters.shape[1]), n_horizons)
    # Whatever the level of the milder grade is: the inverse of the covariance of all other parameters.
    with_level = both.curvature[:, kept, n_horizons]
    curvature = both.curvature[:, kept][:, :, kept] - (
        with_level[:, :, None] * (with_level / both.curvature[:, [n_horizons], n_horizons])[:, None]
    )
    return Fits(both.parameters[:, kept], curvature, both.log_evidence - expected)


def parameters_by_grades(
    known: LabeledTerms, priors: NormalPriors, start: Values, *, factor: float
) -> Values:
    """Fit priors to the event and to the grade below it, and give their parameters.

    Parameters
    ----------
    known : LabeledTerms
        With milder grades.
    priors : NormalPriors
    start : ndarray of shape (n_priors, n_parameters)
    factor : float
        As for `fits_by_grades`.

    Returns
    -------
    parameters : ndarray of shape (n_priors, n_parameters)
    """
    n_horizons = known.label.shape[1]
    fits = _fit(known, priors, factor=factor, start=np.insert(start, n_horizons, 0.0, axis=1))
    return np.delete(fits.parameters, n_horizons, axis=1)


def _fit(known: LabeledTerms, priors: NormalPriors, *, factor: float, start: Values | None = None) -> Fits:
    """Fit with the milder grade as one more label of an infusion, counted in full."""
    if known.milder is None:
        message = "there are no milder grades to fit"
        raise ValueError(message)
    n_horizons = known.label.shape[1]
    mean = np.insert(priors.mean, n_horizons, 0.0, axis=1)
    precision = np.insert(np.insert(priors.precision, n_horizons, 0.0, axis=1), n_horizons, 0.0, axis=2)
    precision[:, n_horizons, n_horizons] = LEVEL_SPREAD**-2
    # A fit divides by the number of labels.
    return fit_priors(
        known.columns,
        np.column_stack([known.label, known.milder.label]),
        np.column_stack([known.weight / n_horizons, known.milder.weight]) * (n_horizons + 1),
        NormalPriors(mean, precision),
        start=start,
        acting=np.append(np.ones(n_horizons), factor),
    )
