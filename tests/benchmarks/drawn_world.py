"""A new center as the evidence describes it: drawn from its estimates, their errors and its spreads."""

from __future__ import annotations

from functools import cache

import numpy as np

from features.columns import Values
from features.outcomes import OUTCOMES
from features.terms import LEVEL_TERMS, OWN_PRODUCT
from tests.benchmarks.world import World, shifted_rate, term_spreads
from training.evidence.evidence_set import read_evidence
from training.evidence.prior import Prior, TermPrior
from training.evidence.prior_from_studies import published_prior

SPREAD_WITHOUT_STUDY = 0.15
"""Standard deviation of a true effect that no study reports, log odds ratio per standard deviation of the
term. The evidence does not state one: it is not the shrinkage that a learner assumes."""


def drawn(outcome: str, rng: np.random.Generator) -> World:
    """Draw a center from the uncertainty of the evidence.

    Every effect comes from its pooled estimate, standard error and spread between centers; products from the
    distribution of published rates, with a new product and a new center; the base rate likewise.
    """
    prior = _prior(outcome)
    effects = {term.term: _effect(term, rng) for term in prior.terms if term.term not in LEVEL_TERMS}
    levels = _levels(prior, rng)
    effects |= dict(zip(LEVEL_TERMS, levels[1:], strict=True))
    # Most patients have an academic product: its level moves the base rate, as do those of all and of the
    # center.
    moved = levels[0] - prior.levels.mean[0] + effects[OWN_PRODUCT] - prior.levels.mean[-1]
    moved += np.sqrt(prior.levels.cohort_variance) * rng.normal()
    return World(outcome, effects, shifted_rate(float(prior.base_rate[0]), float(moved)))


def _effect(term: TermPrior, rng: np.random.Generator) -> float:
    """Draw an effect in a new center."""
    if term.basis == "none":
        spread = term_spreads()[term.term]
        return SPREAD_WITHOUT_STUDY * float(rng.normal()) / spread
    return term.mean + term.spread * float(rng.normal())


def _levels(prior: Prior, rng: np.random.Generator) -> Values:
    """Draw the typical level, what constructs and products add, and a new product."""
    levels = prior.levels
    return rng.multivariate_normal(levels.mean, levels.covariance, method="eigh")


@cache
def _prior(outcome: str) -> Prior:
    return published_prior(outcome, OUTCOMES[outcome].horizons_days[:1], read_evidence())
