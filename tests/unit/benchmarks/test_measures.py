"""The measures of the benchmark, against values worked by hand."""

import numpy as np
import pytest

from features.log_odds import expit, logit
from tests.benchmarks.measures import (
    SMALLEST_RISK,
    coverage_by_decile,
    excess_log_loss,
    ratio_of_means,
    slope_on_truth,
)
from tests.benchmarks.world import reference_population
from tests.benchmarks.worlds import no_effects


def test_excess_log_loss_by_hand():
    """.2 ln(.2/.4) + .8 ln(.8/.6) = .0915; .9 ln(.9/.6) + .1 ln(.1/.4) = .2263; their mean .1589."""
    assert excess_log_loss(np.array([0.2, 0.9]), np.array([0.4, 0.6])) == pytest.approx(0.158903, abs=1e-6)


def test_the_truth_has_no_excess():
    risk = np.random.default_rng(1).uniform(0.01, 0.99, 100)
    assert excess_log_loss(risk, risk) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("outcome", ["relapse", "severe_crs"])
def test_the_base_rate_has_no_excess_without_effects(outcome):
    world = no_effects(outcome, np.random.default_rng(1))
    true_risk = world.risk(reference_population())
    assert excess_log_loss(true_risk, np.full(len(true_risk), world.base_rate)) == pytest.approx(0, abs=1e-15)


def test_predictions_of_never_cost_a_finite_loss():
    expected = 0.5 * np.log(0.5 / SMALLEST_RISK) + 0.5 * np.log(0.5 / (1 - SMALLEST_RISK))
    assert excess_log_loss(np.array([0.5]), np.array([0.0])) == pytest.approx(expected)


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
def test_slope_undoes_a_stretch_of_the_log_odds(slope):
    """Predictions whose log-odds are the true ones over the slope, moved by a constant."""
    true_risk = np.random.default_rng(2).uniform(0.2, 0.8, 200)
    assert slope_on_truth(true_risk, expit(logit(true_risk) / slope + 0.3)) == pytest.approx(slope, abs=1e-6)


def test_constant_predictions_have_no_slope():
    assert np.isnan(slope_on_truth(np.array([0.2, 0.8]), np.array([0.5, 0.5])))


def test_coverage_by_decile_by_hand():
    """Twenty patients by predicted risk, in any order; the three at the highest risk are not covered."""
    risk = np.linspace(0.02, 0.4, 20)
    low, high = np.zeros(20), np.where(np.arange(20) < 17, 1.0, 0.0)
    order = np.random.default_rng(3).permutation(20)
    coverage = coverage_by_decile(risk[order], low[order], high[order], risk[order])
    np.testing.assert_allclose(coverage, [1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0])


def test_standard_error_of_a_ratio_by_hand():
    """Ratio 2 / 4; departures 0, -.5, .5 with a standard deviation of .5, over root 3 and the mean 4."""
    ratio, error = ratio_of_means(np.array([1.0, 2.0, 3.0]), np.array([2.0, 5.0, 5.0]))
    assert ratio == pytest.approx(0.5)
    assert error == pytest.approx(0.5 / np.sqrt(3) / 4)


def test_standard_error_of_a_ratio_agrees_with_the_bootstrap():
    rng = np.random.default_rng(4)
    peer = rng.gamma(4.0, 0.01, 200)
    own = 0.6 * peer * rng.gamma(9.0, 1 / 9, 200)
    drawn = rng.integers(200, size=(4000, 200))
    ratios = own[drawn].mean(axis=1) / peer[drawn].mean(axis=1)
    assert ratio_of_means(own, peer)[1] == pytest.approx(ratios.std(), rel=0.07)


def test_one_cohort_has_no_standard_error():
    assert np.isnan(ratio_of_means(np.array([1.0]), np.array([2.0]))[1])
