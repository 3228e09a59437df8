"""What a reader of an answer is warned of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from features.field import specs
from features.schema import Patient
from serving.answers.facts import Fact
from serving.answers.intended_use import INTENDED_OPTIONS
from serving.answers.warnings import STATUS_CODES, cautions
from serving.http.assets import assets
from serving.model.bundle import Bundle
from serving.model.validation_summary import Reason, Status
from tests.bundles import PATIENT, full_summary, make_bundle, make_published_bundle


def told(bundle: Bundle, **values: Any) -> dict[tuple[str, str], str]:
    """Messages by code and field."""
    return {(item.code, item.field): item.message for item in cautions(bundle, PATIENT | values)}


def test_a_synthetic_model_says_so_first(bundle: Bundle) -> None:
    """It is the first thing to know."""
    assert cautions(bundle, PATIENT)[0].code == "synthetic_training_cohort"
    assert told(bundle)["synthetic_training_cohort", ""] == (
        "The model was trained on a synthetic cohort; its risks do not apply to any patient."
    )


def test_a_model_of_patients_says_no_such_thing() -> None:
    """Only what is missing in its outcomes, nothing about a patient like those it has seen."""
    codes = {code for code, _ in told(make_bundle(synthetic=False))}
    assert codes == {"not_validated", "outcome_left_out"}


@pytest.mark.parametrize("dose", [0.05, 4.5])
def test_outside_the_cohort_is_told_with_its_limits(bundle: Bundle, dose: float) -> None:
    """The cohort's, never the patient's value."""
    message = told(bundle, dose_1e6_per_kg=dose)["outside_training_range", "dose_1e6_per_kg"]
    assert message == (
        "CAR+ cell dose per kg: outside 0.1 to 2.5 10^6 CAR+ cells/kg, "
        "the central 95 % of the training cohort."
    )
    assert str(dose) not in message


@pytest.mark.parametrize("dose", [0.1, 1.0, 2.5, None])
def test_inside_the_cohort_nothing_is_told(bundle: Bundle, dose: float | None) -> None:
    """Its limits included, nor where nothing is known."""
    assert ("outside_training_range", "dose_1e6_per_kg") not in told(bundle, dose_1e6_per_kg=dose)


def test_a_rare_option_is_told(bundle: Bundle) -> None:
    """CD22 alone was given to none here; CD19 and CD22 to twenty."""
    assert told(bundle, target_antigen="cd22")["rare_option", "target_antigen"] == (
        "CAR construct: target antigen: fewer than 10 infusions of the training cohort had this option."
    )
    assert ("rare_option", "target_antigen") not in told(bundle, target_antigen="cd19_cd22")


def test_a_required_input_that_is_not_there_is_told(bundle: Bundle) -> None:
    """In a cohort's row; a request would have been refused."""
    assert told(bundle, age_years=None)["required_input_missing", "age_years"] == (
        "Age at infusion: required, but not given."
    )


def test_an_outcome_without_a_model_is_told_with_the_reason(bundle: Bundle) -> None:
    """So that nobody takes silence for a low risk."""
    assert told(bundle)["outcome_left_out", "severe_icans"] == (
        "Severe ICANS (grade 3 or higher): no model, because the cohort has no column icans_grade."
    )


def test_an_interval_known_to_be_too_narrow_is_told(bundle: Bundle) -> None:
    """By outcome, in the words of its summary."""
    noted = replace(bundle.summaries["relapse"], interval_note="holds about half")
    warned = told(replace(bundle, summaries={**bundle.summaries, "relapse": noted}))
    assert warned["interval_too_narrow", "relapse"] == (
        "No response, relapse or progression: holds about half."
    )
    assert ("interval_too_narrow", "severe_crs") not in warned


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"age_years": 17.9}, "age_years", "Age at infusion (intended for 18 years or older)."),
        ({"diagnosis": "b_lbl"}, "diagnosis", "Diagnosis (intended for B-ALL)."),
        (
            {"target_antigen": "cd22"},
            "target_antigen",
            "CAR construct: target antigen (intended for CD19 or CD19/CD22).",
        ),
    ],
)
def test_patients_outside_the_intended_use_are_told_so(
    bundle: Bundle, values: dict[str, Any], field: str, message: str
) -> None:
    """They are answered, with a warning that no training range decides on."""
    assert told(bundle, **values)["outside_intended_use", field] == f"Outside the intended use: {message}"


def test_every_value_outside_the_intended_use_has_its_warning(bundle: Bundle) -> None:
    """Several at once, each by field; the first is not all."""
    warned = told(bundle, age_years=9, diagnosis="b_lbl", target_antigen="cd22")
    fields = [field for code, field in warned if code == "outside_intended_use"]
    assert fields == ["age_years", "diagnosis", "target_antigen"]


def test_the_intended_options_are_named_as_on_the_page() -> None:
    """The page shows the service's own sentence."""
    shown = json.loads(assets()["/assets/en.json"].content)["options"]
    for name, options in INTENDED_OPTIONS.items():
        assert options == {option: shown[name][option] for option in options}
        assert set(options) < set(specs(Patient)[name].options)


def test_an_adult_with_b_all_and_a_cd19_product_is_inside(bundle: Bundle) -> None:
    """Nothing is said, also where the diagnosis is not given."""
    assert not [code for code, _ in told(bundle, age_years=18.0) if code == "outside_intended_use"]


def test_outcomes_not_validated_are_told_with_their_reasons(bundle: Bundle) -> None:
    """The status is not left to the end of a long answer."""
    name = next(name for name, summary in bundle.summaries.items() if summary.status_reasons)
    assert "not validated locally" in told(bundle)["not_validated", name]


def test_an_outcome_that_is_validated_has_no_warning_of_its_status(bundle: Bundle) -> None:
    """Where nothing is missing; the other outcome keeps its own."""
    validated = replace(
        bundle.summaries["relapse"], status=Status.VALIDATED, status_reasons=(), status_facts=()
    )
    warned = told(replace(bundle, summaries={**bundle.summaries, "relapse": validated}))
    assert [field for code, field in warned if code in STATUS_CODES.values()] == ["severe_crs"]


def test_local_data_against_the_evidence_are_told(bundle: Bundle) -> None:
    """By outcome, in the words of its summary."""
    warned = told(replace(bundle, summaries={**bundle.summaries, "severe_crs": full_summary()}))
    assert warned["against_published_evidence", "severe_crs"] == (
        "Severe CRS (grade 3 or higher): the local data contradict the published effects taken together."
    )
    assert ("against_published_evidence", "relapse") not in warned


@pytest.mark.parametrize(
    "code",
    ["against_published_evidence", "no_published_effect", "no_published_rate", "no_published_evidence"],
)
def test_a_note_about_evidence_has_the_code_that_training_gave_it(bundle: Bundle, code: str) -> None:
    """Whatever effects the model has: the note is not guessed from them."""
    note = Reason(code, "a note")
    noted = replace(bundle.summaries["relapse"], evidence_note=note.text, evidence_fact=note)
    warned = told(replace(bundle, summaries={**bundle.summaries, "relapse": noted}))
    assert warned[code, "relapse"] == "No response, relapse or progression: a note."


def test_without_a_cohort_the_evidence_is_all_that_is_told() -> None:
    """Nothing is rare or outside where nobody was seen, however unlike others the patient is."""
    warned = told(make_published_bundle(), age_years=85.0, dose_1e6_per_kg=50.0, prior_blinatumomab="none")
    assert warned == {
        ("published_evidence_only", "severe_crs"): (
            "Severe CRS (grade 3 or higher): published evidence only. "
            "No local cohort: the model is the published evidence."
        )
    }


def details(bundle: Bundle, **values: Any) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Details by code and field."""
    return {(item.code, item.field): item.details for item in cautions(bundle, PATIENT | values)}


def test_details_hold_the_numbers_and_names_of_the_message(bundle: Bundle) -> None:
    """So that it can be said in another language."""
    outside = {"dose_1e6_per_kg": 4.5, "age_years": 17.0, "target_antigen": "cd22", "prior_lines": None}
    found = details(bundle, **outside)
    assert found["synthetic_training_cohort", ""] == {}
    assert found["outside_training_range", "dose_1e6_per_kg"] == {
        "low": 0.1,
        "high": 2.5,
        "unit": "10^6 CAR+ cells/kg",
    }
    assert found["outside_intended_use", "age_years"] == {"youngest": 18.0}
    assert found["outside_intended_use", "target_antigen"] == {
        "options": "cd19, cd19_cd22",
        "intended": ["cd19", "cd19_cd22"],
    }
    assert found["rare_option", "target_antigen"] == {"fewest": 10.0}
    assert found["required_input_missing", "prior_lines"] == {}
    assert found["not_validated", "relapse"] == {
        "status": "not validated locally",
        "reasons": "fewer than 20 events",
        "facts": [Fact(code="few_events", text="fewer than 20 events", figures={})],
    }
    assert found["outcome_left_out", "severe_icans"] == {"reason": "the cohort has no column icans_grade"}


def test_details_tell_notes_and_horizons(bundle: Bundle) -> None:
    """Of outcomes whose summaries have them."""
    noted = replace(
        bundle.summaries["relapse"],
        interval_note="holds about half",
        evidence_note="another direction",
        dropped_horizons={730: "too few at risk", 999: "not answered"},
    )
    found = details(replace(bundle, summaries={**bundle.summaries, "relapse": noted}))
    assert found["interval_too_narrow", "relapse"] == {"note": "holds about half", "facts": []}
    assert found["against_published_evidence", "relapse"] == {"note": "another direction", "facts": []}
    assert found["horizon_from_published_evidence", "relapse"] == {"days": 730.0, "reason": "too few at risk"}


def test_details_never_hold_what_is_the_patients_own(bundle: Bundle) -> None:
    """Whatever lies outside: the limits are told, the value is not."""
    values = {"dose_1e6_per_kg": 33.25, "age_years": 13.25, "target_antigen": "cd22"}
    for item in cautions(bundle, PATIENT | values):
        told = {str(fact) for fact in item.details.values()}
        assert not told & {"33.25", "13.25", "cd22"}


def test_a_model_that_no_field_moves_says_so(bundle: Bundle) -> None:
    """Intercepts alone are the same for everybody."""
    model = bundle.models["severe_crs"]
    flat = replace(model, linear=None, trees=None)
    warned = told(replace(bundle, models={**bundle.models, "severe_crs": flat}))
    assert warned["no_individual_signal", "severe_crs"] == (
        "Severe CRS (grade 3 or higher): no field changes this risk; it is the same for every patient."
    )
    assert ("no_individual_signal", "relapse") not in warned
