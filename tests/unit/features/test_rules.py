"""Rules that join several columns of one infusion."""

from __future__ import annotations

import pytest

from features.problem_codes import Code
from features.rules import Contradiction, follow_up_contradictions, patient_contradictions
from features.schema import all_fields

DOSE = all_fields()["dose_1e6_per_kg"]


LAST_CONTACT_REQUIRED = "is required with any of relapse_day, death_day, allo_hsct_day, next_infusion_day"


def words(found: list[Contradiction]) -> list[tuple[str, str]]:
    """Column and rule of each."""
    return [(each.column, each.text) for each in found]


def patient(**row: object) -> list[tuple[str, str]]:
    """Contradictions among predictors of a cohort's row."""
    return words(patient_contradictions(row, dose=DOSE, dose_needed=False))


def test_a_cohort_may_leave_the_dose_blank():
    """Only a request must bring a dose."""
    assert patient() == []
    assert words(patient_contradictions({}, dose=DOSE, dose_needed=True)) == [
        ("dose_1e6_per_kg", "is required, or both dose_total_1e6 and weight_kg")
    ]


@pytest.mark.parametrize("stated", [0.91, 1.0, 1.1])
def test_doses_within_a_tenth_agree(stated):
    """70 million cells for 70 kg are 1.0, give or take 10 %."""
    assert patient(dose_1e6_per_kg=stated, dose_total_1e6=70.0, weight_kg=70.0) == []


@pytest.mark.parametrize("stated", [0.5, 0.9, 1.2])
def test_doses_further_apart_contradict(stated):
    """More than 10 % of the stated dose is a contradiction."""
    assert patient(dose_1e6_per_kg=stated, dose_total_1e6=70.0, weight_kg=70.0) == [
        ("dose_1e6_per_kg", "and dose_total_1e6 / weight_kg differ by more than 10 %")
    ]


def test_derived_dose_keeps_the_limits():
    """5000 million cells for 2 kg are no dose."""
    assert patient(dose_total_1e6=5000.0, weight_kg=2.0) == [
        ("dose_total_1e6", "divided by weight_kg must be 0.001 to 50 10^6 CAR+ cells/kg")
    ]


def test_second_infusion_has_prior_car_t():
    """False is a contradiction, blank is not."""
    assert patient(infusion_number=2, prior_car_t=False) == [
        ("prior_car_t", "must be true when infusion_number is above 1")
    ]
    assert patient(infusion_number=2, prior_car_t=None) == []
    assert patient(infusion_number=None, prior_car_t=False) == []


@pytest.mark.parametrize(
    ("row", "contradictions"),
    [
        ({}, []),
        ({"crs_grade": 2}, [("crs_grading_system", "is required with crs_grade")]),
        ({"crs_grading_system": "astct_2019"}, []),
        (
            {"crs_grade": 0, "crs_grading_system": "astct_2019", "crs_onset_day": 3, "last_contact_day": 90},
            [("crs_onset_day", "must be blank when crs_grade is 0")],
        ),
        (
            {"icans_grade": 5, "last_contact_day": 20},
            [("icans_grade", "5 means death, but death_day is blank")],
        ),
        ({"icans_grade": 5, "last_contact_day": 20, "death_day": 20}, []),
        ({"relapse_day": 90}, [("last_contact_day", LAST_CONTACT_REQUIRED)]),
        ({"relapse_day": 90, "last_contact_day": 90}, []),
        (
            {"relapse_day": 91, "last_contact_day": 90},
            [("relapse_day", "must not be after last_contact_day")],
        ),
        (
            {"death_day": 80, "last_contact_day": 90},
            [("death_day", "must equal last_contact_day: nothing is known after death")],
        ),
        (
            {"allo_hsct_day": 95, "death_day": 90, "last_contact_day": 90},
            [("allo_hsct_day", "must not be after last_contact_day")],
        ),
        ({"response_day": 30}, [("response_day28", "is required with response_day")]),
        ({"response_day28": "not_assessed", "last_contact_day": 5}, []),
        (
            {"response_day28": "cr", "last_contact_day": 20},
            [
                (
                    "response_day28",
                    "must be assessed by last_contact_day; a blank response_day means day 28",
                )
            ],
        ),
        ({"response_day28": "cr", "response_day": 20, "last_contact_day": 20}, []),
        (
            {"response_day28": "cr", "relapse_day": 20, "last_contact_day": 90},
            [("relapse_day", "is before the remission that response_day28 records")],
        ),
        ({"response_day28": "no_response", "relapse_day": 20, "last_contact_day": 90}, []),
        ({"response_day28": "no_response", "relapse_day": 28, "last_contact_day": 28}, []),
    ],
)
def test_follow_up(row, contradictions):
    """Every rule of follow-up, where it holds and where it does not."""
    found = follow_up_contradictions(row)
    assert words(found) == contradictions
    assert all(set(each.columns) <= set(all_fields()) and each.advice.text for each in found)


def test_all_contradictions_are_told():
    """One does not hide the other."""
    row = {"crs_grade": 1, "relapse_day": 95, "death_day": 80, "last_contact_day": 90}
    assert [found.column for found in follow_up_contradictions(row)] == [
        "crs_grading_system",
        "relapse_day",
        "death_day",
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"crs_grade": 2}, Code.GRADING_SYSTEM_REQUIRED),
        ({"death_day": 9}, Code.LAST_CONTACT_REQUIRED),
        ({"death_day": 9, "last_contact_day": 5}, Code.AFTER_LAST_CONTACT),
        ({"death_day": 5, "last_contact_day": 9}, Code.CONTACT_AFTER_DEATH),
        ({"icans_grade": 5, "last_contact_day": 20}, Code.FATAL_GRADE_WITHOUT_DEATH),
        ({"response_day": 30}, Code.RESPONSE_REQUIRED),
        ({"response_day28": "cr", "last_contact_day": 20}, Code.RESPONSE_AFTER_LAST_CONTACT),
        (
            {"response_day28": "cr", "relapse_day": 20, "last_contact_day": 90},
            Code.RELAPSE_BEFORE_REMISSION,
        ),
    ],
)
def test_every_contradiction_has_a_code(row, code):
    """The refused column is the first of its columns."""
    (contradiction,) = follow_up_contradictions(row)
    assert contradiction.code == code
    assert contradiction.column == contradiction.columns[0]
