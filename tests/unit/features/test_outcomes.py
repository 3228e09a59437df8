"""What counts as an event, what competes, who is known."""

import numpy as np
import pytest

from features.columns import Columns
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.schema import FollowUp


def seen(outcome, *, estimand="treatment_policy", **follow_up):
    """Observe one infusion: (event, day, known)."""
    found = observe(OUTCOMES[outcome], Columns.from_rows(FollowUp, [follow_up]), estimand=estimand)
    return int(found.event[0]), float(found.day[0]), bool(found.known[0])


@pytest.mark.parametrize(
    ("grade", "onset", "expected"),
    [
        (3, 4, (1, 4.0, True)),
        (4, None, (1, 30.0, True)),
        (2, 4, (0, 30.0, True)),
        (None, None, (0, 0.0, False)),
    ],
)
def test_crs_of_grade_3_or_higher_is_severe(grade, onset, expected):
    """Grade 3 or higher is the event, unknown onset counts by day 30, a missing grade is not known."""
    assert seen("severe_crs", crs_grade=grade, crs_onset_day=onset, last_contact_day=5) == expected


def test_crs_after_day_30_is_no_event_by_day_30():
    """Onset on day 45 lies beyond the horizon."""
    assert seen("severe_crs", crs_grade=3, crs_onset_day=45, last_contact_day=60)[1] == 45.0


def test_early_death_without_severe_crs_is_no_event_and_counted():
    """Known grade, weight 1, whatever the last contact; the report counts it."""
    rows = [{"crs_grade": 1, "death_day": 12, "last_contact_day": 12}]
    found = observe(OUTCOMES["severe_crs"], Columns.from_rows(FollowUp, rows))
    assert (found.event[0], bool(found.known[0])) == (0, True)
    assert found.counts["early_death"] == 1


@pytest.mark.parametrize(
    ("follow_up", "expected"),
    [
        ({"response_day28": "no_response", "last_contact_day": 40}, (1, 28.0)),
        ({"response_day28": "no_response", "response_day": 35, "last_contact_day": 40}, (1, 35.0)),
        ({"response_day28": "no_response", "relapse_day": 14, "last_contact_day": 40}, (1, 14.0)),
        ({"response_day28": "cr", "relapse_day": 200, "last_contact_day": 300}, (1, 200.0)),
        ({"response_day28": "cr", "death_day": 90, "last_contact_day": 90}, (2, 90.0)),
        ({"response_day28": "cr", "relapse_day": 90, "death_day": 90, "last_contact_day": 90}, (1, 90.0)),
        ({"response_day28": "cri", "last_contact_day": 500}, (0, 500.0)),
        ({"response_day28": "not_assessed", "last_contact_day": 61}, (0, 61.0)),
        ({"response_day28": "not_assessed", "last_contact_day": 60}, (0, 28.0)),
        ({"last_contact_day": 20}, (0, 20.0)),
        ({"last_contact_day": 20, "death_day": 20}, (2, 20.0)),
        ({"last_contact_day": 45, "death_day": 45}, (0, 28.0)),
        ({"last_contact_day": 400, "relapse_day": 50}, (1, 50.0)),
    ],
)
def test_relapse_is_the_first_of_no_response_relapse_or_progression(follow_up, expected):
    """Death first competes; a response that was not assessed is censored or taken as remission."""
    assert seen("relapse", **follow_up)[:2] == expected


def test_relapse_is_unknown_without_last_contact():
    """Nobody knows how long such an infusion was followed."""
    assert not seen("relapse", response_day28="cr")[2]


@pytest.mark.parametrize("therapy", ["allo_hsct_day", "next_infusion_day"])
def test_further_therapy_ends_the_observation_only_where_asked(therapy):
    """Treatment policy ignores a transplant on day 90; the other estimand is censored there."""
    follow_up = {"response_day28": "cr", "relapse_day": 200, "last_contact_day": 300, therapy: 90}
    assert seen("relapse", **follow_up)[:2] == (1, 200.0)
    assert seen("relapse", estimand="no_further_therapy", **follow_up)[:2] == (0, 90.0)


def test_further_therapy_after_the_event_changes_nothing():
    """Relapse came first."""
    follow_up = {"response_day28": "cr", "relapse_day": 60, "last_contact_day": 300, "allo_hsct_day": 90}
    assert seen("relapse", estimand="no_further_therapy", **follow_up)[:2] == (1, 60.0)


def test_every_outcome_names_its_headline_first():
    """Horizons are distinct and every entry can be observed on an empty follow-up."""
    for outcome in OUTCOMES.values():
        assert len(set(outcome.horizons_days)) == len(outcome.horizons_days)
        assert not observe(outcome, Columns.from_rows(FollowUp, [{}])).known.any()
        assert np.all(observe(outcome, Columns.from_rows(FollowUp, [{}])).day == 0)


def test_therapy_of_who_did_not_respond_does_not_undo_the_failure():
    """A next infusion five days before the assessment that found no response: the event stays."""
    follow_up = {
        "response_day28": "no_response",
        "response_day": 40,
        "next_infusion_day": 35,
        "last_contact_day": 200,
    }
    assert seen("relapse", estimand="no_further_therapy", **follow_up)[:2] == (1, 40.0)


def test_late_onset_and_early_deaths_are_counted_for_the_report():
    """Every decision about an infusion shows up."""
    rows = [{"crs_grade": 3, "crs_grading_system": "astct_2019", "crs_onset_day": 45, "last_contact_day": 60}]
    found = observe(OUTCOMES["severe_crs"], Columns.from_rows(FollowUp, rows))
    assert found.counts["late_onset"] == 1
    rows = [{"death_day": 45, "last_contact_day": 45}]
    found = observe(OUTCOMES["relapse"], Columns.from_rows(FollowUp, rows))
    assert found.counts["not_assessed_died"] == 1


UNASSESSED = [
    {"last_contact_day": 400},
    {"response_day28": "not_assessed", "last_contact_day": 61},
    {"last_contact_day": 60},
    {"response_day28": "cr", "last_contact_day": 400},
    {"relapse_day": 90, "last_contact_day": 400},
]


def test_remission_is_assumed_of_who_was_followed_without_an_assessment():
    """Beyond day 60, and counted."""
    found = observe(OUTCOMES["relapse"], Columns.from_rows(FollowUp, UNASSESSED))
    assert found.assumed is not None
    assert found.assumed.tolist() == [True, True, False, False, False]
    assert found.counts["assumed_in_remission"] == 2


def test_assumed_remissions_can_be_left_out():
    """Then nothing is known of them, and they are counted as left out."""
    found = observe(OUTCOMES["relapse"], Columns.from_rows(FollowUp, UNASSESSED), keep_assumed=False)
    assert found.known.tolist() == [False, False, True, True, True]
    assert found.counts["left_out_as_assumed"] == 2
    assert "assumed_in_remission" not in found.counts
    severe = observe(
        OUTCOMES["severe_crs"], Columns.from_rows(FollowUp, [{"crs_grade": 1}]), keep_assumed=False
    )
    assert severe.known.tolist() == [True]


@pytest.mark.parametrize(
    ("follow_up", "without_relapse", "death"),
    [
        ({"response_day28": "cr", "death_day": 90, "last_contact_day": 90}, (1, 90.0), (1, 90.0)),
        (
            {"response_day28": "cr", "relapse_day": 60, "death_day": 90, "last_contact_day": 90},
            (2, 60.0),
            (1, 90.0),
        ),
        (
            {"response_day28": "cr", "relapse_day": 90, "death_day": 90, "last_contact_day": 90},
            (2, 90.0),
            (1, 90.0),
        ),
        (
            {"response_day28": "no_response", "death_day": 200, "last_contact_day": 200},
            (2, 28.0),
            (1, 200.0),
        ),
        ({"response_day28": "cri", "last_contact_day": 500}, (0, 500.0), (0, 500.0)),
        ({"last_contact_day": 20, "death_day": 20}, (1, 20.0), (1, 20.0)),
        # Response not assessed: whether there was a relapse before the death is not known.
        ({"last_contact_day": 45, "death_day": 45}, (0, 28.0), (1, 45.0)),
        ({"response_day28": "not_assessed", "last_contact_day": 61}, (0, 61.0), (0, 61.0)),
    ],
)
def test_death_is_read_with_relapse_before_it_or_without(follow_up, without_relapse, death):
    """What competes with relapse is the event of death without relapse; death counts whatever came first."""
    assert seen("death_without_relapse", **follow_up)[:2] == without_relapse
    assert seen("death", **follow_up)[:2] == death


@pytest.mark.parametrize("outcome", ["death_without_relapse", "death"])
def test_death_is_unknown_without_last_contact(outcome):
    """As relapse is: all states of a patient are known, or none."""
    assert not seen(outcome, response_day28="cr", death_day=40)[2]


@pytest.mark.parametrize(
    ("follow_up", "without_relapse", "death"),
    [
        ({"response_day28": "cr", "death_day": 200, "last_contact_day": 200}, (0, 90.0), (0, 90.0)),
        # After a relapse therapy does not undo it, and what follows is part of the outcome.
        (
            {"response_day28": "cr", "relapse_day": 60, "death_day": 200, "last_contact_day": 200},
            (2, 60.0),
            (1, 200.0),
        ),
        ({"response_day28": "no_response", "death_day": 200, "last_contact_day": 200}, (2, 28.0), (1, 200.0)),
    ],
)
@pytest.mark.parametrize("therapy", ["allo_hsct_day", "next_infusion_day"])
def test_therapy_in_remission_ends_the_observation_of_death(therapy, follow_up, without_relapse, death):
    """Where asked; under the treatment policy it is ignored."""
    asked = {**follow_up, therapy: 90}
    assert seen("death_without_relapse", estimand="no_further_therapy", **asked)[:2] == without_relapse
    assert seen("death", estimand="no_further_therapy", **asked)[:2] == death
    for outcome in ("death_without_relapse", "death"):
        assert seen(outcome, **asked) == seen(outcome, **follow_up)


@pytest.mark.parametrize(
    ("grade", "onset", "expected"),
    [
        (2, 4, (1, 4.0, True)),
        (3, 4, (1, 4.0, True)),
        (2, None, (1, 30.0, True)),
        (1, 4, (0, 30.0, True)),
        (0, None, (0, 30.0, True)),
        (2, 45, (1, 45.0, True)),
        (None, 4, (0, 0.0, False)),
    ],
)
def test_crs_of_grade_2_or_higher(grade, onset, expected):
    """Onset on day 45 is no event by day 30; an infusion without a grade is left out."""
    found = seen("crs_grade_2_or_higher", crs_grade=grade, crs_onset_day=onset, last_contact_day=50)
    assert found == expected


@pytest.mark.parametrize(
    ("outcome", "column", "values", "by_day"),
    [
        ("severe_icaht", "icaht_grade", {0: 0, 2: 0, 3: 1, 4: 1}, 30),
        ("iec_hs", "iec_hs", {False: 0, True: 1}, 60),
    ],
)
def test_a_complication_counts_by_its_day_whatever_the_last_contact(outcome, column, values, by_day):
    """Whoever died before it without the event did not have it, and is counted; a blank is left out."""
    for value, event in values.items():
        for last in (5, 400):
            assert seen(outcome, **{column: value, "last_contact_day": last}) == (event, by_day, True)
    assert seen(outcome, last_contact_day=400) == (0, 0.0, False)
    rows = [{column: min(values), "death_day": by_day - 1, "last_contact_day": by_day - 1}]
    found = observe(OUTCOMES[outcome], Columns.from_rows(FollowUp, rows))
    assert found.counts["early_death"] == 1


def test_an_outcome_rests_on_earlier_ones():
    """So that they are fitted and read in the order of the table."""
    names = list(OUTCOMES)
    for name, outcome in OUTCOMES.items():
        for other in outcome.rests_on:
            assert names.index(other) < names.index(name)
            assert set(outcome.horizons_days) <= set(OUTCOMES[other].horizons_days)


def test_each_part_of_a_composed_outcome_is_named_once():
    """CRS of grade 2 or higher is composed of severe CRS twice: in whom it can come, and what it includes."""
    parts = {name: outcome.rests_on for name, outcome in OUTCOMES.items() if outcome.given is not None}
    assert parts == {
        "death_without_relapse": ("relapse",),
        "death": ("relapse", "death_without_relapse"),
        "crs_grade_2_or_higher": ("severe_crs",),
    }
