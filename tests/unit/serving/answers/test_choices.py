"""An option changes what it states and what follows from it, and leaves the rest as entered."""

from __future__ import annotations

from typing import Any

import pytest

from features.field import specs
from features.products import CONSTRUCT, PRODUCTS
from features.rules import patient_contradictions
from features.schema import Patient
from serving.answers.choices import CHANGEABLE, OPTION_FIELDS, changed_patient
from tests.bundles import PATIENT

OBE_CEL: dict[str, Any] = {
    **{name: value for name, value in PATIENT.items() if name != "dose_1e6_per_kg"},
    "product": "obecabtagene",
    "costimulatory_domain": "4_1bb",
    "split_dose": True,
    "dose_total_1e6": 420.0,
    "weight_kg": 70.0,
}
"""A patient who gets 6 x 10^6 cells/kg in parts."""


def changes(patient: dict[str, Any], option: dict[str, Any]) -> dict[str, Any]:
    """List what an option changes."""
    changed = changed_patient(patient, option)
    return {name: value for name, value in changed.items() if value != patient.get(name)}


def test_every_choice_is_a_field_and_named_once() -> None:
    """Names in one place; what describes a choice more closely is no choice by itself."""
    assert set(OPTION_FIELDS) <= set(specs(Patient))
    assert len(OPTION_FIELDS) == len(set(OPTION_FIELDS))
    assert set(CHANGEABLE).isdisjoint(CONSTRUCT)


@pytest.mark.parametrize(
    "option",
    [{"product": "obecabtagene"}, {"split_dose": True}, {"dose_total_1e6": 420.0}, {"mrd_pct": None}],
)
def test_an_option_that_states_what_was_entered_changes_nothing(option: dict[str, Any]) -> None:
    """Nothing follows from it either."""
    assert changes(OBE_CEL, option) == {}


def test_a_dose_per_kg_takes_the_total_dose_with_it() -> None:
    """By the weight, so that a split dose keeps its sum; weight is a fact and stays."""
    assert changes(OBE_CEL, {"dose_1e6_per_kg": 0.3}) == {"dose_1e6_per_kg": 0.3, "dose_total_1e6": 21.0}


def test_without_a_weight_the_total_dose_is_in_proportion() -> None:
    """Half the dose per kg is half of the cells."""
    patient = {**PATIENT, "dose_total_1e6": 80.0}
    assert changes(patient, {"dose_1e6_per_kg": 0.5}) == {"dose_1e6_per_kg": 0.5, "dose_total_1e6": 40.0}


def test_a_total_dose_that_was_not_entered_does_not_appear() -> None:
    """The dose per kg is all that models read."""
    assert changes({**PATIENT, "weight_kg": 70.0}, {"dose_1e6_per_kg": 0.5}) == {"dose_1e6_per_kg": 0.5}


def test_a_dose_that_becomes_unknown_takes_the_total_with_it() -> None:
    """It would be derived again otherwise."""
    patient = {**OBE_CEL, "dose_1e6_per_kg": 6.0}
    assert changes(patient, {"dose_1e6_per_kg": None}) == {"dose_1e6_per_kg": None, "dose_total_1e6": None}


def test_a_total_dose_is_divided_by_the_weight() -> None:
    """The dose per kg as entered belongs to the earlier total."""
    patient = {**PATIENT, "weight_kg": 70.0}
    assert changes(patient, {"dose_total_1e6": 35.0}) == {"dose_1e6_per_kg": None, "dose_total_1e6": 35.0}
    stated = {"dose_total_1e6": 35.0, "dose_1e6_per_kg": 0.5}
    assert changes(patient, stated) == stated
    assert changes(OBE_CEL, {"dose_total_1e6": None}) == {"dose_total_1e6": None}


def test_another_product_brings_its_construct_schedule_and_dose() -> None:
    """What contradicts it follows; a blank schedule is that of the label."""
    assert changes(OBE_CEL, {"product": "brexucabtagene"}) == {
        "product": "brexucabtagene",
        "costimulatory_domain": "cd28",
        "split_dose": None,
        "dose_1e6_per_kg": 1.0,
        "dose_total_1e6": 70.0,
    }


def test_what_was_not_entered_does_not_follow() -> None:
    """A construct that is unknown contradicts nothing; products with one usual dose keep the dose."""
    assert changes(PATIENT, {"product": "brexucabtagene"}) == {"product": "brexucabtagene"}


def test_an_option_may_state_what_would_follow() -> None:
    """A construct that is not that of the product is left for the check."""
    option = {"product": "brexucabtagene", "dose_1e6_per_kg": 2.0, "costimulatory_domain": "4_1bb"}
    changed = changed_patient(OBE_CEL, option)
    assert [changed[name] for name in option] == list(option.values())
    assert (changed["dose_total_1e6"], changed["split_dose"]) == (140.0, None)


@pytest.mark.parametrize("product", ["academic", "other", None])
def test_a_product_that_is_not_listed_fixes_nothing(product: str | None) -> None:
    """Construct and schedule stay as entered; a product of unknown dose keeps it."""
    changed = changes(OBE_CEL, {"product": product})
    dose = {"dose_1e6_per_kg": 1.0, "dose_total_1e6": 70.0} if product else {}
    assert changed == {"product": product} | dose


def test_a_total_dose_of_another_product_needs_the_weight_or_is_given_at_the_usual_dose() -> None:
    """With a weight it is divided by it."""
    option = {"product": "obecabtagene", "dose_total_1e6": 410.0}
    weighed, not_weighed = (
        changed_patient({**PATIENT, **weight}, option) for weight in ({"weight_kg": 70}, {})
    )
    assert weighed["dose_1e6_per_kg"] is None
    assert not_weighed["dose_1e6_per_kg"] == PRODUCTS["obecabtagene"].usual_dose_1e6_per_kg


def test_a_dose_that_is_split_gets_its_sum_where_the_weight_is_known() -> None:
    """Otherwise the option must state it."""
    weighed = {**PATIENT, "weight_kg": 70.0}
    assert changes(weighed, {"split_dose": True}) == {"split_dose": True, "dose_total_1e6": 70.0}
    assert changes(PATIENT, {"split_dose": True}) == {"split_dose": True}


def test_another_blast_count_makes_mrd_unknown() -> None:
    """MRD was measured in the earlier sample; the option may state the new one."""
    patient = {**PATIENT, "mrd_pct": 40.0}
    assert changes(patient, {"marrow_blasts_pct": 2.0}) == {"marrow_blasts_pct": 2.0, "mrd_pct": None}
    both = {"marrow_blasts_pct": 2.0, "mrd_pct": 0.5}
    assert changes(patient, both) == both
    assert changes(PATIENT, {"marrow_blasts_pct": 2.0}) == {"marrow_blasts_pct": 2.0}


@pytest.mark.parametrize("before", [*PRODUCTS, None])
@pytest.mark.parametrize("after", PRODUCTS)
def test_no_listed_product_contradicts_another(before: str | None, after: str) -> None:
    """Whatever was entered for the first one, the second one alone is a right option."""
    listed = PRODUCTS.get(before or "")
    construct = {name: getattr(listed, name) for name in CONSTRUCT} if listed else {}
    patient = {**OBE_CEL, "product": before, **construct}
    changed = changed_patient(patient, {"product": after})
    assert patient_contradictions(changed, dose=specs(Patient)["dose_1e6_per_kg"], dose_needed=True) == []


def test_the_name_belongs_to_the_product_as_entered() -> None:
    """With another product it would contradict, or name the wrong one."""
    named = {"product": "other", "product_name": "CART22-65s"}
    assert changed_patient(named, {"product": "obecabtagene"})["product_name"] is None
    assert changed_patient(named, {"product": None})["product_name"] is None
    assert changed_patient(named, {"fludarabine_mg_m2": 90.0})["product_name"] == "CART22-65s"
