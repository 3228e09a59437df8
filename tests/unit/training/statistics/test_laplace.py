"""Fits under many priors at once: the maximum, its curvature and the evidence, against other ways to them."""

import tracemalloc

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.optimize import minimize

from training.statistics import laplace
from training.statistics.laplace import NormalPriors, fit_priors


def drawn(seed, *, n=80, n_terms=3, n_horizons=2):
    """Draw terms, labels that rise with the horizon, and weights."""
    rng = np.random.default_rng(seed)
    terms = rng.normal(size=(n, n_terms))
    day = rng.exponential(np.exp(-terms[:, 0]), size=n)
    label = (day[:, None] <= np.array([0.5, 1.0, 2.0])[:n_horizons]).astype(float)
    return terms, label, rng.exponential(size=(n, n_horizons))


def some_priors(n_parameters, *, n_priors=4, seed=7):
    """Draw means, and precisions that are not diagonal."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n_priors, n_parameters, n_parameters))
    precision = np.einsum("cij,ckj->cik", factor, factor) + np.eye(n_parameters)
    return NormalPriors(rng.normal(0, 0.5, (n_priors, n_parameters)), precision)


def log_posterior(parameters, terms, label, weight, mean, precision):
    """Write the objective out, horizon by horizon."""
    n_horizons, total = label.shape[1], 0.0
    for place in range(n_horizons):
        log_odds = parameters[place] + terms @ parameters[n_horizons:]
        log_risk, log_free = -np.logaddexp(0, -log_odds), -np.logaddexp(0, log_odds)
        of_horizon = label[:, place] * log_risk + (1 - label[:, place]) * log_free
        total += (weight[:, place] / n_horizons * of_horizon).sum()
    off = parameters - mean
    return total - off @ precision @ off / 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parameters_are_the_maximum_of_the_log_posterior(seed):
    """Scipy's optimizer, on the objective written out, ends at the same place."""
    terms, label, weight = drawn(seed)
    priors = some_priors(5)
    fits = fit_priors(terms, label, weight, priors)
    for found, mean, precision in zip(fits.parameters, priors.mean, priors.precision, strict=True):
        best = minimize(
            lambda at, *known: -log_posterior(at, *known),
            mean,
            args=(terms, label, weight, mean, precision),
            method="BFGS",
            options={"gtol": 1e-7},
        )
        np.testing.assert_allclose(found, best.x, atol=1e-5)


def test_a_share_of_the_effects_acts_as_terms_that_much_smaller_do():
    """Half of them at the second horizon: the same as one horizon with all rows stacked, halved terms."""
    terms, label, weight = drawn(5)
    priors = some_priors(5)
    found = fit_priors(terms, label, weight, priors, acting=np.array([1.0, 0.5]))
    n = len(terms)
    # The intercepts become terms, with a level that is held at 0.
    at = np.repeat(np.eye(2), n, axis=0)
    stacked = np.column_stack([at, np.vstack([terms, terms / 2])])
    mean = np.insert(priors.mean, 0, 0.0, axis=1)
    precision = np.insert(np.insert(priors.precision, 0, 0.0, axis=1), 0, 0.0, axis=2)
    precision[:, 0, 0] = 1e9
    held = NormalPriors(mean, precision)
    expected = fit_priors(stacked, label.T.reshape(-1, 1), weight.T.reshape(-1, 1) / 2, held)
    np.testing.assert_allclose(found.parameters, expected.parameters[:, 1:], atol=1e-6)
    np.testing.assert_allclose(found.curvature, expected.curvature[:, 1:, 1:], rtol=1e-5, atol=1e-6)


def test_fits_beside_others_stand_in_their_order():
    """First these, then those."""
    terms, label, weight = drawn(6)
    first, second = (fit_priors(terms, label, weight, some_priors(5, seed=seed)) for seed in (1, 2))
    both = first.beside(second)
    np.testing.assert_array_equal(both.parameters[4:], second.parameters)
    np.testing.assert_array_equal(both.log_evidence, [*first.log_evidence, *second.log_evidence])
    np.testing.assert_array_equal(both.curvature[:4], first.curvature)


def test_curvature_is_the_second_derivative():
    """Differences of the objective written out, at the maximum."""
    terms, label, weight = drawn(4)
    priors = some_priors(5, n_priors=1)
    fits = fit_priors(terms, label, weight, priors)
    known, step = (terms, label, weight, priors.mean[0], priors.precision[0]), 1e-3 * np.eye(5)
    at = lambda *moves: log_posterior(fits.parameters[0] + sum(moves), *known)  # noqa: E731
    for row in range(5):
        for column in range(5):
            i, j = step[row], step[column]
            second = (at(i, j) - at(i, -j) - at(-i, j) + at(-i, -j)) / 4e-6
            assert fits.curvature[0, row, column] == pytest.approx(-second, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("n", [5, 40])
def test_evidence_of_an_intercept_is_its_integral(n):
    """One parameter: likelihood times prior, integrated; within 2 per cent."""
    rng = np.random.default_rng(n)
    label, weight = (rng.random((n, 1)) < 0.3).astype(float), rng.exponential(size=(n, 1))
    terms, mean, precision = np.zeros((n, 0)), np.array([-1.0]), np.array([[1.5]])

    def integrand(intercept):
        known = (terms, label, weight, mean, precision)
        return np.exp(log_posterior(np.array([intercept]), *known)) * np.sqrt(precision[0, 0] / 2 / np.pi)

    exact = quad(integrand, -12, 10, epsabs=0, epsrel=1e-8)[0]
    found = fit_priors(terms, label, weight, NormalPriors(mean[None], precision[None])).log_evidence[0]
    assert found == pytest.approx(np.log(exact), abs=0.02)


def test_evidence_of_intercept_and_effect_is_their_integral_and_ranks_priors_alike():
    """Two parameters under six priors, right, wide, wrong: within 5 per cent, and in the same order."""
    rng = np.random.default_rng(5)
    terms = rng.normal(size=(40, 1))
    label = (rng.random((40, 1)) < 1 / (1 + np.exp(1 - terms))).astype(float)
    weight = rng.exponential(size=(40, 1))
    means, spreads = [1.0, 1.0, 0.0, 0.0, -1.0, -1.0], [0.2, 1.0, 0.01, 1.0, 0.2, 1.0]
    priors = NormalPriors(
        np.array([[-1.0, mean] for mean in means]), np.stack([np.diag([1.0, s**-2]) for s in spreads])
    )
    found = fit_priors(terms, label, weight, priors).log_evidence

    def exact(mean, precision, spread):
        def integrand(effect, intercept):
            at = log_posterior(np.array([intercept, effect]), terms, label, weight, mean, precision)
            return np.exp(at) * np.sqrt(np.linalg.det(precision)) / 2 / np.pi

        ends = mean[1] - 7 * spread, mean[1] + 7 * spread
        return np.log(dblquad(integrand, -4.5, 2, *ends, epsabs=1e-14, epsrel=1e-4)[0])

    integrated = [exact(*each) for each in zip(priors.mean, priors.precision, spreads, strict=True)]
    np.testing.assert_allclose(found, integrated, atol=0.05)
    np.testing.assert_array_equal(np.argsort(found), np.argsort(integrated))


def test_all_priors_at_once_are_the_priors_one_by_one():
    """No prior has a part in another's fit."""
    terms, label, weight = drawn(6)
    priors = some_priors(5, n_priors=6)
    together = fit_priors(terms, label, weight, priors)
    for place in range(len(priors)):
        alone = fit_priors(terms, label, weight, priors.take([place]))
        np.testing.assert_allclose(together.parameters[place], alone.parameters[0], atol=1e-8)
        np.testing.assert_allclose(together.curvature[place], alone.curvature[0], rtol=1e-7)
        assert together.log_evidence[place] == pytest.approx(alone.log_evidence[0], abs=1e-8)


def test_where_it_starts_does_not_matter():
    """The posterior has one maximum."""
    terms, label, weight = drawn(8)
    priors = some_priors(5)
    start = np.random.default_rng(8).normal(0, 5, priors.mean.shape)
    elsewhere = fit_priors(terms, label, weight, priors, start=start).parameters
    np.testing.assert_allclose(elsewhere, fit_priors(terms, label, weight, priors).parameters, atol=1e-5)


@pytest.mark.parametrize("n", [0, 20])
def test_without_rows_or_weight_the_posterior_is_the_prior(n):
    """Nothing seen: no move, no curvature of its own, and nothing to tell one prior from another."""
    terms, label, _ = drawn(9, n=n)
    priors = some_priors(5)
    fits = fit_priors(terms, label, np.zeros_like(label), priors)
    np.testing.assert_allclose(fits.parameters, priors.mean, atol=1e-12)
    np.testing.assert_allclose(fits.curvature, priors.precision, atol=1e-12)
    np.testing.assert_allclose(fits.log_evidence, 0.0, atol=1e-12)


def test_a_row_of_weight_two_is_the_row_twice():
    """Parameters and evidence alike."""
    terms, label, _ = drawn(10, n=30)
    priors = some_priors(5)
    once = fit_priors(terms, label, np.full_like(label, 2.0), priors)
    twice = fit_priors(np.vstack([terms, terms]), np.vstack([label, label]), np.ones((60, 2)), priors)
    np.testing.assert_allclose(once.parameters, twice.parameters, atol=1e-8)
    np.testing.assert_allclose(once.log_evidence, twice.log_evidence, atol=1e-8)


@pytest.mark.parametrize("n_horizons", [2, 3])
def test_horizons_with_the_same_labels_are_one_horizon(n_horizons):
    """An infusion counts once: their intercepts agree, with the precision of all of them together.

    Of one common intercept the prior of K has the sum of all entries of its precision; the coefficients then
    are those of one horizon, and so is the evidence where the intercepts cannot differ.
    """
    terms, label, weight = drawn(11, n_horizons=1)
    heights = np.full((n_horizons, n_horizons), 0.64) + 1e-7 * np.eye(n_horizons)
    precision = np.zeros((n_horizons + 3, n_horizons + 3))
    precision[:n_horizons, :n_horizons] = np.linalg.inv(heights)
    precision[n_horizons:, n_horizons:] = np.diag([1.0, 2.0, 3.0])
    mean = np.concatenate([np.full(n_horizons, -0.5), [0.3, 0.0, 0.1]])
    one_precision = np.diag([precision[:n_horizons, :n_horizons].sum(), 1.0, 2.0, 3.0])
    several = fit_priors(
        terms,
        np.tile(label, n_horizons),
        np.tile(weight, n_horizons),
        NormalPriors(mean[None], precision[None]),
    )
    one = fit_priors(terms, label, weight, NormalPriors(mean[None, n_horizons - 1 :], one_precision[None]))
    np.testing.assert_allclose(several.parameters[0, n_horizons - 1 :], one.parameters[0], atol=1e-6)
    np.testing.assert_allclose(several.parameters[0, :n_horizons], one.parameters[0, 0], atol=1e-6)
    np.testing.assert_allclose(several.log_evidence, one.log_evidence, atol=1e-4)


@pytest.mark.parametrize("weight", [1e-3, 1.0, 1e4])
def test_separation_stays_finite(weight):
    """The term tells the label without error; the prior holds the coefficient."""
    terms = np.linspace(-1, 1, 20)[:, None]
    label = (terms > 0).astype(float)
    priors = NormalPriors(np.zeros((1, 2)), np.eye(2)[None])
    fits = fit_priors(terms, label, np.full_like(label, weight), priors)
    assert np.isfinite(fits.parameters).all()
    assert np.isfinite(fits.log_evidence).all()
    assert fits.parameters[0, 1] > 0


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("n", [1, 50])
def test_one_label_for_all_stays_finite(n, share):
    """Neither the first event nor the last free patient is there to hold the intercept: the prior does."""
    terms = np.tile(drawn(12, n=1)[0], (n, 1))
    label = np.full((n, 2), share)
    fits = fit_priors(terms, label, np.ones_like(label), some_priors(5))
    assert np.isfinite(fits.parameters).all()
    assert (np.linalg.eigvalsh(fits.curvature) > 0).all()


def test_steps_settle_from_where_newton_alone_runs_away():
    """Heavy weights, a weak prior, a start at which every risk is 0 or 1: whole steps would lead far off."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        terms, label, weight = drawn(seed, n=int(rng.integers(5, 60)))
        weight *= 10 ** rng.uniform(2, 5)
        priors = NormalPriors(
            rng.normal(0, 8, (3, 5)), np.stack([10.0**power * np.eye(5) for power in (-2, 0, 3)])
        )
        found = fit_priors(terms, label, weight, priors, start=rng.normal(0, 10, (3, 5))).parameters
        np.testing.assert_allclose(fit_priors(terms, label, weight, priors).parameters, found, atol=1e-4)


def test_steps_that_do_not_settle_are_refused(monkeypatch):
    """A fit that is not the maximum would have no evidence."""
    monkeypatch.setattr("training.statistics.laplace.MOST_STEPS", 2)
    terms, label, weight = drawn(13)
    with pytest.raises(FloatingPointError) as refused:
        fit_priors(terms, label, weight, some_priors(5))
    assert str(refused.value) == "Newton steps did not settle in 2 rounds (5 parameters)"


@pytest.mark.parametrize("n_priors", [2, 9])
def test_blocks_of_infusions_change_nothing(n_priors, monkeypatch):
    """A large cohort is fitted some infusions at a time: of 80 at once, 7 at a time, and one alone."""
    terms, label, weight = drawn(8)
    priors = some_priors(5, n_priors=n_priors)
    whole = fit_priors(terms, label, weight, priors)
    for block in (7, 1):
        monkeypatch.setattr(laplace, "BLOCK", block)
        fits = fit_priors(terms, label, weight, priors)
        np.testing.assert_allclose(fits.parameters, whole.parameters, rtol=0, atol=1e-9)
        np.testing.assert_allclose(fits.curvature, whole.curvature, rtol=0, atol=1e-9)
        np.testing.assert_allclose(fits.log_evidence, whole.log_evidence, rtol=0, atol=1e-9)


def test_memory_does_not_grow_with_the_cohort():
    """A fit of 16,000 infusions takes little more than one of 4,000 beside the data themselves."""
    peaks = []
    for n in (4_000, 16_000):
        terms, label, weight = drawn(9, n=n, n_terms=20)
        priors = some_priors(22, n_priors=9)
        tracemalloc.start()
        fit_priors(terms, label, weight, priors)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]
