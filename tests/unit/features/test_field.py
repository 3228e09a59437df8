"""Facts about one column of the schema."""

from __future__ import annotations

import pytest

from features.field import FieldSpec, OtherUnit, specs
from features.schema import FollowUp, Patient, RowId, all_fields


def test_rule_names_limits_and_unit():
    """The rule of a number says both limits and the unit."""
    assert specs(Patient)["crp_mg_l"].rule == "must be 0 to 700 mg/L"


def test_rule_writes_small_limits_without_exponent():
    """0.001 is written as such."""
    assert specs(Patient)["dose_1e6_per_kg"].rule == "must be 0.001 to 50 10^6 CAR+ cells/kg"


def test_rule_of_a_grade_has_no_unit():
    """A whole number without unit ends with its limit."""
    assert specs(FollowUp)["crs_grade"].rule == "must be a whole number, 0 to 5"


def test_rules_of_other_kinds():
    """Choices list their options; yes and no, and text, say what they are."""
    assert specs(Patient)["cns_status"].rule == "must be one of cns1, cns2, cns3"
    assert specs(Patient)["ph_positive"].rule == "must be true or false"
    assert specs(RowId)["center"].rule == "must be text of 1 to 64 characters"


@pytest.mark.parametrize(("value", "allowed"), [(0, True), (700, True), (700.1, False), (-0.1, False)])
def test_limits_are_allowed_themselves(value, allowed):
    """Both limits belong to the range."""
    assert specs(Patient)["crp_mg_l"].allows(value) is allowed


def test_nan_is_not_allowed():
    """A value that is no number lies within no limits."""
    assert not specs(Patient)["crp_mg_l"].allows(float("nan"))


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("dose_1e6_per_kg", 625000, "cells, not millions? divide by 1e6"),
        ("dose_total_1e6", 45300000, "cells, not millions? divide by 1e6"),
        ("creatinine_mg_dl", 61, "umol/L? divide by 88.42"),
        ("hemoglobin_g_dl", 104, "g/L? divide by 10"),
        ("platelets_1e9_l", 56000, "cells per uL? divide by 1000"),
        ("ldh_u_l", 4, "ukat/L? multiply by 60"),
    ],
)
def test_unit_hint_names_the_unit_that_was_meant(name, value, hint):
    """A value that would fit in another unit in clinical use names that unit."""
    assert specs(Patient)[name].unit_hint(value) == hint


def test_no_unit_hint_within_the_limits():
    """A possible value is not doubted."""
    assert specs(Patient)["creatinine_mg_dl"].unit_hint(1.2) is None


def test_no_unit_hint_where_no_unit_fits():
    """An impossible value in any unit gets no hint."""
    field = FieldSpec("x", "number", "X", "g", 0, 1, other_units=(OtherUnit("kg", 1000),))
    assert field.unit_hint(-5) is None


def test_options_keep_schema_order():
    """Options come in the order of the annotation, since columns encode them by place."""
    assert specs(Patient)["target_antigen"].options == ("cd19", "cd22", "cd19_cd22")


def test_specs_cannot_be_changed():
    """The one source of truth is read-only."""
    with pytest.raises(TypeError):
        specs(Patient)["sex"] = all_fields()["sex"]  # type: ignore[index]
