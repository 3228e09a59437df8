"""The candidate priors: worked by hand, and what they say of risks before any patient is seen."""

import dataclasses

import numpy as np
import pytest
from scipy.integrate import quad

from features.log_odds import expit, logit
from tests.known_risk import headline_prior
from training.evidence.prior import Prior, TermPrior
from training.learners.candidate_priors import (
    BETWEEN_CENTERS,
    INTERVAL_SHARE,
    NO_EFFECT_MASS,
    SIZES,
    SLOPES,
    candidates,
    reference_log_odds,
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
    """Horizons share .8 and differ by .2 each: variances .64 + .04, covariance .64; none with the effects."""
    laid_out = candidates(small_prior(horizons=(365, 90)), np.ones(2)).priors
    for precision in laid_out.precision:
        covariance = np.linalg.inv(precision)
        np.testing.assert_allclose(covariance[:2, :2], [[0.68, 0.64], [0.64, 0.68]], rtol=1e-9)
        np.testing.assert_array_equal(covariance[:2, 2:], 0.0)


def test_without_a_published_rate_any_height_is_likely():
    """Two on the scale of log-odds instead of .8."""
    laid_out = candidates(small_prior(sources=()), np.ones(2)).priors
    assert np.linalg.inv(laid_out.precision[0])[0, 0] == pytest.approx(2.0**2 + 0.2**2)


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
    variances = np.diagonal(wide[:-1, 1:, 1:], axis1=1, axis2=2)
    assert (variances >= (INTERVAL_SHARE * prior.spread) ** 2 - 1e-9).all()


def test_without_literature_there_is_plain_shrinkage_and_no_effect():
    """Every slope on nothing is nothing: two strengths of shrinkage about 0, and the base rate on average."""
    prior = small_prior(means=(0.0, 0.0))
    found = candidates(prior, np.ones(2))
    assert not found.priors.mean[:, 1:].any()
    varies = np.diagonal(np.linalg.inv(found.priors.precision), axis1=1, axis2=2).sum(axis=1)
    expected = [reference_log_odds(prior.base_rate, variance) for variance in varies]
    np.testing.assert_allclose(found.priors.mean[:, :1], expected, atol=1e-9)
    scale = np.linalg.inv(found.priors.precision)[:, 1, 1] / 0.4**2
    assert {round(share, 6) for share in scale[:-1]} == {share**2 for _, share, _ in BETWEEN_CENTERS}


@pytest.mark.parametrize("variance", [0.0, 0.3, 2.0, 6.0])
def test_reference_log_odds_give_the_rate_on_average(variance):
    """The risk integrated over patients, by adaptive quadrature, is the rate within half a per cent of it."""
    rate = np.array([0.02, 0.12, 0.5, 0.9])
    for height, expected in zip(reference_log_odds(rate, variance), rate, strict=True):

        def risk(z, height=height):
            return expit(height + np.sqrt(variance) * z) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

        assert quad(risk, -10, 10)[0] == pytest.approx(expected, rel=5e-3)


def test_reference_log_odds_lie_farther_out_than_those_of_the_rate():
    """Patients on both sides draw the mean risk to one half; the reference has to make up for it."""
    rate = np.array([0.1, 0.5, 0.9])
    low, middle, high = reference_log_odds(rate, 2.0) - logit(rate)
    assert low < -0.3
    assert middle == pytest.approx(0.0, abs=1e-9)
    assert high == pytest.approx(-low)


def test_terms_that_patients_hardly_differ_in_do_not_move_the_reference():
    """The spread of a term is that between patients, whatever its unit."""
    prior = small_prior()
    rescaled = dataclasses.replace(
        prior,
        terms=tuple(dataclasses.replace(t, mean=t.mean / 10, spread=t.spread / 10) for t in prior.terms),
    )
    ones, tens = candidates(prior, np.ones(2)).priors, candidates(rescaled, np.full(2, 10.0)).priors
    np.testing.assert_allclose(ones.mean[:, 0], tens.mean[:, 0], atol=1e-12)
