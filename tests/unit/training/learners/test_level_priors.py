"""How far levels may depart from published rates: worked by hand."""

import numpy as np
import pytest

from tests.known_risk import headline_prior
from training.evidence.product_levels import Levels
from training.learners.level_priors import (
    ALIKE_SPREAD,
    FREE_PRODUCT,
    Departure,
    departed,
    level_prior,
    with_drawn_levels,
)

# Typical, CD28, split dose, four products, a new one.
LEVELS = Levels(
    mean=np.array([-1.5, 0.3, -0.8, 0.2, -0.1, -0.6, 0.0, -0.2]),
    covariance=0.1 * np.eye(8) + 0.02,
    cohort_variance=0.04,
    product_spread=0.4,
)


def test_no_departure_is_the_published_levels():
    """Nothing is added."""
    same = departed(LEVELS, Departure(0.0, "published"))
    np.testing.assert_array_equal(same.mean, LEVELS.mean)
    np.testing.assert_array_equal(same.covariance, LEVELS.covariance)
    assert same.cohort_variance == LEVELS.cohort_variance


@pytest.mark.parametrize("products", ["published", "free", "alike"])
def test_a_far_center_is_less_sure_of_its_own_level_alone(products):
    """Its mean stays, .64 is added to its variance."""
    near, far = (departed(LEVELS, Departure(center, products)) for center in (0.0, 0.8))
    assert near.own == pytest.approx((-1.7, 0.1 + 0.1 + 4 * 0.02 + 0.04))
    assert far.own == pytest.approx((near.own[0], near.own[1] + 0.64))
    np.testing.assert_array_equal(far.mean, near.mean)


def test_free_products_differ_about_no_difference():
    """By .8 each, whatever was published; the typical level and a new product's stay."""
    free = departed(LEVELS, Departure(0.0, "free"))
    np.testing.assert_array_equal(free.mean, [-1.5, 0, 0, 0, 0, 0, 0, -0.2])
    expected = np.diag([0.12, *[FREE_PRODUCT**2] * 6, 0.12])
    expected[0, -1] = expected[-1, 0] = 0.02
    np.testing.assert_allclose(free.covariance, expected, atol=1e-12)


def test_products_that_are_alike_share_the_level_of_a_new_one():
    """All of its variance is on the level, next to none on what products add."""
    alike = departed(LEVELS, Departure(0.0, "alike"))
    np.testing.assert_allclose(alike.mean, [-1.7, 0, 0, 0, 0, 0, 0, 0], atol=1e-12)
    assert alike.own[1] == pytest.approx(LEVELS.own[1])
    np.testing.assert_allclose(np.diag(alike.covariance)[1:], ALIKE_SPREAD**2)
    assert not (alike.covariance - np.diag(np.diag(alike.covariance))).any()


def test_levels_stand_at_the_intercepts_and_at_the_terms_of_products():
    """An intercept is typical + new; each term of a product its own level; effects have no part."""
    prior = headline_prior("severe_crs")
    found = level_prior(prior, LEVELS, np.zeros(1))
    assert found.mean[0] == pytest.approx(-1.7)
    assert found.covariance[0, 0] == pytest.approx(0.28 + 0.04)
    np.testing.assert_allclose(found.mean[1:][prior.of_product], LEVELS.mean[1:])
    assert not found.mean[1:][~prior.of_product].any()
    assert not found.covariance[1:, 1:][~prior.of_product].any()


def test_draws_of_levels_spread_as_the_departure_says(monkeypatch):
    """2,000 draws for fixed effects: without departure, of a far center, and with products alike."""
    prior, rng = headline_prior("severe_crs"), np.random.default_rng(4)
    fixed, spread = np.append(0.0, prior.effects), np.ones(len(prior.terms))

    def drawn(departure):
        every = [with_drawn_levels(prior, fixed, spread, rng, departure) for _ in range(2000)]
        return np.array(every)

    levels = prior.levels_given(prior.effects, np.zeros((len(fixed) - 1, len(fixed) - 1)))
    # Those of the same effects are the same, and take most of the time of a draw.
    own = np.where(prior.of_product, 0.0, prior.effects)

    def given(_, effects, covariance):
        np.testing.assert_array_equal(effects, own)
        assert not covariance.any()
        return levels

    monkeypatch.setattr(type(prior), "levels_given", given)
    for departure in (
        Departure(0.0, "published"),
        Departure(0.8, "published"),
        Departure(0.0, "alike"),
    ):
        found = drawn(departure)
        mean, variance = levels.own
        total = variance + departure.center**2
        assert found[:, 0].mean() == pytest.approx(mean, abs=4 * np.sqrt(total / 2000))
        assert found[:, 0].var() == pytest.approx(total, rel=0.12)
        effect = np.append(False, ~prior.of_product)
        np.testing.assert_array_equal(found[:, effect], np.tile(fixed[effect], (2000, 1)))
        products = found[:, 1:][:, prior.of_product]
        if departure.products == "alike":
            assert np.abs(products).max() < 5 * ALIKE_SPREAD
        else:
            np.testing.assert_allclose(products.mean(axis=0), levels.mean[1:], atol=0.12)
