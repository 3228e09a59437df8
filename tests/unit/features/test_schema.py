"""Facts about the schema as a whole."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from features.field import specs
from features.schema import GROUPS, FollowUp, Patient, RowId, all_fields, schema_digest

LEAST = {
    "age_years": 31.0,
    "prior_lines": 3,
    "prior_blinatumomab": "none",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 62.0,
    "target_antigen": "cd19",
    "dose_1e6_per_kg": 1.0,
}


def test_schema_has_56_columns_in_three_groups():
    """Three identify a row and one names its product, 39 are known before, 13 after."""
    assert [len(specs(model)) for model in GROUPS.values()] == [4, 39, 13]
    assert len(all_fields()) == 56


def test_groups_share_no_column():
    """A column is known before the infusion or after it, never both."""
    names = [name for model in (RowId, Patient, FollowUp) for name in specs(model)]
    assert len(names) == len(set(names))


def test_every_predictor_is_known_by_day_0():
    """Nothing in `Patient` is known after the infusion; everything in `FollowUp` is."""
    assert {spec.known_when for spec in specs(Patient).values()} == {
        "baseline",
        "before_lymphodepletion",
        "day_0",
    }
    assert {spec.known_when for spec in specs(FollowUp).values()} == {"follow_up"}


def test_numbers_have_limits_and_choices_have_options():
    """No number is unlimited and no choice is open."""
    for spec in all_fields().values():
        if spec.kind in ("number", "integer"):
            assert spec.low is not None
            assert spec.high is not None
            assert spec.low < spec.high
        assert (spec.kind == "choice") == bool(spec.options)


def test_other_units_would_be_caught():
    """A unit hint makes sense only where the limits rule the other unit's usual values out or nearly so."""
    for spec in all_fields().values():
        assert all(other.factor not in (0, 1) for other in spec.other_units)


def test_least_request_is_accepted():
    """The required fields are enough."""
    assert Patient.model_validate(LEAST).age_years == 31


@pytest.mark.parametrize("name", sorted(set(LEAST) - {"dose_1e6_per_kg"}))
def test_each_required_field_is_required(name):
    """Without any of them a request is refused, by the field's name."""
    body = {key: value for key, value in LEAST.items() if key != name}
    with pytest.raises(ValidationError) as refused:
        Patient.model_validate(body)
    assert [problem["loc"] for problem in refused.value.errors()] == [(name,)]


def test_dose_may_come_from_total_and_weight():
    """Total dose and weight stand for the dose per kg."""
    body = {key: value for key, value in LEAST.items() if key != "dose_1e6_per_kg"}
    assert Patient.model_validate({**body, "dose_total_1e6": 70.0, "weight_kg": 70.0})


def test_request_without_any_dose_is_refused():
    """A dose is required one way or the other."""
    body = {key: value for key, value in LEAST.items() if key != "dose_1e6_per_kg"}
    with pytest.raises(ValidationError, match="dose_1e6_per_kg is required, or both"):
        Patient.model_validate(body)


@pytest.mark.parametrize("name", ["patient_id", "center", "relapse_day", "crs_grade", "surprise"])
def test_identifiers_follow_up_and_unknown_fields_are_refused(name):
    """Leakage is a type error."""
    with pytest.raises(ValidationError) as refused:
        Patient.model_validate({**LEAST, name: "1"})
    assert refused.value.errors()[0]["type"] == "extra_forbidden"


def test_true_is_no_age():
    """Booleans do not pass for numbers."""
    with pytest.raises(ValidationError):
        Patient.model_validate({**LEAST, "age_years": True})


def test_whole_float_passes_for_an_integer():
    """JSON writers do not tell 3.0 from 3; 3.5 is no whole number."""
    assert Patient.model_validate({**LEAST, "prior_lines": 3.0}).prior_lines == 3
    with pytest.raises(ValidationError):
        Patient.model_validate({**LEAST, "prior_lines": 3.5})


def test_refusal_does_not_repeat_the_value():
    """Errors can be logged: they hold no patient's value."""
    with pytest.raises(ValidationError) as refused:
        Patient.model_validate({**LEAST, "age_years": 123.456})
    assert "123.456" not in str(refused.value)


def test_digest_is_a_sha256():
    """The digest names its algorithm."""
    assert len(schema_digest()) == len("sha256:") + 64
