"""Effective sample sizes: by hand, and against fits to simulated infusions."""

from __future__ import annotations

import numpy as np
import pytest

from features.expected_terms import reference_profile
from features.log_odds import expit
from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from features.terms import TERMS
from training.evidence.effective_sample_size import effective_sample_sizes, infusions_worth
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior import Prior, TermPrior
from training.evidence.prior_from_studies import published_prior
from training.statistics.laplace import NormalPriors, fit_priors


def published(outcome: str, evidence: Evidence | None = None) -> Prior:
    """Make the prior of an outcome, of the literature by default."""
    return published_prior(outcome, OUTCOMES[outcome].horizons_days, evidence or read_evidence())


def simulated_variance(n: int, *, risk: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Posterior variance of intercept and coefficient after n infusions and a flat prior; no true effect."""
    term = rng.normal(scale=spread, size=(n, 1))
    label = (rng.random((n, 1)) < risk).astype(float)
    flat = NormalPriors(np.zeros((1, 2)), np.eye(2)[None] * 1e-8)
    fits = fit_priors(term - term.mean(), label, np.ones((n, 1)), flat)
    return np.diag(np.linalg.inv(fits.curvature[0]))


@pytest.mark.parametrize(
    ("outcome", "term"), [("severe_crs", "prior_allo_hsct"), ("relapse", "disease_burden")]
)
def test_so_many_simulated_infusions_have_the_variance_of_the_prior(outcome: str, term: str) -> None:
    """A fit to them with a flat prior is as precise as the literature, on average over simulations."""
    prior, rng = published(outcome), np.random.default_rng(7)
    sizes, risk = effective_sample_sizes(prior), float(prior.base_rate[0])
    entry = next(each for each in prior.terms if each.term == term)
    spread, n = float(reference_profile((term,)).spread[0]), round(sizes.terms[term])
    variances = [simulated_variance(n, risk=risk, spread=spread, rng=rng)[1] for _ in range(200)]
    assert np.mean(variances) == pytest.approx(entry.spread**2, rel=0.1)


def test_so_many_simulated_infusions_know_the_rate_of_a_product_as_well_as_the_literature() -> None:
    """The same of the intercept: log-odds of the rate among infusions of the product."""
    prior, rng = published("relapse"), np.random.default_rng(8)
    level, variance = prior.levels.known("tisagenlecleucel")
    n, risk = (
        round(effective_sample_sizes(prior).products["tisagenlecleucel"]),
        prior.mean_risk(level, variance),
    )
    variances = [simulated_variance(n, risk=risk, spread=0.1, rng=rng)[0] for _ in range(400)]
    assert np.mean(variances) == pytest.approx(variance, rel=0.1)


def test_infusions_and_prior_add_up() -> None:
    """As many infusions as the prior is worth halve its variance, and three times as many quarter it."""
    variance, risk, spread = 0.09, 0.3, 0.8
    n = infusions_worth(variance, risk, term_spread=spread)
    for times in (1, 3):
        information = times * n * spread**2 * risk * (1 - risk)
        assert 1 / (1 / variance + information) == pytest.approx(variance / (1 + times))


@pytest.mark.parametrize("events", [4, 20])
def test_the_variance_of_an_observed_rate_is_worth_its_patients(events: int) -> None:
    """1 / events + 1 / others is the variance of log-odds among 40."""
    assert infusions_worth(1 / events + 1 / (40 - events), events / 40) == pytest.approx(40)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_part_of_a_prior_is_counted(outcome: str) -> None:
    """Every term, every product; the product that was seen most is known better than one to come."""
    prior = published(outcome)
    sizes = effective_sample_sizes(prior)
    assert list(sizes.terms) == list(TERMS)
    assert list(sizes.products) == list(PRODUCTS)
    assert all(0 < size < np.inf for size in (sizes.base_rate, *sizes.terms.values()))
    seen = sum(rate.product == "tisagenlecleucel" for rate in prior.rates)
    assert sizes.products["tisagenlecleucel"] >= (2.0 if seen > 1 else 1.0) * sizes.base_rate


def test_less_evidence_counts_for_fewer_infusions() -> None:
    """Without any row, the base rate is worth one or two infusions."""
    with_evidence, without = (
        effective_sample_sizes(published("severe_icans", evidence)) for evidence in (None, Evidence((), ()))
    )
    assert without.base_rate < 2 < with_evidence.base_rate
    assert all(with_evidence.products[name] > size for name, size in without.products.items())


def test_half_the_spread_is_worth_four_times_the_infusions() -> None:
    """Information is the inverse of a variance."""
    one, other = (
        effective_sample_sizes(
            Prior("relapse", (365,), np.array([0.4]), (), (TermPrior("age", 0.0, spread, "none"),))
        )
        for spread in (0.4, 0.2)
    )
    assert other.terms["age"] == pytest.approx(4 * one.terms["age"], rel=0.01)


def test_the_level_of_a_product_is_the_sum_of_its_parts() -> None:
    """Typical level, construct, schedule and product, with the variance between cohorts."""
    levels = published("severe_crs").levels
    parts = [0, 2, 3 + list(PRODUCTS).index("obecabtagene")]
    level, variance = levels.known("obecabtagene")
    assert level == pytest.approx(levels.mean[parts].sum())
    assert variance == pytest.approx(levels.covariance[np.ix_(parts, parts)].sum() + levels.cohort_variance)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_mean_risk_of_a_level_is_that_of_simulated_patients(outcome: str) -> None:
    """Levels, effects and terms drawn from their distributions."""
    prior, rng = published(outcome), np.random.default_rng(9)
    level, variance = prior.levels.own
    spread = reference_profile(tuple(TERMS)).spread
    terms = rng.normal(size=(20_000, len(spread))) * spread
    effects = prior.effects + rng.normal(size=terms.shape) * np.where(prior.of_product, 0.0, prior.spread)
    drawn = rng.normal(level, variance**0.5, size=len(terms)) + (terms * effects).sum(axis=1)
    assert expit(drawn).mean() == pytest.approx(prior.mean_risk(level, variance), abs=0.01)
