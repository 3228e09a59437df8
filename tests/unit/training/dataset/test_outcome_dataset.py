"""An outcome of a cohort: who takes part, which scale, how many events."""

from dataclasses import replace

import numpy as np
import pytest

from features.cohort import cohort_from_rows
from features.outcomes import OUTCOMES
from features.problems import DataError
from features.schema import all_fields
from features.synthetic.simulation import simulate
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.unavailable import NoData
from training.fitting.train import train


def cohort(rows, *, present=None):
    rows = [{"patient_id": f"synthetic-{place}", **row} for place, row in enumerate(rows)]
    columns = frozenset(all_fields()) if present is None else frozenset(present)
    return cohort_from_rows(rows, name="cohort.csv", sha256="00", present=columns)


def graded(n_severe, n_mild, system="astct_2019"):
    grades = [3] * n_severe + [1] * n_mild
    return [{"crs_grade": grade, "crs_grading_system": system, "last_contact_day": 60} for grade in grades]


def test_another_grading_scale_leaves_the_outcome_out_with_its_rows():
    """A grade cannot be converted between scales; one line for all rows."""
    rows = [*graded(10, 10), *graded(14, 14, system="lee_2014")]
    found = outcome_data(cohort(rows), OUTCOMES["severe_crs"], FitConfig())
    assert isinstance(found, NoData)
    assert not found.recorded
    assert found.reason == (
        "28 rows: crs_grading_system must be astct_2019 for severe_crs; a grade cannot be converted between "
        "scales; leave crs_grade of these rows blank, or include the scale with --allow-grading SYSTEM"
    )
    assert str(found.problem).startswith(
        "crs_grading_system must be astct_2019 for severe_crs, got lee_2014 (28 rows: 22-49): "
    )


def test_another_grading_scale_stops_no_other_outcome():
    """They are trained; an outcome asked for alone is refused in one line."""
    rows = simulate(60, rng=np.random.default_rng(2)).rows
    rows = [{**row, "crs_grading_system": row["crs_grading_system"] and "penn"} for row in rows]
    outcomes = ("severe_crs", "severe_icans", "crs_grade_2_or_higher")
    config = FitConfig(outcomes=outcomes, models=("anchored",), validate=False, replicates=5)
    training = train(cohort(rows), config)
    assert set(training.bundle.models) == {"severe_icans"}
    for name in ("severe_crs", "crs_grade_2_or_higher"):
        assert f"must be astct_2019 for {name}" in training.left_out[name]
    with pytest.raises(DataError) as refused:
        train(cohort(rows), replace(config, outcomes=("severe_crs",)))
    assert len(refused.value.problems) == 1


def test_another_grading_scale_is_taken_when_allowed_by_name():
    """And only that one."""
    rows = [*graded(10, 10), *graded(1, 1, system="lee_2014")]
    data = outcome_data(cohort(rows), OUTCOMES["severe_crs"], FitConfig(allow_grading="lee_2014"))
    assert isinstance(data, OutcomeData)
    assert (len(data), data.n_events) == (22, 11)
    assert data.observation.counts["other_scale"] == 2


def test_a_milder_grade_is_known_without_the_event_alone():
    """Grades 3, 2, 1 and none: with the event nothing is milder; each counts as often as drawn."""
    rows = [
        {"crs_grade": grade, "crs_grading_system": "astct_2019", "icans_grade": 0}
        for grade in (3, 2, 1, None)
    ]
    data = outcome_data(cohort(rows), OUTCOMES["severe_icans"], FitConfig())
    np.testing.assert_array_equal(data.training_set().milder.label, 0.0)
    data = outcome_data(cohort(rows), OUTCOMES["severe_crs"], FitConfig())
    milder = data.training_set(multiplicity=np.array([1.0, 2.0, 0.5])).milder
    np.testing.assert_array_equal(milder.label, [0, 1, 0])
    np.testing.assert_array_equal(milder.weight, [0, 2, 0.5])
    taken = data.training_set().take(np.array([1, 0])).milder
    np.testing.assert_array_equal(taken.label, [1, 0])
    np.testing.assert_array_equal(taken.weight, [1, 0])


def test_an_outcome_without_grades_has_no_milder_one():
    """Relapse is, or is not."""
    rows = [{"response_day28": "cr", "last_contact_day": 400}] * 3
    data = outcome_data(cohort(rows), OUTCOMES["relapse"], FitConfig())
    assert data.training_set().milder is None
    assert data.training_set().take(np.array([0])).milder is None


def test_an_outcome_without_its_columns_is_left_out_by_name():
    """The others can still be trained."""
    found = outcome_data(
        cohort(graded(10, 10), present=["patient_id"]), OUTCOMES["severe_icans"], FitConfig()
    )
    assert found == NoData("the cohort has no column icans_grade", recorded=False)


@pytest.mark.parametrize("n_severe", [0, 1, 4])
def test_an_outcome_with_few_events_or_none_is_data_all_the_same(n_severe):
    """Published evidence learns from who had no event too; which learner can use it is for the learner."""
    found = outcome_data(cohort(graded(n_severe, 30)), OUTCOMES["severe_crs"], FitConfig())
    assert (found.n_headline_events, found.n_headline_free) == (n_severe, 30)


def test_an_outcome_that_was_recorded_and_tells_nothing_says_why():
    """Everybody censored before the first horizon: published evidence may answer in the cohort's stead."""
    rows = [
        {"patient_id": f"p-{n}", "infusion_number": 1, "response_day28": "cr", "last_contact_day": 30 + n}
        for n in range(12)
    ]
    found = outcome_data(cohort(rows), OUTCOMES["relapse"], FitConfig())
    assert found.recorded
    assert found.reason.startswith("only 0% remain uncensored before day 365, 10 % are needed; only 0%")


def test_an_infusion_without_grade_has_no_part():
    """It is not in the data, so no weight is needed."""
    rows = [*graded(6, 20), {"crs_grade": None, "last_contact_day": 100}]
    data = outcome_data(cohort(rows), OUTCOMES["severe_crs"], FitConfig())
    assert isinstance(data, OutcomeData)
    assert len(data) == 26
    np.testing.assert_array_equal(data.training_set().weight, 1.0)


def relapsed(patient, number, day, *, following=None, last=600):
    return {
        "patient_id": patient,
        "infusion_number": number,
        "response_day28": "cr",
        "relapse_day": day,
        "next_infusion_day": following,
        "last_contact_day": last,
    }


@pytest.mark.parametrize(
    ("following", "second_day", "expected"),
    [
        (100, 200, 1),  # 100 + 200 is day 300 of the first infusion: the same relapse
        (100, 201, 1),  # told a day apart: still the later infusion's
        (350, 200, 2),  # relapsed before the next infusion, and again after it
        (None, 200, 1),  # the two follow-ups cannot be joined: count once
    ],
)
def test_a_relapse_seen_from_two_infusions_counts_once(following, second_day, expected):
    """It belongs to the later infusion."""
    free = [{"patient_id": f"free-{n}", "response_day28": "cr", "last_contact_day": 800} for n in range(30)]
    others = [relapsed(f"other-{n}", 1, 100 + n) for n in range(10)]
    twice = [relapsed("twice", 1, 300, following=following), relapsed("twice", 2, second_day)]
    rows = [{**row, "patient_id": row["patient_id"]} for row in [*free, *others, *twice]]
    data = outcome_data(
        cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(all_fields())),
        OUTCOMES["relapse"],
        FitConfig(),
    )
    assert isinstance(data, OutcomeData)
    assert data.n_events == 10 + expected


def test_events_and_patients_of_the_headline_are_counted_apart():
    """Relapses between day 365 and 730 are events, but not of the headline."""
    rows = [relapsed(f"early-{n}", 1, 100 + n) for n in range(8)]
    rows += [relapsed(f"late-{n}", 1, 400 + n) for n in range(3)]
    rows += [
        {
            "patient_id": f"free-{n // 2}",
            "infusion_number": 1 + n % 2,
            "response_day28": "cr",
            "next_infusion_day": 90 if n % 2 == 0 else None,
            "last_contact_day": 900,
        }
        for n in range(24)
    ]
    found = outcome_data(
        cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(all_fields())),
        OUTCOMES["relapse"],
        FitConfig(),
    )
    assert isinstance(found, OutcomeData)
    assert (found.n_events, found.n_headline_events, found.n_headline_free) == (11, 8, 3 + 12)


def test_an_estimand_needs_the_columns_of_further_therapy():
    """Without them nobody would be censored and the name would be wrong."""
    present = set(all_fields()) - {"allo_hsct_day"}
    rows = [relapsed(f"p-{n}", 1, 100 + n) for n in range(20)]
    config = FitConfig(estimand="no_further_therapy")
    found = outcome_data(cohort(rows, present=present), OUTCOMES["relapse"], config)
    assert found == NoData("the cohort has no column allo_hsct_day", recorded=False)
