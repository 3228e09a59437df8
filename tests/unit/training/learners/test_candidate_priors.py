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
    DEPARTURES,
    INTERVAL_SHARE,
    NO_EFFECT_MASS,
    NO_EFFECT_SPREAD,
    OF_OTHERS,
    OF_PUBLISHED,
    OTHERS_MASS,
    SIZE_MASS,
    SLOPES,
    WHERE_EFFECTS_HOLD,
    WHERE_NOTHING_ACTS,
    WHERE_OTHERS_ACT,
    candidates,
    effect_priors,
)
from training.learners.level_priors import with_drawn_levels

OUTCOMES = ["relapse", "severe_crs", "severe_icans"]


def small_prior(*, means=(0.5, -0.2), sources=("a trial",), horizons=(365,)):
    """Make a prior of two terms with spreads 0.4 and 0.1, and a base rate of .3 at every horizon."""
    terms = (TermPrior("age", means[0], 0.4, "estimate"), TermPrior("ecog", means[1], 0.1, "direction"))
    return Prior("relapse", horizons, np.full(len(horizons), 0.3), sources, terms)


def spreads(outcome):
    """Take a standard deviation of 1 for every term."""
    return np.ones(len(headline_prior(outcome).terms))


def effects_of(prior, spread=(1.0, 1.0)):
    """List the candidates of the effects, terms spread by 1."""
    return list(effect_priors(prior, np.array(spread)))


def effects_of_outcome(outcome):
    """List the candidates of the effects on an outcome."""
    return effects_of(headline_prior(outcome), spreads(outcome))


def test_covariance_of_any_slope_worked_by_hand():
    """Slope 0 give or take 1 on means .5 and -.2, and three quarters of the spreads .4 and .1.

    Variances .25 + .5625 x .16 = .34 and .04 + .5625 x .01 = .045625; the common slope ties them by .5 x -.2.
    """
    assert (SLOPES[1][:2], OF_PUBLISHED) == ((0.0, 1.0), 0.75)
    effect = effects_of(small_prior())[1]
    np.testing.assert_array_equal(effect.mean, 0.0)
    np.testing.assert_allclose(effect.covariance, [[0.34, -0.1], [-0.1, 0.045625]], atol=1e-12)


def test_what_nobody_reported_may_differ_less():
    """Three quarters of the spread .4 where a mean is published, a quarter of .1 where none is."""
    assert OF_OTHERS == 0.25
    effect = effects_of(small_prior(means=(0.5, 0.0)))[0]
    np.testing.assert_allclose(effect.covariance, np.diag([0.09, 0.000625]), atol=1e-12)


def test_covariance_of_a_size_worked_by_hand():
    """The means .5 and -.2 as spread, and three quarters of the spreads: no sign, and nothing ties them."""
    effect = effects_of(small_prior())[2]
    np.testing.assert_array_equal(effect.mean, 0.0)
    np.testing.assert_allclose(effect.covariance, np.diag([0.25 + 0.09, 0.04 + 0.005625]), atol=1e-12)


def test_wrong_predictors_leave_nothing_to_what_is_published():
    """The reported one as without effect, the other by the whole of its spread .1; no mean."""
    effect = effects_of(small_prior(means=(0.5, 0.0)))[3]
    np.testing.assert_array_equal(effect.mean, 0.0)
    np.testing.assert_allclose(effect.covariance, np.diag([NO_EFFECT_SPREAD**2, 0.01]), rtol=1e-9)


def test_no_effect_is_none_per_standard_deviation():
    """Of a term that spreads by 2, half the coefficient is as small."""
    effect = effects_of(small_prior(), (1.0, 2.0))[-1]
    assert effect.none
    np.testing.assert_allclose(effect.covariance, np.diag([0.005**2, 0.0025**2]), rtol=1e-9)


def test_every_effect_comes_with_every_departure():
    """Masses multiply, and a candidate's intercepts and coefficients are those of its two parts."""
    prior = headline_prior("severe_crs")
    found, effects = candidates(prior, spreads("severe_crs")), effects_of_outcome("severe_crs")
    assert len(found.priors) == len(effects) * len(DEPARTURES) == len(found.departures)
    of_effect = ~prior.of_product
    for at, (mass, mean) in enumerate(zip(found.mass, found.priors.mean, strict=True)):
        effect, which = effects[at // len(DEPARTURES)], at % len(DEPARTURES)
        assert mass == pytest.approx(effect.mass * effect.departures[which])
        assert found.wide_mass[at] == pytest.approx(effect.mass * WHERE_EFFECTS_HOLD[which])
        assert found.departures[at] == DEPARTURES[which]
        assert found.no_effect[at] == effect.none
        np.testing.assert_array_equal(mean[1:][of_effect], effect.mean[of_effect])


def test_products_hardly_differ_where_no_published_effect_holds():
    """Nothing at all has a mass of .22 x .9; replicates draw it with .22 x .2."""
    found = candidates(headline_prior("severe_crs"), spreads("severe_crs"))
    alike = np.array([departure.products == "alike" for departure in found.departures])
    assert found.mass[found.no_effect & alike].sum() == pytest.approx(0.198)
    assert found.wide_mass[found.no_effect & alike].sum() == pytest.approx(0.044)
    assert found.mass[~found.no_effect & alike].sum() == pytest.approx(0.75 * 0.2 + 0.03 * 0.5)


def test_without_a_published_rate_effects_keep_their_masses():
    """No level departs, so nothing is left to weigh but the effects."""
    found, effects = candidates(small_prior(), np.ones(2)), effects_of(small_prior())
    for mass in (found.mass, found.wide_mass, found.as_published):
        np.testing.assert_allclose(mass, [effect.mass for effect in effects])


def test_before_any_patient_levels_are_as_published():
    """The masses of the effects stay; those of every departure go to none."""
    prior = headline_prior("severe_crs")
    found, effects = candidates(prior, spreads("severe_crs")), effects_of_outcome("severe_crs")
    kept = np.array([departure.none for departure in found.departures])
    np.testing.assert_allclose(found.as_published[kept], [effect.mass for effect in effects])
    assert not found.as_published[~kept].any()


def test_heights_of_the_curve_move_together():
    """Horizons share the level of a new product in a new center; others depart from the headline by .2."""
    prior = small_prior(horizons=(365, 90))
    laid_out = candidates(prior, np.ones(2)).priors
    levels = prior.levels_given(np.zeros(2), np.zeros((2, 2)))
    for precision in laid_out.precision:
        covariance = np.linalg.inv(precision)
        shared = levels.own[1]
        np.testing.assert_allclose(covariance[:2, :2], [[shared, shared], [shared, shared + 0.04]], rtol=1e-9)
        np.testing.assert_allclose(covariance[:2, 2:], 0.0, atol=1e-12)


def test_without_a_published_rate_any_height_is_likely():
    """Two on the scale of log-odds, and what products and centers differ by."""
    laid_out = candidates(small_prior(), np.ones(2)).priors
    assert np.linalg.inv(laid_out.precision[0])[0, 0] > 2.0**2
    assert laid_out.mean[0, 0] == pytest.approx(logit(np.array([UNKNOWN_RATE]))[0])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_products_keep_their_levels_unless_they_depart(outcome):
    """Published rates are facts whatever the effects are: signs of clear differences are the prior's."""
    prior = headline_prior(outcome)
    found = candidates(prior, spreads(outcome))
    kinds = np.array([departure.products for departure in found.departures])
    assert not found.priors.mean[kinds == "alike", 1:][:, prior.of_product].any()
    means = found.priors.mean[kinds == "published", 1:]
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
            DEPARTURES[0],
        )
        beta = np.where(prior.of_product, 0.0, drawn[1:])
        level = drawn[0] + drawn[1 + product] - drawn[1 + own] + rate.cd28 * drawn[1 + cd28]
        found.append(float(expit(level + rate.terms @ beta).mean()))
    assert np.median(found) == pytest.approx(rate.rate, rel=0.35)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_masses_sum_to_one_as_they_are_written_down(outcome):
    """So that the numbers in the source are the masses."""
    found = candidates(headline_prior(outcome), spreads(outcome))
    assert found.mass.sum() == pytest.approx(1.0, abs=1e-12)
    assert found.wide_mass.sum() == pytest.approx(1.0, abs=1e-12)
    written = sum(mass for *_, mass in SLOPES) + SIZE_MASS + OTHERS_MASS + NO_EFFECT_MASS
    assert written == pytest.approx(1.0, abs=1e-12)
    for departures in (WHERE_EFFECTS_HOLD, WHERE_OTHERS_ACT, WHERE_NOTHING_ACTS):
        assert len(departures) == len(DEPARTURES)
        assert sum(departures) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_intervals_are_drawn_from_no_less_than_the_candidates(outcome):
    """Same means; every variance at least the candidate's, and the share of the interval unless none acts."""
    prior = headline_prior(outcome)
    found = candidates(prior, spreads(outcome))
    np.testing.assert_array_equal(found.wide.mean, found.priors.mean)
    narrow, wide = (np.linalg.inv(each.precision) for each in (found.priors, found.wide))
    for inside, outside in zip(narrow, wide, strict=True):
        assert np.linalg.eigvalsh(outside - inside).min() > -1e-9
    acting = np.array(
        [each.mass not in (OTHERS_MASS, NO_EFFECT_MASS) for each in effects_of_outcome(outcome)]
    )
    variances = np.diagonal(wide[np.repeat(acting, len(DEPARTURES)), 1:, 1:], axis1=1, axis2=2)[
        :, ~prior.of_product
    ]
    assert (variances >= (INTERVAL_SHARE * prior.spread[~prior.of_product]) ** 2 - 1e-9).all()


def test_without_literature_there_is_plain_shrinkage_and_no_effect():
    """Every slope on nothing is nothing: three strengths of shrinkage about 0."""
    effects = effects_of(small_prior(means=(0.0, 0.0)))
    assert not any(effect.mean.any() for effect in effects)
    scale = [effect.covariance[0, 0] / 0.4**2 for effect in effects[:-1]]
    np.testing.assert_allclose(scale, [OF_OTHERS**2, OF_OTHERS**2, OF_PUBLISHED**2, 1.0])


def test_without_published_rates_levels_have_nothing_to_depart_from():
    """One departure, none; with rates all of them."""
    departures = candidates(small_prior(), np.ones(2)).departures
    assert all(departure.none for departure in departures)
