"""Observed and predicted incidence in groups of risk: worked by hand, and against another implementation."""

from dataclasses import replace

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from tests.recorded import light_training
from training.incidence_figure import FEWEST_IN_GROUP, aalen_johansen, incidence_figure, incidence_groups


@pytest.fixture(scope="module")
def relapse():
    """Give data and validation of relapse in a small simulated cohort."""
    fitted = light_training().outcomes["relapse"]
    return fitted.data, fitted.models[fitted.chosen].validation


def test_incidence_worked_by_hand_with_a_competing_event():
    """Of four, one has the event, one dies, one is censored at day 3, one has the event at day 4.

    F(1) = 1/4; the death at day 2 leaves 2 of 4; at day 4 one is left, who stands for both: F(4) = 1/4 + 1/2.
    """
    days, incidence = aalen_johansen(np.array([1.0, 2, 3, 4]), np.array([1, 2, 0, 1]))
    np.testing.assert_array_equal(days, [0, 1, 4])
    np.testing.assert_allclose(incidence, [0, 0.25, 0.75])


@pytest.mark.parametrize("seed", range(5))
def test_incidence_is_that_of_lifelines(seed):
    """Without ties, at every day of an event."""
    rng = np.random.default_rng(seed)
    day, event = rng.permutation(np.arange(1, 61)).astype(float), rng.integers(0, 3, 60)
    days, incidence = aalen_johansen(day, event)
    other = AalenJohansenFitter(calculate_variance=False).fit(day, event, event_of_interest=1)
    expected = other.cumulative_density_.iloc[:, 0]
    np.testing.assert_allclose(incidence, [expected.loc[:at].iloc[-1] for at in days], atol=1e-12)


def test_thirds_rise_in_predicted_risk_and_hold_every_known_infusion(relapse):
    """Means of the predicted risk rise at the headline, and average to that of all."""
    data, validation = relapse
    groups = incidence_groups(validation, data)
    means = [group.predicted[0] for group in groups]
    assert means == sorted(means)
    known = data.observation.known
    assert np.mean(means) == pytest.approx(validation.mean_risk[known, 0].mean(), abs=0.01)
    for group in groups:
        assert (np.diff(group.observed) > 0).all()
        assert group.observed[-1] <= 1 + 1e-12


def test_too_few_infusions_have_no_figure(relapse):
    """A third would be fewer than ten."""
    data, validation = relapse
    known = np.arange(len(data)) < 3 * FEWEST_IN_GROUP - 1
    few = replace(data, observation=replace(data.observation, known=known))
    assert incidence_figure(validation, few, title="few") is None
    assert incidence_figure(validation, data, title="enough") is not None
