"""Every problem of a comparison has the path of its field, and no words repeat a value."""

from __future__ import annotations

from typing import Any

import pytest

from serving.answers.choices import MOST_OPTIONS, OPTION_FIELDS
from serving.http.body_problems import MOST_FIELDS, request_problems
from serving.http.option_problems import option_problems
from tests.bundles import PATIENT


def of(*options: Any, patient: Any = PATIENT) -> list[tuple[str, str, str]]:
    """List code, path and message of the problems."""
    problems = option_problems({"patient": patient, "options": list(options)})
    return [(str(each.code), each.field, each.message) for each in problems]


def test_a_right_comparison_has_no_problems() -> None:
    """One to three options; what follows from a choice is filled in."""
    assert of({"dose_1e6_per_kg": 0.3}) == []
    assert of({"product": "obecabtagene"}, {"mrd_pct": None}, {"tocilizumab_prophylaxis": True}) == []
    assert of({"dose_1e6_per_kg": 0.3}, patient={**PATIENT, "event_free_on_day": None}) == []


@pytest.mark.parametrize(
    "body", [None, [], PATIENT, {"patient": PATIENT}, {"patient": PATIENT, "options": [{}], "day": 3}]
)
def test_the_body_is_a_patient_and_options(body: object) -> None:
    """And nothing else."""
    (problem,) = option_problems(body)
    message = 'the body must be {"patient": {...}, "options": [...]} and nothing else'
    assert (str(problem.code), problem.field, problem.message) == ("wrong_type", "", message)


@pytest.mark.parametrize(
    "options", [[], [{"mrd_pct": 1.0}] * (MOST_OPTIONS + 1), {"mrd_pct": 1.0}, "mrd_pct"]
)
def test_there_are_one_to_three_options(options: object) -> None:
    """The patient's problems come beside."""
    problems = option_problems({"patient": {**PATIENT, "ecog": 9}, "options": options})
    assert [(str(each.code), each.field, each.message) for each in problems] == [
        ("outside_limits", "patient.ecog", "ecog must be a whole number, 0 to 4"),
        ("number_of_options", "options", "options must hold 1 to 3 options"),
    ]


def test_the_problems_of_the_patient_are_those_of_a_question() -> None:
    """Under ``patient``; an option is then checked by itself."""
    patient = {"age_years": "31", "ferritin_ug_l": 0}
    expected = [(str(each.code), f"patient.{each.field}", each.message) for each in request_problems(patient)]
    assert of({"dose_1e6_per_kg": 90}, patient=patient) == [
        *expected,
        (
            "outside_limits",
            "options.0.dose_1e6_per_kg",
            "dose_1e6_per_kg must be 0.001 to 50 10^6 CAR+ cells/kg",
        ),
    ]
    assert of({"mrd_pct": 1}, patient=[1])[0][1:] == (
        "patient",
        "patient must be one JSON object: the fields of a patient",
    )


def test_nothing_is_chosen_after_the_infusion() -> None:
    """A day without relapse is refused beside options."""
    assert of({"mrd_pct": 1.0}, patient={**PATIENT, "event_free_on_day": 60}) == [
        (
            "known_after_infusion",
            "patient.event_free_on_day",
            "event_free_on_day is after the infusion, when nothing can be chosen",
        )
    ]


def test_an_option_is_an_object_that_states_something() -> None:
    """Each with its own path."""
    assert of({}, 3) == [
        ("empty_option", "options.0", "options.0 must state at least one field"),
        ("wrong_type", "options.1", "options.1 must be one JSON object: the fields that are chosen"),
    ]


def test_only_what_can_still_be_chosen_is_an_option() -> None:
    """Other fields are refused by name, and names that may be data without it."""
    option = {"age_years": 40, "doze_1e6_per_kg": 1.0, "relapse_day": 9, "patient_id": "x", "Ivan P.": 1}
    assert of(option) == [
        ("not_changeable", "options.0.age_years", "age_years cannot be chosen before the infusion"),
        (
            "unknown_field",
            "options.0.doze_1e6_per_kg",
            "doze_1e6_per_kg is not a field; did you mean dose_1e6_per_kg?",
        ),
        (
            "known_after_infusion",
            "options.0.relapse_day",
            "relapse_day is known only after the infusion and is never a predictor",
        ),
        (
            "identifies_patient",
            "options.0.patient_id",
            "patient_id identifies a patient and must not be sent",
        ),
        (
            "field_name_characters",
            "options.0",
            "a field name has characters that are not allowed; use a to z, 0 to 9 and _",
        ),
    ]


@pytest.mark.parametrize("name", ["product_name", "record_key", "event_free_on_day", "detail"])
def test_what_belongs_to_the_question_is_refused_as_such(name: str) -> None:
    """It identifies nobody."""
    message = f"{name} belongs to the patient; an option cannot state another one"
    assert of({name: "x"}) == [("not_changeable", f"options.0.{name}", message)]


@pytest.mark.parametrize("value", [[], {}, "x", 1e999, -1, True])
@pytest.mark.parametrize("name", OPTION_FIELDS)
def test_no_value_of_a_wrong_kind_gets_through(name: str, value: object) -> None:
    """Nor does it stop the check."""
    problems = of({name: value})
    assert all(path.startswith("options.0") for _, path, _ in problems)
    assert problems or (value is True and name in ("split_dose", "tocilizumab_prophylaxis"))


def test_the_patient_with_an_option_is_checked_as_a_question() -> None:
    """Contradictions and required fields, with the path of the option."""
    assert of(
        {"product": "brexucabtagene", "costimulatory_domain": "4_1bb"},
        {"marrow_blasts_pct": None},
        {"split_dose": True},
    ) == [
        (
            "not_of_the_product",
            "options.0.costimulatory_domain",
            "costimulatory_domain must be cd28 for brexucabtagene",
        ),
        ("required", "options.1.marrow_blasts_pct", "marrow_blasts_pct is required"),
        (
            "total_dose_required",
            "options.2.dose_total_1e6",
            "dose_total_1e6 is required with split_dose: the sum of all parts",
        ),
    ]


def test_what_describes_the_row_of_a_cohort_is_no_option() -> None:
    """It identifies nobody, and is no predictor."""
    ((code, path, _),) = of({"center": "A"})
    assert (code, path) == ("not_a_predictor", "options.0.center")


def test_too_many_fields_are_refused_unread() -> None:
    """In the patient and in an option."""
    many = {f"field_{at}": 1 for at in range(MOST_FIELDS + 1)}
    assert [(code, path) for code, path, _ in of(many, patient=many)] == [
        ("too_many_fields", "patient"),
        ("too_many_fields", "options.0"),
    ]
