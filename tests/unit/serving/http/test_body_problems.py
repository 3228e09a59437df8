"""Every problem of a request, in words that repeat no value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from features.field import specs
from features.schema import FollowUp, Patient
from serving.answers.value_problems import NUMBER_ALONE, UnitHint
from serving.http.body_problems import MOST_PATIENTS, MOST_PROBLEMS, batch_problems, request_problems
from tests.bundles import PATIENT


def messages(body: object) -> list[str]:
    return [problem.message for problem in request_problems(body)]


def test_a_right_patient_has_no_problems() -> None:
    """The example of the tests is a request."""
    assert request_problems(PATIENT) == []


def test_all_problems_come_at_once() -> None:
    """Unknown fields first, then the schema's order, then contradictions."""
    body = {
        "age_year": 31,
        "prior_lines": "3",
        "prior_blinatumomab": "unknown",
        "prior_inotuzumab": 0,
        "marrow_blasts_pct": 101,
        "target_antigen": "cd19",
        "ferritin_ug_l": -3,
    }
    assert messages(body) == [
        "age_year is not a field; did you mean age_years?",
        "age_years is required",
        f"prior_lines must be a number, not text: {NUMBER_ALONE}",
        "prior_blinatumomab must be one of none, responder, nonresponder, response_unknown",
        "prior_inotuzumab must be true or false, not a number",
        "marrow_blasts_pct must be 0 to 100 %",
        "ferritin_ug_l must be 1 to 200000 ug/L",
        "dose_1e6_per_kg is required, or both dose_total_1e6 and weight_kg",
    ]


@pytest.mark.parametrize("name", specs(FollowUp))
def test_follow_up_is_refused_as_leakage(name: str) -> None:
    """Every column of `FollowUp` has the same answer."""
    assert messages(PATIENT | {name: 1}) == [
        f"{name} is known only after the infusion and is never a predictor"
    ]


@pytest.mark.parametrize("name", ["patient_id", "name", "birth_date", "mrn", "email"])
def test_identifiers_are_refused(name: str) -> None:
    """That of a cohort, and those a client might think of."""
    assert messages(PATIENT | {name: "x"}) == [f"{name} identifies a patient and must not be sent"]


@pytest.mark.parametrize("name", ["infusion_number", "center"])
def test_what_describes_the_row_of_a_cohort_is_refused(name: str) -> None:
    """It identifies nobody, and is no predictor."""
    message = f"{name} belongs to the rows of a cohort and is never a predictor; leave it out"
    (problem,) = request_problems(PATIENT | {name: "x"})
    assert (str(problem.code), problem.message) == ("not_a_predictor", message)


def test_an_odd_name_is_not_repeated() -> None:
    """Anything can stand in a key; only what could be a column is told back, and the rest once."""
    body = PATIENT | {"Ivan Petrov": 1, "987654.25": 1, "": 1, "\ud800": 1, "x" * 65: 1}
    assert messages(body) == ["a field name has characters that are not allowed; use a to z, 0 to 9 and _"]


TEXT = f"must be a number, not text: {NUMBER_ALONE}"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("age_years", True, "must be a number, not true or false"),
        ("age_years", "31", TEXT),
        ("marrow_blasts_pct", "62 %", TEXT),
        ("crp_mg_l", "<0.01", TEXT),
        ("ferritin_ug_l", ">2000", TEXT),
        ("creatinine_mg_dl", "0,9", TEXT),
        ("prior_lines", "", TEXT),
        ("age_years", [31], "must be a number, not a list"),
        ("weight_kg", {"value": 70}, "must be a number, not an object"),
        ("prior_lines", True, "must be a number, not true or false"),
        ("prior_inotuzumab", "false", "must be true or false, not text"),
        ("tocilizumab_prophylaxis", 0, "must be true or false, not a number"),
        ("sex", 1, "must be one of female, male, not a number"),
        ("target_antigen", ["cd19"], "must be one of cd19, cd22, cd19_cd22, not a list"),
        ("target_antigen", {"cd19": 1}, "must be one of cd19, cd22, cd19_cd22, not an object"),
        ("age_years", float("inf"), None),
        ("age_years", float("nan"), None),
        ("age_years", 10**90, None),
        ("prior_lines", 3.5, None),
        ("prior_lines", -(10**90), None),
        ("target_antigen", "CD19", None),
        ("target_antigen", "\ud800", None),
    ],
)
def test_types_are_strict(name: str, value: Any, words: str | None) -> None:
    """No text for a number, no number for true; one problem: the type, or the field's rule."""
    assert messages(PATIENT | {name: value}) == [f"{name} {words or specs(Patient)[name].rule}"]


@pytest.mark.parametrize(
    ("name", "value", "hint", "words"),
    [
        ("creatinine_mg_dl", 80, UnitHint("umol/L", 1 / 88.42), "in umol/L? divide by 88.42"),
        ("hemoglobin_g_dl", 84, UnitHint("g/L", 0.1), "in g/L? divide by 10"),
        ("platelets_1e9_l", 45_000, UnitHint("cells per uL", 1e-3), "in cells per uL? divide by 1000"),
        ("anc_1e9_l", 700, UnitHint("cells per uL", 1e-3), "in cells per uL? divide by 1000"),
        ("ldh_u_l", 5, UnitHint("ukat/L", 60.0), "in ukat/L? multiply by 60"),
        ("crp_mg_l", 12_000, UnitHint("ug/L", 1e-3), "in ug/L? divide by 1000"),
        ("ferritin_ug_l", 0.9, UnitHint("mg/L", 1000.0), "in mg/L? multiply by 1000"),
        (
            "dose_1e6_per_kg",
            625_000,
            UnitHint("cells, not millions", 1e-6),
            "in cells, not millions? divide by 1e6",
        ),
        ("age_years", 408, UnitHint("months", 1 / 12), "in months? divide by 12"),
    ],
)
def test_a_number_outside_its_limits_has_a_hint_of_its_unit(
    name: str, value: float, hint: UnitHint, words: str
) -> None:
    """As data and in words, without the number: whoever sent it converts it."""
    body = {key: given for key, given in PATIENT.items() if name != key} | {name: value}
    (problem,) = [problem for problem in request_problems(body) if problem.field == name]
    assert problem.hint == hint
    assert problem.message == f"{name} {specs(Patient)[name].rule}; {words}"


@pytest.mark.parametrize(("name", "value"), [("ferritin_ug_l", -3), ("marrow_blasts_pct", 101), ("ecog", 80)])
def test_what_no_unit_explains_has_no_hint(name: str, value: float) -> None:
    """Nothing is guessed."""
    (problem,) = request_problems(PATIENT | {name: value})
    assert problem.hint is None


@pytest.mark.parametrize("value", [3, 3.0, 0, 20, -0.0])
def test_a_whole_number_may_be_written_with_a_point(value: float) -> None:
    """JSON does not tell 3.0 from 3."""
    assert request_problems(PATIENT | {"prior_lines": value}) == []


def test_null_is_not_known() -> None:
    """It is right for an optional field and missing for a required one."""
    assert messages(PATIENT | {"ferritin_ug_l": None, "age_years": None}) == ["age_years is required"]


def test_doses_that_contradict_each_other_are_refused() -> None:
    """Whoever gives all three must have calculated."""
    body = PATIENT | {"dose_1e6_per_kg": 1.0, "dose_total_1e6": 70.0, "weight_kg": 35.0}
    assert messages(body) == ["dose_1e6_per_kg and dose_total_1e6 / weight_kg differ by more than 10 %"]


def test_a_refused_dose_is_not_also_called_missing() -> None:
    """One mistake, one problem."""
    body = {name: value for name, value in PATIENT.items() if name != "dose_1e6_per_kg"}
    assert messages(body | {"dose_total_1e6": -1, "weight_kg": 70}) == [
        "dose_total_1e6 must be 0.01 to 5000 10^6 CAR+ cells"
    ]


@pytest.mark.parametrize("body", [None, 3, "text", [], [PATIENT], True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    """With one problem that names no field."""
    assert messages(body) == ["the body must be one JSON object: the fields of a patient"]


def test_a_flood_of_fields_is_refused_unread() -> None:
    """Looking for what each might have meant would take long."""
    assert messages({f"field_{place}": 1 for place in range(100_000)}) == ["a patient has at most 200 fields"]


@pytest.mark.parametrize("name", specs(Patient))
@pytest.mark.parametrize("value", [None, True, 0, 1, 2.5, -1, 1e9, "cd19", "none", "", [], {}])
def test_the_words_agree_with_the_model(name: str, value: Any) -> None:
    """What has no problems is a `Patient`, and what has some is none."""
    body = PATIENT | {name: value}
    try:
        Patient.model_validate_json(json.dumps(body))
    except ValidationError:
        assert request_problems(body) != []
    else:
        assert request_problems(body) == []


def test_a_refused_field_silences_only_contradictions_that_it_is_part_of() -> None:
    """Columns are compared as data: `weight_kg` is no part of another column's name."""
    doses = {"dose_1e6_per_kg": 1.0, "dose_total_1e6": 700.0, "weight_kg": 70.0}
    wrong_age = request_problems(PATIENT | doses | {"age_years": -1})
    wrong_weight = request_problems(PATIENT | doses | {"weight_kg": -1})
    assert [problem.field for problem in wrong_age] == ["age_years", "dose_1e6_per_kg"]
    assert [problem.field for problem in wrong_weight] == ["weight_kg"]


def test_a_batch_names_the_patient() -> None:
    """Counted from 0, as JSON does."""
    problems = batch_problems({"patients": [PATIENT, PATIENT | {"ecog": 7}, 3]})
    assert [(problem.field, problem.message) for problem in problems] == [
        ("patients[1].ecog", "ecog must be a whole number, 0 to 4"),
        ("patients[2]", "patients[2] must be one JSON object: the fields of a patient"),
    ]


@pytest.mark.parametrize("patients", [[], [PATIENT] * (MOST_PATIENTS + 1), None, {}, "x"])
def test_a_batch_holds_one_to_100_patients(patients: object) -> None:
    """An empty list is a mistake of the sender's too."""
    problems = batch_problems({"patients": patients})
    assert [problem.message for problem in problems] == ["patients must hold 1 to 100 patients"]


@pytest.mark.parametrize("body", [PATIENT, [PATIENT], {"patients": [], "x": 1}, {}])
def test_a_batch_is_an_object_of_patients(body: object) -> None:
    """And of nothing else."""
    assert [problem.message for problem in batch_problems(body)] == [
        'the body must be {"patients": [...]}, and nothing else but "detail"'
    ]


def test_the_problems_of_a_batch_are_cut() -> None:
    """After a hundred the sender knows enough, and is told that there may be more."""
    problems = batch_problems({"patients": [{}] * MOST_PATIENTS})
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].message == "patients[14] and later patients may have more problems"


@pytest.mark.parametrize("day", [30, 729, 180, 60.0, None])
def test_a_day_free_of_events_is_a_whole_number(day: Any) -> None:
    assert messages(PATIENT | {"event_free_on_day": day}) == []


@pytest.mark.parametrize(
    ("day", "code"),
    [
        *((day, "wrong_type") for day in (True, "60", 30.5, [60], {}, float("inf"), float("-inf"))),
        *((day, "outside_limits") for day in (29, 730, -1, 0, 1e308, 10**90)),
    ],
)
def test_any_other_day_is_refused_with_its_limits(day: Any, code: str) -> None:
    """JSON's 1e999 is read as infinite."""
    (problem,) = request_problems(PATIENT | {"event_free_on_day": day})
    assert (problem.field, problem.code) == ("event_free_on_day", code)
    assert problem.message == "event_free_on_day must be a whole number of days, 30 to 729"
