"""The candidate priors: worked by hand, and what they say of risks before any patient is seen."""

import numpy as np
import pytest

from features.expected_terms import reference_profile
from features.log_odds import expit, logit
from features.terms import TERMS, product_term
from tests.known_risk import headline_prior
from training.evidence.base_rates import UNKNOWN_RATE
from training.evidence.prior import Prior, TermPrior
from training.learners.candidate_priors import (
    BETWEEN_CENTERS,
    INTERVAL_SHARE,
    NO_EFFECT_MASS,
    SIZES,
    SLOPES,
    candidates,
    with_drawn_levels,
)

OUTCOMES = ["relapse", "severe_crs", "severe_icans"]


def small_prior(*, means=(0.5, -0.2), sources=("a trial",), horizons=(365,)):
    """Make a prior of two terms with spreads 0.4 and 0.1, and a base rate of .3 at every horizon."""
    terms = (TermPrior("age", means[0], 0.4, "estimate"), TermPrior("ecog", means[1], 0.1, "direction"))
    return Prior("relapse", horizons, np.full(len(horizons), 0.3), sources, terms)


def spreads(outcome):
    """Take a standard deviation of 1 for every term."""
    return np.ones(len(headline_prior(outcome).terms))


def test_covariance_of_a_slope_worked_by_hand():
    """Slope .6 give or take .3 on means .5 and -.2, and three quarters of the spreads .4 and .1, the widest.

    Means .3 and -.12. Variances .09 x .25 + .5625 x .16 = .1125 and .09 x .04 + .5625 x .01 = .009225; the
    common slope ties them by .09 x .5 x -.2 = -.009.
    """
    laid_out = candidates(small_prior(), np.ones(2)).priors
    place = [slope for slope, _, _ in SLOPES].index(0.6) * len(BETWEEN_CENTERS) + 2
    assert BETWEEN_CENTERS[2][:2] == (0.75, 0.75)
    np.testing.assert_allclose(laid_out.mean[place, 1:], [0.3, -0.12])
    covariance = np.linalg.inv(laid_out.precision[place])[1:, 1:]
    np.testing.assert_allclose(covariance, [[0.1125, -0.009], [-0.009, 0.009225]], atol=1e-12)


def test_what_nobody_reported_may_differ_less():
    """Three quarters of the spread .4 where a mean is published, a quarter of .1 where none is."""
    laid_out = candidates(small_prior(means=(0.5, 0.0)), np.ones(2)).priors
    assert BETWEEN_CENTERS[1][:2] == (0.75, 0.25)
    covariance = np.linalg.inv(laid_out.precision[1])[1:, 1:]
    np.testing.assert_allclose(covariance, np.diag([0.09, 0.000625]), atol=1e-12)


def test_covariance_of_a_size_worked_by_hand():
    """Half the means .5 and -.2 as spread, and a quarter of the spreads: no sign, and nothing ties them."""
    laid_out = candidates(small_prior(), np.ones(2)).priors
    place = len(SLOPES) * len(BETWEEN_CENTERS) + [share for share, _, _ in SIZES].index(0.25)
    np.testing.assert_array_equal(laid_out.mean[place, 1:], 0.0)
    covariance = np.linalg.inv(laid_out.precision[place])[1:, 1:]
    np.testing.assert_allclose(covariance, np.diag([0.0625 + 0.01, 0.01 + 0.000625]), atol=1e-12)


def test_no_effect_is_none_per_standard_deviation():
    """Of a term that spreads by 2, half the coefficient is as small."""
    laid_out = candidates(small_prior(), np.array([1.0, 2.0])).priors
    covariance = np.linalg.inv(laid_out.precision[-1])[1:, 1:]
    np.testing.assert_allclose(covariance, np.diag([0.005**2, 0.0025**2]), rtol=1e-9)


def test_heights_of_the_curve_move_together():
    """Horizons share the level of a new product in a new center, and differ by .2 each."""
    prior = small_prior(horizons=(365, 90))
    laid_out = candidates(prior, np.ones(2)).priors
    levels = prior.levels_given(np.zeros(2), np.zeros((2, 2)))
    for precision in laid_out.precision:
        covariance = np.linalg.inv(precision)
        shared = levels.own[1]
        np.testing.assert_allclose(
            covariance[:2, :2], [[shared + 0.04, shared], [shared, shared + 0.04]], rtol=1e-9
        )
        np.testing.assert_allclose(covariance[:2, 2:], 0.0, atol=1e-12)


def test_without_a_published_rate_any_height_is_likely():
    """Two on the scale of log-odds, and what products and centers differ by."""
    laid_out = candidates(small_prior(), np.ones(2)).priors
    assert np.linalg.inv(laid_out.precision[0])[0, 0] > 2.0**2 + 0.2**2
    assert laid_out.mean[0, 0] == pytest.approx(logit(np.array([UNKNOWN_RATE]))[0])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_products_keep_their_levels_in_every_candidate(outcome):
    """Published rates are facts whatever the effects are: signs of clear differences are the prior's."""
    prior = headline_prior(outcome)
    means = candidates(prior, spreads(outcome)).priors.mean[:, 1:]
    for name in ("product_tisagenlecleucel", "cd28_construct"):
        at = [term.term for term in prior.terms].index(name)
        assert prior.of_product[at]
        if abs(prior.mean[at]) > 0.25:
            assert (np.sign(means[:, at]) == np.sign(prior.mean[at])).all()


@pytest.mark.parametrize("outcome", ["severe_crs", "severe_icans"])
def test_drawn_effects_leave_cohorts_their_rates(outcome):
    """Over 200 draws the mean risk of the largest cohort is near its rate, however large the effects."""
    prior, rng = headline_prior(outcome), np.random.default_rng(3)
    laid_out = candidates(prior, reference_profile(tuple(TERMS)).spread).wide
    rate = max(prior.rates, key=lambda each: each.row.n)
    product = [term.term for term in prior.terms].index(product_term(rate.product))
    own = [term.term for term in prior.terms].index("own_product")
    cd28 = [term.term for term in prior.terms].index("cd28_construct")
    found = []
    for _ in range(200):
        which = int(rng.integers(len(laid_out)))
        root = np.linalg.cholesky(np.linalg.inv(laid_out.precision[which]))
        drawn = with_drawn_levels(
            prior,
            laid_out.mean[which] + root @ rng.normal(size=laid_out.mean.shape[1]),
            spreads(outcome),
            rng,
        )
        beta = np.where(prior.of_product, 0.0, drawn[1:])
        level = drawn[0] + drawn[1 + product] - drawn[1 + own] + rate.cd28 * drawn[1 + cd28]
        found.append(float(expit(level + rate.terms @ beta).mean()))
    assert np.median(found) == pytest.approx(rate.rate, rel=0.35)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_masses_sum_to_one_as_they_are_written_down(outcome):
    """So that the numbers in the source are the masses."""
    mass = candidates(headline_prior(outcome), spreads(outcome)).mass
    assert mass.sum() == pytest.approx(1.0, abs=1e-12)
    written = sum(mass for *_, mass in (*SLOPES, *SIZES)) + NO_EFFECT_MASS
    assert written == pytest.approx(1.0, abs=1e-12)
    assert sum(part for *_, part in BETWEEN_CENTERS) == pytest.approx(1.0, abs=1e-12)
    assert mass[-1] == pytest.approx(NO_EFFECT_MASS)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_intervals_are_drawn_from_no_less_than_the_candidates(outcome):
    """Same means; every variance at least the candidate's, and the share of the interval unless no effect."""
    prior = headline_prior(outcome)
    found = candidates(prior, spreads(outcome))
    np.testing.assert_array_equal(found.wide.mean, found.priors.mean)
    narrow, wide = (np.linalg.inv(each.precision) for each in (found.priors, found.wide))
    for inside, outside in zip(narrow, wide, strict=True):
        assert np.linalg.eigvalsh(outside - inside).min() > -1e-9
    variances = np.diagonal(wide[:-1, 1:, 1:], axis1=1, axis2=2)[:, ~prior.of_product]
    assert (variances >= (INTERVAL_SHARE * prior.spread[~prior.of_product]) ** 2 - 1e-9).all()


def test_without_literature_there_is_plain_shrinkage_and_no_effect():
    """Every slope on nothing is nothing: two strengths of shrinkage about 0."""
    prior = small_prior(means=(0.0, 0.0))
    found = candidates(prior, np.ones(2))
    assert not found.priors.mean[:, 1:].any()
    scale = np.linalg.inv(found.priors.precision)[:, 1, 1] / 0.4**2
    assert {round(share, 6) for share in scale[:-1]} == {share**2 for _, share, _ in BETWEEN_CENTERS}
