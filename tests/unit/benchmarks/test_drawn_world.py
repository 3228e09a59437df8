"""The world that is drawn from the evidence: its draws have the evidence's means and spreads."""

import numpy as np
import pytest

from features.log_odds import logit
from features.outcomes import OUTCOMES
from features.terms import LEVEL_TERMS
from tests.benchmarks.drawn_world import SPREAD_WITHOUT_STUDY, drawn
from tests.benchmarks.world import term_spreads
from training.evidence.evidence_set import read_evidence
from training.evidence.prior_from_studies import published_prior

N_DRAWS = 400


@pytest.fixture(scope="module", params=["relapse", "severe_crs"])
def draws(request):
    outcome, rng = request.param, np.random.default_rng(1)
    prior = published_prior(outcome, OUTCOMES[outcome].horizons_days[:1], read_evidence())
    return prior, [drawn(outcome, rng) for _ in range(N_DRAWS)]


def test_effects_have_the_pooled_mean_and_the_spread_of_a_new_center(draws):
    prior, worlds = draws
    for term in prior.terms:
        if term.term in LEVEL_TERMS:
            continue
        effects = np.array([world.effects[term.term] for world in worlds])
        spread = term.spread
        if term.basis == "none":
            spread = SPREAD_WITHOUT_STUDY / term_spreads()[term.term]
        assert effects.mean() == pytest.approx(term.mean, abs=4 * spread / np.sqrt(N_DRAWS))
        assert effects.std() == pytest.approx(spread, rel=0.15)


def test_products_have_the_distribution_of_published_rates(draws):
    prior, worlds = draws
    spreads = np.sqrt(np.diag(prior.levels.covariance))
    for at, name in enumerate(LEVEL_TERMS, start=1):
        effects = np.array([world.effects[name] for world in worlds])
        assert effects.mean() == pytest.approx(prior.levels.mean[at], abs=4 * spreads[at] / np.sqrt(N_DRAWS))
        assert effects.std() == pytest.approx(spreads[at], rel=0.15)


def test_base_rate_moves_as_that_of_a_new_product_in_a_new_center(draws):
    prior, worlds = draws
    _, variance = prior.levels.own
    moved = logit(np.array([world.base_rate for world in worlds])) - logit(prior.base_rate[0])
    assert moved.mean() == pytest.approx(0.0, abs=4 * np.sqrt(variance / N_DRAWS))
    assert moved.std() == pytest.approx(np.sqrt(variance), rel=0.15)
