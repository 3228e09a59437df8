"""Random effects against computations of their own."""

from __future__ import annotations

import numpy as np
import pytest

from training.statistics.random_effects import pool


def test_two_cohorts_pool_as_dersimonian_and_laird_by_hand():
    """With two studies the moment estimator and the iterated one are the same.

    Estimates 0.1 and 1.1, variances 0.04 and 0.09: weights 25 and 11.1111, mean 0.407692, Q = 7.692308,
    C = 36.1111 - (625 + 123.457) / 36.1111 = 15.384615, tau^2 = (Q - 1) / C = 0.435. Then weights 1 / 0.475
    and 1 / 0.525: mean (0.1 x 2.105263 + 1.1 x 1.904762) / 4.010025 = 0.575, error 4.010025^-0.5 = 0.499375.
    """
    found = pool(np.array([0.1, 1.1]), np.array([0.2, 0.3]))
    assert found.tau2 == pytest.approx(0.435, rel=1e-4)
    assert found.mean == pytest.approx(0.575, rel=1e-4)
    assert found.standard_error == pytest.approx(0.499375, rel=1e-4)
    np.testing.assert_allclose(found.weights, [0.525, 0.475], rtol=1e-4)


def test_equal_errors_give_the_variance_of_the_estimates_less_the_error():
    """Where all errors are equal, REML, DerSimonian-Laird and Paule-Mandel agree: s^2 - v."""
    estimates = np.array([-0.5, 0.2, 0.4, 1.5])
    found = pool(estimates, np.full(4, 0.3))
    assert found.tau2 == pytest.approx(estimates.var(ddof=1) - 0.09, rel=1e-4)
    assert found.mean == pytest.approx(0.4)
    assert found.standard_error == pytest.approx(np.sqrt(estimates.var(ddof=1) / 4), rel=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_the_variance_between_cohorts_explains_what_is_left(seed):
    """Paule and Mandel: Q at tau^2 is its expectation; found here by bisection."""
    rng = np.random.default_rng(seed)
    estimates, variances = rng.normal(0, 0.8, 5), rng.uniform(0.02, 0.3, 5)

    def excess(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        return float(weights @ (estimates - weights @ estimates / weights.sum()) ** 2) - 4

    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    assert pool(estimates, np.sqrt(variances)).tau2 == pytest.approx(high, abs=1e-4)


def test_agreeing_cohorts_pool_as_fixed_effects():
    """No variance between them: weights are inverse variances."""
    found = pool(np.array([0.5, 0.6]), np.array([0.3, 0.6]))
    assert found.tau2 == 0.0
    assert found.mean == pytest.approx(0.52)
    assert found.standard_error == pytest.approx((1 / 0.09 + 1 / 0.36) ** -0.5)


def test_one_cohort_is_its_own_estimate():
    """Nothing is pooled, and nothing divides by zero."""
    found = pool(np.array([0.7]), np.array([0.3]))
    assert (found.mean, found.tau2, found.weights.tolist()) == (0.7, 0.0, [1.0])
    assert found.standard_error == pytest.approx(0.3)


def test_identical_estimates_and_errors_of_zero_are_safe():
    """Neither divides by zero."""
    found = pool(np.array([0.4, 0.4, 0.4]), np.zeros(3))
    assert found.mean == pytest.approx(0.4)
    assert found.tau2 == 0.0
    assert 0 < found.standard_error < 1e-5
    exact = pool(np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    assert exact.mean == pytest.approx(0.5)
    assert exact.tau2 == pytest.approx(0.5, rel=1e-4)


def test_the_order_of_studies_does_not_matter():
    """Up to rounding."""
    rng = np.random.default_rng(4)
    estimates, errors = rng.normal(0, 1, 6), rng.uniform(0.1, 0.5, 6)
    there, back = pool(estimates, errors), pool(estimates[::-1], errors[::-1])
    assert there.mean == pytest.approx(back.mean)
    assert there.standard_error == pytest.approx(back.standard_error)


def test_nothing_cannot_be_pooled():
    """An outcome without rows is the caller's matter."""
    with pytest.raises(ValueError, match=r"^nothing to pool: there is no estimate\.$"):
        pool(np.zeros(0), np.zeros(0))
