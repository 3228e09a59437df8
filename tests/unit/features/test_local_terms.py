"""Terms of numbers that no study speaks of."""

from __future__ import annotations

import numpy as np
import pytest

from features.expected_terms import reference_profile
from features.field import specs
from features.local_terms import lowest, terms_of_unread
from features.predictors import DOSE_INPUTS, predictors
from features.schema import Patient
from features.terms import KNOWN_TERMS, LOCAL_TERMS, TERMS, term_matrix
from features.usual_values import USUAL


def test_every_number_of_the_schema_is_read_by_a_term() -> None:
    """But for total dose and weight, which only stand for the dose per kg."""
    read = {field for term in (*TERMS.values(), *LOCAL_TERMS.values()) for field in term.reads}
    numbers = {name for name, spec in specs(Patient).items() if spec.kind in ("number", "integer")}
    assert numbers - read == {*DOSE_INPUTS}


def test_no_number_is_read_twice() -> None:
    """A term of the evidence leaves nothing for a second one of the same number."""
    read = {field for term in TERMS.values() for field in term.reads}
    assert not read & {term.field for term in LOCAL_TERMS.values()}
    assert set(LOCAL_TERMS) <= set(KNOWN_TERMS)
    assert not set(LOCAL_TERMS) & set(TERMS)


def test_a_number_whose_term_is_left_out_gets_one_of_its_own() -> None:
    """The rule follows the schema and the other terms; no column is named in it."""
    without = [term for name, term in TERMS.items() if name != "log2_ferritin"]
    assert {term.field for term in terms_of_unread(without)} - {
        term.field for term in LOCAL_TERMS.values()
    } == {"ferritin_ug_l"}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("hemoglobin_g_dl", 8.0, 3.0),
        ("anc_1e9_l", 0.0, np.log2(0.11)),
        ("anc_1e9_l", 0.05, np.log2(0.11)),
        ("cyclophosphamide_mg_m2", 0.0, np.log2(330.0)),
    ],
)
def test_values_worked_by_hand(field: str, value: float, expected: float) -> None:
    """A doubling is one unit; 0 and what is nearly 0 count as the lowest usual value."""
    found = term_matrix(predictors([{field: value}]), (f"log2_{field}",))[0, 0]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("name", LOCAL_TERMS)
def test_the_reference_profile_has_the_usual_values(name: str) -> None:
    """Center and spread are those by which units are checked, in doublings."""
    usual, profile = USUAL[LOCAL_TERMS[name].field], reference_profile((name,))
    assert profile.centre[0] == pytest.approx(np.log2(usual.median), abs=0.005)
    assert profile.spread[0] == pytest.approx(np.hypot(usual.spread, usual.between) / np.log(2), abs=0.005)


@pytest.mark.parametrize("name", LOCAL_TERMS)
def test_no_value_is_far_below(name: str) -> None:
    """Two standard deviations, whatever was entered; a missing value stays missing."""
    term, profile = LOCAL_TERMS[name], reference_profile((name,))
    low = specs(Patient)[term.field].low
    least, missing = term_matrix(predictors([{term.field: low}, {}]), (name,))[:, 0]
    assert least == np.log2(lowest(term.field))
    assert (least - profile.centre[0]) / profile.spread[0] == pytest.approx(-2.0, abs=0.1)
    assert np.isnan(missing)
