"""The form: every field of a request once, in the schema's words and limits."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from starlette.testclient import TestClient

from features.field import specs
from features.product_names import PRODUCT_NAME
from features.schema import Patient
from features.schema_documents import json_schema
from serving.answers.choices import CHANGEABLE
from serving.answers.question import EVENT_FREE_ON_DAY, event_free_days
from serving.http.body_problems import request_problems
from serving.http.form import DERIVED, EVENT_FREE_DAYS, GROUPS, SLIPS, form
from serving.http.read_routes import documents_app

FIELDS = list(chain.from_iterable(GROUPS.values()))

CONVERSIONS = [
    ("ldh_u_l", "ukat/L", 4.17, 250.2),
    ("creatinine_mg_dl", "umol/L", 88.42, 1.0),
    ("creatinine_mg_dl", "mmol/L", 0.08842, 1.0),
    ("crp_mg_l", "mg/dL", 2.5, 25.0),
    ("platelets_1e9_l", "cells per uL", 45_000, 45.0),
    ("anc_1e9_l", "cells per uL", 500, 0.5),
    ("hemoglobin_g_dl", "g/L", 82, 8.2),
    ("hemoglobin_g_dl", "mmol/L", 5, 8.057),
    ("months_from_hsct_to_relapse", "years", 1.5, 18.0),
    ("months_from_hsct_to_relapse", "days", 91.31, 3.0),
]
"""Field, unit, a value in it, and the same in the schema's unit, by hand: 1 ukat/L is 60 U/L, creatinine
weighs 113.12 g/mol, a litre is a million microlitres."""


def test_every_field_of_a_request_is_asked_for_once() -> None:
    """None is forgotten when the schema grows, none is asked for twice."""
    assert sorted(FIELDS) == sorted([*Patient.model_fields, PRODUCT_NAME])
    assert set(form()["fields"]) == set(FIELDS)


def test_the_name_of_a_product_is_asked_for_beside_the_product() -> None:
    """As text of at most 40 characters that no model uses."""
    asked = GROUPS["product"]
    named = form()["fields"][PRODUCT_NAME]
    assert asked[asked.index("product") + 1] == PRODUCT_NAME
    assert (named["kind"], named["longest"], named["use"], named["required"]) == ("text", 40, "name", False)


@pytest.mark.parametrize("name", specs(Patient))
def test_a_field_is_what_the_schema_says(name: str) -> None:
    """Kind, title, unit, limits and options; the document for programs says the same."""
    described, spec = form()["fields"][name], specs(Patient)[name]
    stated = json_schema()["properties"][name]
    assert (described["kind"], described["title"]) == (spec.kind, stated["title"])
    assert (described["low"], described["high"]) == (stated.get("minimum"), stated.get("maximum"))
    assert described["unit"] == stated.get("x-unit", "")
    assert described["options"] == [option for option in stated.get("enum", ()) if option]


@pytest.mark.parametrize("name", specs(Patient))
def test_the_schemas_own_unit_comes_first(name: str) -> None:
    """With factor 1; what a value is written in by mistake only is not offered."""
    own, *others = form()["fields"][name]["units"]
    assert own == {"name": specs(Patient)[name].unit, "factor": 1.0}
    assert {unit["name"] for unit in others}.isdisjoint(SLIPS)
    assert all(unit["factor"] > 0 for unit in others)


@pytest.mark.parametrize(("name", "unit", "typed", "value"), CONVERSIONS)
def test_a_unit_converts_as_by_hand(name: str, unit: str, typed: float, value: float) -> None:
    """The factor leads to the schema's unit, not away from it."""
    offered = {other["name"]: other["factor"] for other in form()["fields"][name]["units"]}
    assert typed * offered[unit] == pytest.approx(value, rel=1e-4)


def test_no_unit_is_offered_without_a_check() -> None:
    """Whoever adds a unit adds its conversion above."""
    offered = {
        (name, unit["name"]) for name, field in form()["fields"].items() for unit in field["units"][1:]
    }
    assert offered == {(name, unit) for name, unit, _, _ in CONVERSIONS}


def test_required_is_what_a_request_needs() -> None:
    """Without any one of them a request is refused, and with all of them it is not."""
    described = form()
    required = [name for name in FIELDS if described["fields"][name]["required"]]
    example = TestClient(documents_app()).get("/form").json()["example"]
    assert set(required) == set(example)
    for name in required:
        assert request_problems({other: value for other, value in example.items() if other != name})


def test_inputs_stand_for_what_they_give() -> None:
    """The dose per kg may be given as total and weight; each is a field, and none is required itself."""
    assert dict(DERIVED) == {"dose_1e6_per_kg": ("dose_total_1e6", "weight_kg")}
    described = form()
    for name, inputs in described["derived"].items():
        assert {name, *inputs} <= set(FIELDS)
        assert not any(described["fields"][given]["required"] for given in inputs)


def test_only_what_can_still_be_chosen_may_be_asked_of() -> None:
    """Nothing about the past, nothing that is measured but disease burden."""
    assert form()["changeable"] == list(CHANGEABLE)
    assert set(CHANGEABLE) <= set(FIELDS)
    assert not set(CHANGEABLE) & {*GROUPS["patient"], *GROUPS["treatments"], *GROUPS["laboratory"]}


def test_the_days_that_are_offered_can_be_asked() -> None:
    """Each is a day that a request may have, under the name that it has there."""
    offered, (first, last) = form()["event_free"], event_free_days()
    assert offered == {"field": EVENT_FREE_ON_DAY, "days": sorted(EVENT_FREE_DAYS)}
    assert first <= min(offered["days"]) <= max(offered["days"]) <= last


def test_the_form_is_served_without_a_model() -> None:
    """It is the schema's, not the model's; and it is JSON to the last number."""
    response = TestClient(documents_app()).get("/form")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    beside = {"example": response.json()["example"], "record": {"kept": False, "shadow": False}}
    assert response.json() == json.loads(json.dumps(form())) | beside
