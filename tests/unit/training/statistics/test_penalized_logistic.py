"""The penalized logistic fit against independent implementations."""

import numpy as np
import pytest
from scipy.optimize import minimize

from training.statistics.penalized_logistic import INTERCEPT_SPREAD, penalized_logistic


def drawn(seed, *, n=120, n_terms=4, n_horizons=3):
    rng = np.random.default_rng(seed)
    terms = rng.normal(size=(n, n_terms))
    day = rng.exponential(np.exp(-terms[:, 0]), size=n)
    label = (day[:, None] <= np.array([0.5, 1.0, 2.0])[:n_horizons]).astype(float)
    return terms, label, rng.exponential(size=(n, n_horizons))


def test_fit_is_the_maximum_of_the_log_posterior():
    """Scipy's optimizer, on the objective written out, ends at the same place."""
    terms, label, weight = drawn(1)
    mean, precision = np.array([0.3, 0, 0, -0.2]), np.diag([4.0, 1, 2, 1])
    fit = penalized_logistic(
        terms, label, weight, horizons_days=(90, 180, 365), mean=mean, precision=precision
    )
    shared = weight / 3
    share = (shared * label).sum(0) / shared.sum(0)
    centre = np.log((0.98 * share + 0.01) / (0.99 - 0.98 * share))

    def loss(parameters):
        margin = parameters[:3] + (terms @ parameters[3:])[:, None]
        fitted = (shared * (np.logaddexp(0, margin) - label * margin)).sum()
        off = parameters[3:] - mean
        return (
            fitted
            + off @ precision @ off / 2
            + ((parameters[:3] - centre) ** 2).sum() / 2 / INTERCEPT_SPREAD**2
        )

    best = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-8})
    np.testing.assert_allclose([*fit.intercepts, *fit.coefficients], best.x, atol=1e-5)


def test_a_strong_prior_keeps_the_coefficients_at_its_mean():
    """With precision 10^8 the data cannot move them."""
    terms, label, weight = drawn(2)
    mean = np.array([1.0, -1.0, 0.5, 0.0])
    fit = penalized_logistic(
        terms, label, weight, horizons_days=(90, 180, 365), mean=mean, precision=1e8 * np.eye(4)
    )
    np.testing.assert_allclose(fit.coefficients, mean, atol=1e-5)


def test_intercepts_never_fall_with_time_whatever_the_order_of_horizons():
    """The headline horizon comes first, the curve still rises."""
    terms, label, weight = drawn(3)
    fit = penalized_logistic(
        terms,
        label[:, [2, 0, 1]],
        weight,
        horizons_days=(365, 90, 180),
        mean=np.zeros(4),
        precision=np.eye(4),
    )
    assert fit.intercepts[1] <= fit.intercepts[2] <= fit.intercepts[0]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_fold_without_or_with_only_events_stays_finite(share):
    """The wide prior of the intercept holds it."""
    terms, label, weight = drawn(4)
    fit = penalized_logistic(
        terms,
        np.full_like(label, share),
        weight,
        horizons_days=(90, 180, 365),
        mean=np.zeros(4),
        precision=np.eye(4),
    )
    assert np.isfinite(fit.intercepts).all()


def test_a_horizon_of_which_nothing_is_known_changes_nothing():
    """Coefficients as without it at twice the weight a horizon; its level is the share of all others."""
    rng = np.random.default_rng(8)
    terms = rng.normal(size=(40, 2))
    label = (rng.random((40, 1)) < 0.4).astype(float)
    weight = rng.uniform(0.5, 2, (40, 1))
    prior = {"mean": np.zeros(2), "precision": np.eye(2)}
    alone = penalized_logistic(terms, label, weight / 2, horizons_days=(90,), **prior)
    both = penalized_logistic(
        terms,
        np.column_stack([label, label]),
        np.column_stack([weight, np.zeros(40)]),
        horizons_days=(90, 365),
        **prior,
    )
    np.testing.assert_allclose(both.coefficients, alone.coefficients, atol=1e-8)
    assert both.intercepts[0] == pytest.approx(alone.intercepts[0], abs=1e-8)
    share = (weight * label).sum() / weight.sum()
    observed = np.log((0.98 * share + 0.01) / (0.99 - 0.98 * share))
    assert both.intercepts[1] == pytest.approx(max(observed, both.intercepts[0]))
