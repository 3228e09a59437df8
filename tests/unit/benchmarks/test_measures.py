"""The measures of the benchmark, against values worked by hand."""

import numpy as np
import pytest

from features.log_odds import expit, logit
from tests.benchmarks.measures import SMALLEST_RISK, excess_log_loss, slope_on_truth
from tests.benchmarks.worlds import no_effects, reference_population


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
