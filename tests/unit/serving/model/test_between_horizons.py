"""A risk by a day between the horizons: the published course, and never out of order."""

from __future__ import annotations

import numpy as np
import pytest

from features.log_odds import logit
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.time_course import odds_share
from serving.model.between_horizons import can_state, with_day
from serving.model.composed_risk import Composition
from serving.model.risk_model import RiskModel
from tests.bundles import patients, risk_model

TIMED = [name for name, outcome in OUTCOMES.items() if len(outcome.horizons_days) > 1]


def published(outcome: str) -> RiskModel:
    """Make a model whose horizons follow the published course, of odds 1 at the headline."""
    days = OUTCOMES[outcome].horizons_days
    return RiskModel(outcome, "published", days, np.log([odds_share(outcome, day) for day in days]))


@pytest.mark.parametrize("outcome", TIMED)
@pytest.mark.parametrize("day", [30, 45, 60, 120, 200, 300, 500, 700])
def test_a_model_of_the_published_course_states_the_published_course(outcome, day):
    """At every day that is covered, before the first horizon too."""
    found = with_day(published(outcome), day)
    assert found.horizons_days[-1] == day
    assert found.reference[-1] == pytest.approx(np.log(odds_share(outcome, day)))


def test_between_two_horizons_it_is_as_far_on_the_way_as_published():
    """Log-odds -2 by day 90 and -1 by day 180: by day 120 as far as the published logarithms are."""
    model = RiskModel("relapse", "ridge", (180, 90), np.array([-1.0, -2.0]))
    early, between, late = (np.log(odds_share("relapse", day)) for day in (90, 120, 180))
    expected = -2.0 + (between - early) / (late - early)
    assert with_day(model, 120).reference[-1] == pytest.approx(expected)


@pytest.mark.parametrize("outcome", TIMED)
def test_risks_rise_from_day_to_day(outcome):
    """For any patient, and for every replicate."""
    rng = np.random.default_rng(3)
    model, columns = risk_model(outcome, rng), predictors(patients(40, rng))
    for day in (30, 80, 100, 250, 400, 600):
        model = with_day(model, day)
    in_time = np.argsort(model.horizons_days)
    assert (np.diff(model.risk(columns)[:, in_time], axis=1) >= 0).all()
    assert (np.diff(model.replicate_risks(columns)[:, :, in_time], axis=2) >= 0).all()


def test_a_day_moves_all_patients_alike():
    """By the same log-odds."""
    rng = np.random.default_rng(4)
    model, columns = risk_model("relapse", rng), predictors(patients(10, rng))
    moved = logit(with_day(model, 250).risk(columns))
    assert np.ptp(moved[:, -1] - moved[:, 0]) == pytest.approx(0, abs=1e-9)


def test_other_horizons_stay_and_a_horizon_is_no_new_day():
    """A day that the model has already adds none."""
    rng = np.random.default_rng(5)
    model, columns = risk_model("relapse", rng), predictors(patients(10, rng))
    assert with_day(model, 90) is model
    np.testing.assert_array_equal(with_day(model, 250).risk(columns)[:, :4], model.risk(columns))


def test_all_that_a_risk_is_composed_of_is_brought_to_the_day():
    """The composed risk by the day is that of its parts by the day."""
    rng = np.random.default_rng(6)
    relapse, columns = risk_model("relapse", rng), predictors(patients(10, rng))
    model = risk_model("death_without_relapse", rng)
    whole = RiskModel(
        model.outcome, model.method, model.horizons_days, model.reference, model.linear,
        composition=Composition(relapse, happened=False),
    )  # fmt: skip
    assert can_state(whole, 250)
    found = with_day(whole, 250)
    expected = (1 - with_day(relapse, 250).risk(columns)[:, -1]) * with_day(
        RiskModel(model.outcome, model.method, model.horizons_days, model.reference, model.linear), 250
    ).risk(columns)[:, -1]
    later = found.risk(columns)[:, [found.horizons_days.index(365)]].min(axis=1)
    np.testing.assert_allclose(found.risk(columns)[:, -1], np.minimum(expected, later))


def test_nothing_is_stated_after_the_last_horizon_or_before_the_course():
    """Neither by a model nor by what it rests on."""
    model = risk_model("relapse", np.random.default_rng(7))
    assert can_state(model, 30)
    assert not can_state(model, 29)
    assert not can_state(model, 731)
    short = RiskModel("relapse", "ridge", (90,), np.array([0.0]))
    whole = RiskModel(
        "death_without_relapse",
        "ridge",
        (365, 90),
        np.zeros(2),
        composition=Composition(short, happened=False),
    )
    assert not can_state(whole, 200)
