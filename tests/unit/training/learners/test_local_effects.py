"""Terms that only local patients speak of, in the anchored model."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from features.expected_terms import reference_profile
from features.outcomes import OUTCOMES
from features.terms import LOCAL_TERMS, TERMS
from tests.known_risk import drawn_set, evidence, truth
from training.dataset.training_set import TrainingSet
from training.evidence.prior_from_studies import NO_EVIDENCE_SPREAD
from training.learners.anchored import Anchored
from training.learners.candidate_priors import OF_OTHERS, SLOPES, effect_priors
from training.learners.kept_priors import ALL_TERMS, kept_prior, whole_prior

OUTCOME = "severe_crs"
HORIZONS = OUTCOMES[OUTCOME].horizons_days
NAME = "log2_hemoglobin_g_dl"


def by_hemoglobin(n_patients: int, effect: float, seed: int) -> TrainingSet:
    """Draw a set in which nothing but hemoglobin has an effect, per standard deviation of its logarithm."""
    rng = np.random.default_rng(seed)
    training = drawn_set(OUTCOME, truth(np.zeros(len(TERMS)), base_rate=0.3), n_patients, rng)
    values = np.log(training.patients["hemoglobin_g_dl"])
    log_odds = np.log(0.3 / 0.7) + effect * (values - values.mean()) / values.std()
    label = rng.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))
    return replace(training, label=label[:, None].astype(float), milder=None)


@cache
def coefficients(effect: float) -> dict[str, float]:
    """Fit to 400 patients; log-odds per standard deviation of every term."""
    training, learner = by_hemoglobin(400, effect, seed=3), Anchored(evidence())
    linear = learner.fit(training, learner.choose(training, np.random.default_rng(1))).linear
    scaled = linear.coefficients * reference_profile(linear.terms).spread
    return dict(zip(linear.terms, scaled.tolist(), strict=True))


def test_patients_show_an_effect_that_no_study_names() -> None:
    """Either sign, as large as it is or somewhat less; the other local terms stay near 0."""
    rises, falls = coefficients(0.8), coefficients(-0.8)
    assert 0.3 < rises[NAME] < 1.2
    assert -1.2 < falls[NAME] < -0.3
    others = set(LOCAL_TERMS) - {NAME}
    assert max(abs(fitted[name]) for fitted in (rises, falls) for name in others) < 0.2


def test_without_patients_there_is_no_effect() -> None:
    """The prior is about 0: what is published says nothing of them."""
    nobody, learner = by_hemoglobin(20, 0.0, seed=1).take(np.arange(0)), Anchored(evidence())
    linear = learner.fit(nobody, learner.choose(nobody, np.random.default_rng(1))).linear
    assert linear.terms == ALL_TERMS
    assert not linear.coefficients[len(TERMS) :].any()
    assert not linear.published[len(TERMS) :].any()


def test_replicates_draw_their_effects() -> None:
    """About 0 without patients, with the spread of the prior: the interval knows what the risk does not."""
    nobody, learner = by_hemoglobin(20, 0.0, seed=1).take(np.arange(0)), Anchored(evidence())
    choice, rng = learner.choose(nobody, np.random.default_rng(1)), np.random.default_rng(2)
    drawn = np.stack([learner.refit(nobody, choice, rng).linear.coefficients for _ in range(200)])
    effects = drawn[:, len(TERMS) :] * reference_profile(tuple(LOCAL_TERMS)).spread
    # A fifth of the prior mass is on no effect at all.
    assert ((effects.std(axis=0) > 0.17) & (effects.std(axis=0) < 0.27)).all()


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_the_prior_is_that_of_a_term_without_a_study(scale: float) -> None:
    """And follows the factor of all spreads, as tuning sets it."""
    whole = whole_prior(OUTCOME, HORIZONS, evidence(), scale)
    spread = whole.spread[len(TERMS) :] * reference_profile(tuple(LOCAL_TERMS)).spread
    np.testing.assert_allclose(spread, scale * NO_EVIDENCE_SPREAD)
    assert not whole.mean[len(TERMS) :].any()


def test_what_is_published_stays_as_it_is() -> None:
    """Effects, rates and the levels of products: no cohort states the mix of what no study speaks of."""
    published, whole = (make(OUTCOME, HORIZONS, evidence(), 1.0) for make in (kept_prior, whole_prior))
    assert whole.terms[: len(TERMS)] == published.terms
    np.testing.assert_array_equal(whole.base_rate, published.base_rate)
    np.testing.assert_array_equal(whole.levels.mean, published.levels.mean)
    np.testing.assert_array_equal(whole.levels.covariance, published.levels.covariance)


def test_a_candidate_of_published_sizes_says_no_more_of_them_than_of_slopes() -> None:
    """A quarter of the spread under both slopes and under sizes of either sign."""
    whole = whole_prior(OUTCOME, HORIZONS, evidence(), 1.0)
    effects = list(effect_priors(whole, reference_profile(ALL_TERMS).spread))
    for effect in effects[: len(SLOPES) + 1]:
        found = np.sqrt(np.diag(effect.covariance))[len(TERMS) :]
        np.testing.assert_allclose(found, OF_OTHERS * whole.spread[len(TERMS) :])
