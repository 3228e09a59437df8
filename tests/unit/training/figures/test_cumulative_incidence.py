"""Observed and predicted incidence in groups of risk: worked by hand, and against another implementation."""

from dataclasses import replace

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from features.observation import Observation
from features.outcomes import OUTCOMES
from features.predictors import predictors
from tests.aalen_johansen import aalen_johansen
from tests.recorded import light_training
from training.dataset.dependent_censoring import can_model
from training.dataset.outcome_dataset import OutcomeData
from training.figures.cumulative_incidence import (
    FEWEST_IN_GROUP,
    incidence_figure,
    incidence_groups,
    staying,
    weighted_incidence,
)


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


def test_no_step_is_the_day_of_a_single_patient_where_that_is_not_wanted(relapse):
    """Each adds at least five events, and a third of few events leaves the figure out."""
    data, validation = relapse
    groups = incidence_groups(validation, data, single_events=False)
    every = incidence_groups(validation, data)
    known = np.flatnonzero(data.observation.known)
    rising = known[np.argsort(validation.mean_risk[known, 0], kind="stable")]
    for group, whole, members in zip(groups, every, np.array_split(rising, 3), strict=True):
        days = data.observation.day[members][data.observation.event[members] == 1]
        counts = [int((days <= day).sum()) for day in group.days]
        assert (np.diff(counts) >= 5).all()
        assert group.observed[-1] == whole.observed[-1]
    event = data.observation.event.copy()
    event[rising[: len(rising) // 3]] = 0
    event[rising[:2]] = 1
    few = replace(data, observation=replace(data.observation, event=event))
    assert incidence_figure(validation, few, title="few", single_events=False) is None
    assert incidence_figure(validation, data, title="enough", single_events=False) is not None


def transplanted(n, rng):
    """Draw patients of whom those with high burden relapse more and go to transplant more."""
    high = rng.random(n) < 0.5
    known = {"age_years": 40.0, "prior_allo_hsct": False}
    patients = predictors([{**known, "marrow_blasts_pct": 60.0 if burden else 1.0} for burden in high])
    relapse = np.ceil(rng.exponential(np.where(high, 300, 1500)))
    therapy = np.ceil(rng.exponential(np.where(high, 200, 2000)))
    day = np.minimum(np.minimum(relapse, therapy), 1000.0)
    ended = (therapy < relapse) & (therapy < 1000)
    seen = Observation((relapse == day).astype(int), day, np.ones(n, dtype=bool), ended, {})
    every, nowhere = np.arange(n), np.full(n, "")
    modelled = can_model(patients, seen)
    data = OutcomeData(
        OUTCOMES["relapse"],
        "no_further_therapy",
        patients,
        seen,
        every,
        every,
        nowhere,
        (365,),
        {},
        99,
        99,
        99,
        modelled,
    )
    return data, relapse


@pytest.mark.parametrize("seed", range(3))
def test_observed_curve_is_what_would_be_seen_without_transplant(seed):
    """Known here, since everybody's relapse was drawn: the weighted curve finds it, a plain one does not."""
    data, relapse = transplanted(2000, np.random.default_rng(seed))
    day, event = data.observation.day, data.observation.event
    steps = np.unique(day[event > 0])
    weighted = weighted_incidence(day, event, steps, staying(data, steps))
    plain = aalen_johansen(day, event)
    at = (120, 240, 365)
    truth = np.array([(relapse <= until).mean() for until in at])
    found, ignored = (
        np.array([observed[days <= until][-1] for until in at]) for days, observed in (weighted, plain)
    )
    np.testing.assert_allclose(found, truth, atol=0.025)
    assert (ignored[1:] < truth[1:] - 0.04).all()
    whole = data.training_set()
    labelled = (whole.weight * whole.label).sum() / whole.weight.sum()
    assert found[-1] == pytest.approx(labelled, abs=0.01)


def test_without_a_model_of_further_therapy_nobody_is_weighted(relapse):
    """The chance of staying is 1 throughout."""
    data, _ = relapse
    assert not data.models_therapy
    np.testing.assert_array_equal(staying(data, np.array([3.0, 90.0])), np.ones((len(data), 2)))


def test_lines_end_where_follow_up_ends(relapse):
    """And not at the last horizon, to which the last value would be carried flat; words say what is drawn."""
    data, validation = relapse
    last = max(validation.horizons_days)
    day, event = data.observation.day, data.observation.event
    early = np.where(day > 200, 0, event)
    short = replace(data, observation=replace(data.observation, day=np.minimum(day, 200.0), event=early))
    for asked, end in ((data, last), (short, 200.0)):
        figure = incidence_figure(validation, asked, title="ends")
        assert figure is not None
        curves = [line for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post"]
        assert [line.get_xdata()[-1] for line in curves] == [end] * 3
    therapy = incidence_figure(validation, replace(data, models_therapy=True), title="weighted")
    words = [text.get_text() for text in therapy.axes[0].get_legend().get_texts()]
    assert "observed (Aalen-Johansen, further therapy weighted)" in words
