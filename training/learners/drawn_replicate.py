"""One replicate of the linear part of the anchored model: what of it is drawn, and its fit."""

from __future__ import annotations

import numpy as np

from features.columns import Values
from training.dataset.centers import Centers
from training.learners.anchored_linear import Anchor, LinearFit
from training.learners.center_levels import of_answered_center, with_drawn_centers
from training.learners.labeled_terms import LabeledTerms
from training.learners.level_priors import with_drawn_levels
from training.learners.milder_grades import parameters_by_grades
from training.learners.model_averaging import Average
from training.statistics.laplace import NormalPriors, fit_priors

LEAST_DRAWN_WEIGHT = 1e-3
"""Candidates of less weight are never drawn for a replicate."""


def draw_linear(
    anchor: Anchor, fit: LinearFit, known: LabeledTerms, rng: np.random.Generator
) -> tuple[Values, Values]:
    """Fit one replicate: a candidate drawn by its weight, its mean drawn from its prior, weights as given.

    Returns
    -------
    intercepts, coefficients : ndarray of shape (n_horizons,), (n_terms,)
    """
    drawn, prior = draw_prior(anchor, fit, known.centers, rng)
    start, n_candidates = (
        fit.fits.parameters[[drawn]] if known.seen else prior.mean,
        len(anchor.candidates.mass),
    )
    if drawn >= n_candidates:
        factor = anchor.grade_factors[drawn // n_candidates - 1]
        parameters = parameters_by_grades(known, prior, start, factor=factor)[0]
    else:
        parameters = fit_priors(known.columns, known.label, known.weight, prior, start=start).parameters[0]
    drawn_alone = Average(parameters[: anchor.n_horizons], parameters[anchor.n_horizons :], np.ones(1))
    answered = of_answered_center(drawn_alone, known.centers)
    return answered.intercepts, answered.coefficients


def draw_prior(
    anchor: Anchor, fit: LinearFit, centers: Centers | None, rng: np.random.Generator
) -> tuple[int, NormalPriors]:
    """Draw all that is random in a replicate: a candidate by its weight, and its mean from its prior.

    Returns
    -------
    candidate : int
        By its position among the fits.
    prior : NormalPriors
        The one that the replicate is fitted under.
    """
    weights = np.where(fit.drawn > LEAST_DRAWN_WEIGHT, fit.drawn, 0.0)
    drawn = int(rng.choice(len(weights), p=weights / weights.sum()))
    which, wide = drawn % len(anchor.candidates.mass), anchor.candidates.wide
    root = np.linalg.cholesky(np.linalg.inv(wide.precision[which]))
    mean = wide.mean[which] + root @ rng.normal(size=wide.mean.shape[1])
    departure = anchor.candidates.departures[which]
    between = anchor.candidates.between
    mean = with_drawn_levels(
        anchor.prior, mean, anchor.expected.spread, rng, departure, by_center=between is not None
    )
    prior = NormalPriors(mean[None], wide.precision[[which]])
    # An interval has to hold the center that differs most, whichever candidate is drawn.
    widest = None if between is None else between.max(keepdims=True)
    return drawn, with_drawn_centers(prior, widest, centers, rng)
