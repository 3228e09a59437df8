"""Which numbers are likelier in another unit, for every numeric field of the schema."""

from __future__ import annotations

from typing import Any

import pytest

from features.field import specs
from features.schema import Patient
from features.units_and_slips import WRITINGS
from serving.answers.unit_questions import unit_questions

NUMBERS = [name for name, spec in specs(Patient).items() if spec.kind == "number"]

ASKED = [
    ("age_years", 408, "months", 34),
    ("marrow_blasts_pct", 0.62, "fraction", 62),
    ("mrd_pct", 0.0004, "fraction", 0.04),
    ("ldh_u_l", 14, "ukat/L", 840),
    ("creatinine_mg_dl", 80, "umol/L", 0.9048),
    ("creatinine_mg_dl", 8, "mg/L", 0.8),
    ("creatinine_mg_dl", 0.08, "mmol/L", 0.9048),
    ("crp_mg_l", 0.4, "mg/dL", 4),
    ("crp_mg_l", 24_000, "ug/L", 24),
    ("ferritin_ug_l", 1.8, "mg/L", 1800),
    ("platelets_1e9_l", 45_000, "cells per uL", 45),
    ("platelets_1e9_l", 1.5, "10^5 per uL (lakh)", 150),
    ("anc_1e9_l", 80, "cells per uL", 0.08),
    ("hemoglobin_g_dl", 84, "g/L", 8.4),
    ("hemoglobin_g_dl", 7, "mmol/L", 11.28),
    ("hemoglobin_g_dl", 5.2, "mmol/L", 8.379),
    ("dose_1e6_per_kg", 625_000, "cells, not millions", 0.625),
    ("dose_1e6_per_kg", 0.02, "10^7 cells/kg", 0.2),
    ("dose_total_1e6", 7e7, "cells, not millions", 70),
    ("dose_total_1e6", 1.5, "10^8 cells", 150),
    ("weight_kg", 154, "lb", 69.85),
    ("weight_kg", 70_000, "g", 70),
    ("fludarabine_mg_m2", 30, "mg/m2 a day, for 3 days", 90),
    ("fludarabine_mg_m2", 25, "mg/m2 a day, for 3 days", 75),
    ("cyclophosphamide_mg_m2", 500, "mg/m2 a day, for 2 days", 1000),
    ("cyclophosphamide_mg_m2", 300, "mg/m2 a day, for 2 days", 600),
    ("cyclophosphamide_mg_m2", 1.5, "g/m2", 1500),
]
"""Field, value, the likeliest unit, and the value in the schema's unit, by hand."""

USUAL = [
    *(("age_years", value) for value in (19, 31.5, 70)),
    *(("ldh_u_l", value) for value in (140, 412, 2500)),
    *(("ferritin_ug_l", value) for value in (60, 1800, 30_000)),
    *(("anc_1e9_l", value) for value in (0, 0.05, 0.7, 9)),
    *(("marrow_blasts_pct", value) for value in (0, 1, 5, 100)),
    *(("mrd_pct", value) for value in (0, 0.01, 0.5)),
    *(("creatinine_mg_dl", value) for value in (0.3, 2.5)),
    *(("crp_mg_l", value) for value in (0, 3, 280)),
    *(("hemoglobin_g_dl", value) for value in (7.5, 13)),
    *(("platelets_1e9_l", value) for value in (8, 400)),
    *(("fludarabine_mg_m2", value) for value in (0, 75, 90, 120, 160)),
    *(("cyclophosphamide_mg_m2", value) for value in (0, 750, 900, 1500, 3000)),
    *(("dose_1e6_per_kg", value) for value in (0.1, 2.5, 10)),
    *(("dose_total_1e6", value) for value in (10, 410)),
    *(("weight_kg", value) for value in (45, 70, 120)),
]
"""What patients of published series have."""


@pytest.mark.parametrize(("name", "value", "unit", "converted"), ASKED)
def test_an_unusual_number_is_likelier_in_another_unit(
    name: str, value: float, unit: str, converted: float
) -> None:
    """The first that is named makes it usual; the factor leads to the schema's unit."""
    spec = specs(Patient)[name]
    first = spec.other_writings(value)[0]
    assert first.name == unit
    assert value * first.factor == pytest.approx(converted, rel=1e-3)
    assert spec.is_usual(value * first.factor)


@pytest.mark.parametrize(("name", "value"), USUAL)
def test_a_usual_number_is_not_asked_about(name: str, value: float) -> None:
    """However many units there are."""
    assert specs(Patient)[name].other_writings(value) == ()
    assert unit_questions({name: value}) == []


def test_every_number_of_a_request_has_been_thought_of() -> None:
    """A number added later needs its usual values, inside its limits."""
    assert set(WRITINGS) == set(NUMBERS)
    for name in NUMBERS:
        spec = specs(Patient)[name]
        assert spec.usual is not None
        assert all(spec.allows(end) for end in spec.usual)


def test_a_code_for_unknown_is_no_slip() -> None:
    """999 is no age in months."""
    assert specs(Patient)["age_years"].other_writings(999) == ()


def test_only_possible_numbers_are_questions() -> None:
    """What is outside the limits is refused with a hint, and never comes so far."""
    values: dict[str, Any] = {name: value for name, value, *_ in ASKED if specs(Patient)[name].allows(value)}
    asked = unit_questions(values)
    assert [question.field for question in asked] == [name for name in specs(Patient) if name in values]
    for question in asked:
        assert question.code == "perhaps_another_unit"
        assert str(values[question.field]) not in question.message
        assert set(question.details) == {"expected", "unit", "factor"}
