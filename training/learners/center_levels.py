"""A level of its own for each center of a cohort: a random intercept beside the terms of the linear part.

The level of center c is that of the typical center plus u_c, and the u_c are draws of one normal distribution
whose spread comes from published rates. A center with many patients has the level that they show, one with
few is near the typical one. A new center is one more draw, so its risk is the mean over all that it may be.
"""

from __future__ import annotations

import numpy as np

from features.columns import Values
from training.dataset.centers import Centers
from training.learners.model_averaging import Average
from training.statistics.laplace import NormalPriors


def with_center_levels(priors: NormalPriors, between: Values | None, centers: Centers | None) -> NormalPriors:
    """Add the level of every column of `Centers.columns` to priors: mean 0, independent.

    Parameters
    ----------
    priors : NormalPriors
        Of intercepts and coefficients.
    between : ndarray of shape (n_priors,), optional
        Standard deviation between centers.
    centers : Centers, optional

    Returns
    -------
    priors : NormalPriors
        Levels come last; none where centers have no levels of their own.
    """
    if between is None or centers is None:
        return priors
    n_priors, n_before = priors.mean.shape
    n_after = n_before + centers.n_columns
    precision = np.zeros((n_priors, n_after, n_after))
    precision[:, :n_before, :n_before] = priors.precision
    levels = np.arange(n_before, n_after)
    precision[:, levels, levels] = (between**-2.0)[:, None]
    return NormalPriors(np.pad(priors.mean, ((0, 0), (0, centers.n_columns))), precision)


def with_drawn_centers(
    prior: NormalPriors, between: Values | None, centers: Centers | None, rng: np.random.Generator
) -> NormalPriors:
    """Add levels about means that are drawn: a new center has no patient, so its level is the draw.

    Parameters and value are those of `with_center_levels`, of one prior.
    """
    if between is None or centers is None:
        return prior
    added = with_center_levels(prior, between, centers)
    drawn = between * rng.normal(size=centers.n_columns)
    return NormalPriors(np.hstack([prior.mean, drawn[None]]), added.precision)


def in_answered_center(terms: Values, centers: Centers | None) -> Values:
    """State the columns of patients as if all were of the center that is answered for.

    Parameters
    ----------
    terms : ndarray of shape (n_patients, n_terms)
    centers : Centers or None

    Returns
    -------
    columns : ndarray of shape (n_patients, n_terms + n_columns)
        The terms alone where centers have no levels of their own.
    """
    if centers is None:
        return terms
    columns = np.zeros((len(terms), centers.n_columns))
    columns[:, centers.answered] = 1.0
    return np.hstack([terms, columns])


def of_answered_center(average: Average, centers: Centers | None) -> Average:
    """Put the level of the center that is answered for into the intercepts, and leave the others out."""
    if centers is None:
        return average
    n_terms = len(average.coefficients) - centers.n_columns
    return Average(
        average.intercepts + average.coefficients[n_terms + centers.answered],
        average.coefficients[:n_terms],
        average.weights,
    )
