"""From fits to one model: weights by hand, posterior mean risks by simulation, and how far they draw in."""

import numpy as np
import pytest

from features.log_odds import expit
from training.learners.model_averaging import averaged, posterior_mean_risk, posterior_weights
from training.statistics.laplace import Fits


def fits_of(parameters, covariance):
    """Make fits of given means and covariances."""
    return Fits(np.asarray(parameters, dtype=float), np.linalg.inv(covariance), np.zeros(len(parameters)))


def two_fits(*, scale=1.0, n_horizons=2, n_terms=3, seed=3):
    """Draw two fits that differ, with covariances that tie intercepts and coefficients."""
    rng = np.random.default_rng(seed)
    n_parameters = n_horizons + n_terms
    factor = rng.normal(0, 0.35, (2, n_parameters, n_parameters))
    covariance = scale * (np.einsum("cij,ckj->cik", factor, factor) + 0.02 * np.eye(n_parameters))
    means = rng.normal(0, 0.7, (2, n_parameters))
    means[:, :n_horizons] = [[-1.5, -0.5]] if n_horizons == 2 else -1.0
    return fits_of(means, covariance), covariance


def some_terms(*, n=60, n_terms=3, seed=4):
    return np.random.default_rng(seed).normal(size=(n, n_terms))


def test_weights_worked_by_hand():
    """Masses .5, .3, .2 times likelihoods 1, 2, 7: .5, .6, 1.4 of 2.5."""
    weights = posterior_weights(np.log([1.0, 2.0, 7.0]), np.array([0.5, 0.3, 0.2]))
    np.testing.assert_allclose(weights, [0.2, 0.24, 0.56])


@pytest.mark.parametrize("shift", [-5000.0, 0.0, 5000.0])
def test_weights_do_not_depend_on_the_height_of_the_evidence(shift):
    """Thousands of patients make likelihoods that no number holds; their ratio counts."""
    weights = posterior_weights(np.array([0.0, 1.0]) + shift, np.array([0.5, 0.5]))
    np.testing.assert_allclose(weights, [1 / (1 + np.e), np.e / (1 + np.e)])


def test_without_evidence_the_weights_are_the_masses():
    """No patients, no news."""
    mass = np.array([0.6, 0.3, 0.1])
    np.testing.assert_allclose(posterior_weights(np.zeros(3), mass), mass)


def test_posterior_mean_risk_is_that_of_draws():
    """Parameters drawn from both posteriors, 40,000 times: within .01 of the mean of their risks."""
    (fits, covariance), terms, weights = two_fits(), some_terms(), np.array([0.3, 0.7])
    rng, expected = np.random.default_rng(5), np.zeros((60, 2))
    for place, weight in enumerate(weights):
        drawn = rng.multivariate_normal(fits.parameters[place], covariance[place], size=40_000)
        shared = terms @ drawn[:, 2:].T
        for horizon in range(2):
            expected[:, horizon] += weight * expit(drawn[:, horizon] + shared).mean(axis=1)
    found = posterior_mean_risk(fits, weights, terms, n_horizons=2)
    np.testing.assert_allclose(found, expected, atol=0.01)
    assert np.abs(found - expected).mean() < 0.004


def test_candidates_without_weight_have_no_part():
    """Not even one that says everybody relapses."""
    (fits, _), terms = two_fits(), some_terms()
    sure = fits_of(np.vstack([fits.parameters[0], [50, 50, 0, 0, 0]]), np.linalg.inv(fits.curvature))
    found = posterior_mean_risk(sure, np.array([1 - 1e-6, 1e-6]), terms, n_horizons=2)
    alone = posterior_mean_risk(sure, np.array([1.0, 0.0]), terms, n_horizons=2)
    np.testing.assert_allclose(found, alone, atol=1e-12)


def test_what_is_known_is_not_drawn_in():
    """Covariances of 10^-9 and one candidate: the average is the fit."""
    (fits, _), terms = two_fits(scale=1e-9), some_terms()
    found = averaged(fits, np.array([1.0, 0.0]), terms, np.ones(60), n_horizons=2)
    np.testing.assert_allclose(found.intercepts, fits.parameters[0, :2], atol=1e-6)
    np.testing.assert_allclose(found.coefficients, fits.parameters[0, 2:], atol=1e-6)


def test_the_less_is_known_the_farther_it_is_drawn_in():
    """Coefficients shrink and intercepts go to even as covariances grow."""
    terms, weights = some_terms(), np.array([1.0, 0.0])
    models = [
        averaged(two_fits(scale=scale)[0], weights, terms, np.ones(60), n_horizons=2)
        for scale in (1e-9, 0.3, 1.0, 3.0)
    ]
    lengths = [np.linalg.norm(model.coefficients) for model in models]
    assert lengths == sorted(lengths, reverse=True)
    heights = np.array([model.intercepts for model in models])
    assert (np.diff(heights, axis=0) > 0).all()
    assert (heights < 0).all()


def test_the_average_has_the_mean_risk_of_the_posterior():
    """At every horizon, over the patients that count: the score equation of an intercept."""
    (fits, _), terms, weights = two_fits(), some_terms(), np.array([0.4, 0.6])
    counted = np.random.default_rng(6).exponential(size=60)
    model = averaged(fits, weights, terms, counted, n_horizons=2)
    risk = expit(model.intercepts + (terms @ model.coefficients)[:, None])
    expected = posterior_mean_risk(fits, weights, terms, n_horizons=2)
    np.testing.assert_allclose(counted @ risk, counted @ expected, rtol=1e-8)


def test_the_average_is_nearer_to_the_posterior_mean_risk_than_averaged_parameters():
    """What drawing in is for."""
    (fits, _), terms, weights = two_fits(scale=2.0), some_terms(), np.array([0.5, 0.5])
    model, mean = averaged(fits, weights, terms, np.ones(60), n_horizons=2), weights @ fits.parameters
    expected = posterior_mean_risk(fits, weights, terms, n_horizons=2)

    def off(intercepts, coefficients):
        return np.abs(expit(intercepts + (terms @ coefficients)[:, None]) - expected).mean()

    assert off(model.intercepts, model.coefficients) < 0.5 * off(mean[:2], mean[2:])


def test_the_coefficients_keep_their_direction():
    """One common factor of the averaged coefficients, so published parts stay what they are."""
    (fits, _), weights = two_fits(), np.array([0.5, 0.5])
    model = averaged(fits, weights, some_terms(), np.ones(60), n_horizons=2)
    factor = model.coefficients / (weights @ fits.parameters)[2:]
    np.testing.assert_allclose(factor, factor[0])
    assert 0 < factor[0] < 1


def test_every_horizon_has_an_intercept_of_its_own():
    """A horizon that is better known is drawn in less."""
    covariance = np.diag([1e-6, 4.0, 1e-6])[None]
    model = averaged(
        fits_of([[-2.0, -2.0, 0.0]], covariance), np.ones(1), np.ones((5, 1)), np.ones(5), n_horizons=2
    )
    assert model.intercepts[0] == pytest.approx(-2.0, abs=1e-4)
    # -2 / sqrt(1 + pi / 8 x 4)
    assert model.intercepts[1] == pytest.approx(-1.247, abs=1e-3)


@pytest.mark.parametrize("shape", [0.0, 1.0])
def test_patients_who_do_not_differ_leave_the_factor_alone(shape):
    """Height and slope are one for a single kind of patient; the model is finite, and has the right risk."""
    fits, _ = two_fits(n_horizons=1)
    terms, weights = np.full((4, 3), shape), np.array([0.5, 0.5])
    model = averaged(fits, weights, terms, np.ones(4), n_horizons=1)
    assert np.isfinite(model.coefficients).all()
    found = expit(model.intercepts + terms @ model.coefficients)
    np.testing.assert_allclose(
        found, posterior_mean_risk(fits, weights, terms, n_horizons=1)[:, 0], atol=1e-3
    )


@pytest.mark.parametrize("levels", [(-9.0, -3.0), (-30.0, 0.0), (-40.0, 3.0), (9.0, 30.0)])
def test_candidates_that_lie_far_apart_still_average_to_their_risk(levels):
    """Risks of nearly 0 and of one half: the mean of their levels is far from the level of their mean."""
    fits = fits_of([[levels[0], 1.0], [levels[1], -0.5]], np.stack([0.1 * np.eye(2)] * 2))
    terms, weights = some_terms(n_terms=1), np.array([0.5, 0.5])
    found = averaged(fits, weights, terms, np.ones(len(terms)), n_horizons=1)
    expected = posterior_mean_risk(fits, weights, terms, n_horizons=1).mean()
    risk = expit(found.intercepts + (terms @ found.coefficients)[:, None]).mean()
    assert risk == pytest.approx(expected, rel=1e-3)


def test_patients_are_averaged_the_same_some_at_a_time(monkeypatch):
    """Three at a time, the last of them alone."""
    fits, _ = two_fits(n_horizons=2)
    terms, weights = np.random.default_rng(1).normal(size=(10, 3)), np.array([0.3, 0.7])
    whole = posterior_mean_risk(fits, weights, terms, n_horizons=2)
    monkeypatch.setattr("training.learners.model_averaging.PATIENTS", 3)
    found = posterior_mean_risk(fits, weights, terms, n_horizons=2)
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-12)
