"""One replicate of the linear part of the anchored model: what of it is drawn, and its fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from training.dataset.centers import Centers
from training.learners.anchored_linear import Anchor, LinearFit
from training.learners.center_levels import of_answered_center, with_drawn_centers
from training.learners.labeled_terms import LabeledTerms
from training.learners.level_priors import n_drawn_levels, with_drawn_levels
from training.learners.milder_grades import parameters_by_grades
from training.learners.model_averaging import Average
from training.statistics.laplace import NormalPriors, fit_priors

LEAST_DRAWN_WEIGHT = 1e-3
"""Candidates of less weight are never drawn for a replicate."""

ADDED_SPREAD = 0.05
"""Standard deviation of what a replicate adds to each fitted effect, log odds ratio per standard deviation of
the term. A sum of terms never holds exactly, and no number of patients tells how far: without it intervals
become too narrow as cohorts grow. Chosen for coverage, see docs/model.md."""


@dataclass(frozen=True, repr=False)
class ReplicateDraw(ShortRepr):
    """All that is random in one replicate, besides the weights of the patients.

    Attributes
    ----------
    candidate : int
        By its position among the fits.
    prior : NormalPriors
        The one that the replicate is fitted under.
    added_effects : ndarray of shape (n_terms,)
        Added to the fitted coefficients; 0 for products, and everywhere if nothing has an effect.
    """

    candidate: int
    prior: NormalPriors
    added_effects: Values


@dataclass(frozen=True, repr=False)
class LinearReplicate(ShortRepr):
    """One replicate of the linear part.

    Attributes
    ----------
    intercepts : ndarray of shape (n_horizons,)
    coefficients : ndarray of shape (n_terms,)
        As fitted.
    added_level : float
        Added to the intercepts, so that added effects do not move the mean log-odds of the patients fitted
        to: patients do tell their mean.
    added_effects : ndarray of shape (n_terms,)
        Added to the coefficients.
    """

    intercepts: Values
    coefficients: Values
    added_level: float
    added_effects: Values


def draw_linear(
    anchor: Anchor, fit: LinearFit, known: LabeledTerms, rng: np.random.Generator
) -> LinearReplicate:
    """Fit one replicate to patients as weighted, under a drawn prior; say what is added to its effects."""
    drawn = draw_replicate(anchor, fit, known.centers, rng)
    prior, n_candidates = drawn.prior, len(anchor.candidates.mass)
    start = fit.fits.parameters[[drawn.candidate]] if known.seen else prior.mean
    if drawn.candidate >= n_candidates:
        factor = anchor.grade_factors[drawn.candidate // n_candidates - 1]
        parameters = parameters_by_grades(known, prior, start, factor=factor)[0]
    else:
        parameters = fit_priors(known.columns, known.label, known.weight, prior, start=start).parameters[0]
    drawn_alone = Average(parameters[: anchor.n_horizons], parameters[anchor.n_horizons :], np.ones(1))
    answered = of_answered_center(drawn_alone, known.centers)
    return LinearReplicate(
        answered.intercepts,
        answered.coefficients,
        added_level=-float(_mean_terms(known) @ drawn.added_effects),
        added_effects=drawn.added_effects,
    )


def draw_replicate(
    anchor: Anchor, fit: LinearFit, centers: Centers | None, rng: np.random.Generator
) -> ReplicateDraw:
    """Draw a candidate by its weight, its mean from its prior, and what is added to the effects."""
    drawn = _drawn_candidate(fit, rng)
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
    prior = with_drawn_centers(prior, widest, centers, rng)
    added = ADDED_SPREAD * rng.normal(size=len(anchor.names)) / anchor.expected.spread
    unchanged = anchor.prior.of_product | anchor.candidates.no_effect[which]
    return ReplicateDraw(drawn, prior, np.where(unchanged, 0.0, added))


def skip_replicate(anchor: Anchor, fit: LinearFit, centers: Centers | None, rng: np.random.Generator) -> None:
    """Draw as many numbers as `draw_replicate`, and make nothing of them."""
    _drawn_candidate(fit, rng)
    n_numbers = anchor.candidates.wide.mean.shape[1] + n_drawn_levels(anchor.prior) + len(anchor.names)
    if anchor.candidates.between is not None and centers is not None:
        n_numbers += centers.n_columns
    rng.normal(size=n_numbers)


def _drawn_candidate(fit: LinearFit, rng: np.random.Generator) -> int:
    weights = np.where(fit.drawn > LEAST_DRAWN_WEIGHT, fit.drawn, 0.0)
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def _mean_terms(known: LabeledTerms) -> Values:
    """Average the terms over the patients who tell the level, as they are weighted: shape (n_terms,).

    Those of the home center where one is answered for, and 0 where nobody is seen.
    """
    counted = known.weight.sum(axis=1)
    if known.centers is not None and known.centers.home is not None:
        counted = counted * (known.centers.number == known.centers.home)
    total = counted.sum()
    return np.asarray(counted @ known.terms / total) if total > 0 else np.zeros(known.terms.shape[1])
