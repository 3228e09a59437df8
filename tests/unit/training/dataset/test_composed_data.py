"""Data of outcomes that only some can have: who is fitted on, who is scored, which horizons stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.cohort import Cohort, cohort_from_rows
from features.event_labels import labels
from features.outcomes import OUTCOMES
from features.schema import all_fields
from features.synthetic.simulation import simulated_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import FEWEST_GIVEN, OutcomeData, outcome_data
from training.dataset.unavailable import NoData

CONFIG = FitConfig()
COMPOSED = [name for name, outcome in OUTCOMES.items() if outcome.given is not None]


def cohort(*rows: dict[str, object]) -> Cohort:
    """Check rows, each of another patient."""
    full = [{"patient_id": f"p{place}", **row} for place, row in enumerate(rows)]
    return cohort_from_rows(full, name="c.csv", sha256="0", present=frozenset(all_fields()))


def data_of(made: Cohort, outcome: str) -> OutcomeData:
    found = outcome_data(made, OUTCOMES[outcome], CONFIG)
    assert isinstance(found, OutcomeData)
    return found


RESPONDED = {"response_day28": "cr", "response_day": 28}
SIX = (
    {**RESPONDED, "last_contact_day": 900},
    {**RESPONDED, "relapse_day": 60, "death_day": 200, "last_contact_day": 200},
    {**RESPONDED, "relapse_day": 400, "last_contact_day": 900},
    {**RESPONDED, "death_day": 50, "last_contact_day": 50},
    {"response_day28": "no_response", "response_day": 28, "last_contact_day": 900},
    {**RESPONDED, "last_contact_day": 100},
)
"""In remission; relapse by day 60; by day 400; dead without; no response; lost on day 100."""


def test_those_who_cannot_have_an_outcome_weigh_nothing_at_that_horizon():
    """By hand at day 90: two relapsed or did not respond; at day 730 three did, and one is not known."""
    rows = [*SIX * 3]
    data = data_of(cohort(*rows), "death_without_relapse")
    by_day = dict(zip(data.horizons_days, (data.training_set().weight > 0).T[:, :6].tolist(), strict=True))
    assert by_day[90] == [True, False, True, True, False, True]
    assert by_day[365] == [True, False, True, True, False, False]
    assert by_day[730] == [True, False, False, True, False, False]
    at_90 = data.training_set().label[:6, data.horizons_days.index(90)]
    assert at_90.tolist() == [0, 0, 0, 1, 0, 0]


def test_death_is_fitted_in_those_with_relapse_or_without_response():
    """Its part without relapse is another model's."""
    data = data_of(cohort(*[*SIX * 3]), "death")
    by_day = dict(zip(data.horizons_days, (data.training_set().weight > 0).T[:, :6].tolist(), strict=True))
    assert by_day[90] == [False, True, False, False, True, False]
    assert by_day[730] == [False, True, True, False, True, False]
    assert list(data.parts) == ["relapse", "death_without_relapse"]


def test_grade_2_or_higher_is_fitted_in_those_without_grade_3():
    """Five of six; the label is grade 2."""
    grades = [0, 1, 2, 2, 3, 4] * 3
    rows = [{"crs_grade": grade, "crs_grading_system": "astct_2019"} for grade in grades]
    training = data_of(cohort(*rows), "crs_grade_2_or_higher").training_set()
    assert (training.weight[:6, 0] > 0).tolist() == [True] * 4 + [False] * 2
    assert training.label[:4, 0].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("outcome", COMPOSED)
def test_everybody_is_scored_and_weighs_the_same_where_fitted(outcome):
    """Fitting leaves out, and changes no weight of those it keeps."""
    data = data_of(simulated_cohort(120, rng=np.random.default_rng(1)), outcome)
    fitted, scored = data.training_set(), data.scoring_set()
    np.testing.assert_array_equal(fitted.label, scored.label)
    kept = fitted.weight > 0
    np.testing.assert_array_equal(fitted.weight[kept], scored.weight[kept])
    assert (kept.sum(axis=0) < (scored.weight > 0).sum(axis=0)).all()
    given = data.outcome.given
    assert given is not None
    part = data.parts[given.outcome].observation
    for position, days in enumerate(data.horizons_days):
        other = labels(part.day, part.event, horizon_days=days)
        assert (other[kept[:, position]] == given.happened).all()


@pytest.mark.parametrize("outcome", COMPOSED)
def test_parts_are_of_the_same_infusions(outcome):
    """Otherwise their out-of-fold risks could not be composed."""
    data = data_of(simulated_cohort(80, rng=np.random.default_rng(2)), outcome)
    for part in data.parts.values():
        np.testing.assert_array_equal(part.position, data.position)
        np.testing.assert_array_equal(part.groups, data.groups)


def test_shares_of_the_states_add_up_as_the_cohort_was_followed():
    """Aalen-Johansen of relapse and of death without it, by the same weights."""
    made = simulated_cohort(200, rng=np.random.default_rng(3))
    relapse, without = (data_of(made, name).scoring_set() for name in ("relapse", "death_without_relapse"))
    np.testing.assert_allclose(relapse.weight, without.weight)
    assert ((relapse.label + without.label) <= 1).all()


def test_a_draw_counts_those_who_can_have_it_as_often():
    """Multiplicity 0 leaves out, 2 doubles."""
    data = data_of(simulated_cohort(60, rng=np.random.default_rng(4)), "death_without_relapse")
    times = np.arange(len(data)) % 3
    drawn = data.training_set(multiplicity=times.astype(float))
    assert not drawn.weight[times == 0].any()
    assert drawn.weight[~data.can_have(np.arange(len(data)))].sum() == 0


def test_too_few_who_can_have_it_leave_a_horizon_out():
    """Of 30, all but four relapse by a year."""
    rows = [{**RESPONDED, "relapse_day": 300, "last_contact_day": 900} for _ in range(FEWEST_GIVEN + 21)]
    rows += [{**RESPONDED, "last_contact_day": 900} for _ in range(FEWEST_GIVEN - 1)]
    data = data_of(cohort(*rows), "death_without_relapse")
    assert sorted(data.dropped_horizons) == [365, 730]
    assert data.dropped_horizons[365] == (
        "fewer than 5 infusions are of patients who responded and have no relapse or progression at day 365"
    )


def test_where_nobody_can_have_it_that_is_said():
    """Zero is a fact about no patient."""
    rows = [{**RESPONDED, "relapse_day": 300, "last_contact_day": 900} for _ in range(30)]
    data = data_of(cohort(*rows), "death_without_relapse")
    reasons = data.reason if isinstance(data, NoData) else str(data.dropped_horizons)
    assert "no infusion is of patients who responded and have no relapse or progression at day 365" in reasons


def test_what_leaves_a_part_out_leaves_out_what_is_composed_of_it():
    """With the name of the part."""
    made = simulated_cohort(60, rng=np.random.default_rng(5))
    without = replace(made, present=made.present - {"relapse_day"})
    found = outcome_data(without, OUTCOMES["death"], CONFIG)
    assert isinstance(found, NoData)
    assert "relapse_day" in found.reason
