"""How a term reads its fields follows from its formula, and is what the term computes."""

from __future__ import annotations

from typing import Any

import pytest

from features.field import specs
from features.predictors import predictors
from features.schema import Patient
from features.term_conditions import Cut, Reading, term_readings
from features.term_formulas import TERM_FORMULAS
from features.terms import KNOWN_TERMS
from tests.bundles import PATIENT

FULL: dict[str, Any] = PATIENT | {
    "sex": "male",
    "diagnosis": "b_all",
    "prior_inotuzumab": True,
    "inotuzumab_response": "nonresponder",
    "refractory_to_last_line": False,
    "prior_allo_hsct": True,
    "months_from_hsct_to_relapse": 9.0,
    "neurologic_comorbidity": False,
    "mrd_pct": 12.0,
    "product": "academic",
    "split_dose": False,
    "dose_total_1e6": 90.0,
    "prior_car_t": False,
    "ecog": 1,
    "kmt2a_rearranged": False,
    "ph_positive": False,
    "tp53_altered": False,
    "extramedullary_disease": False,
    "cns_status": "cns1",
    "bridging_therapy": True,
    "ldh_u_l": 300.0,
    "creatinine_mg_dl": 0.9,
    "crp_mg_l": 12.0,
    "platelets_1e9_l": 45.0,
    "costimulatory_domain": "4_1bb",
    "cell_source": "autologous",
    "fludarabine_mg_m2": 90.0,
    "tocilizumab_prophylaxis": False,
}
"""A patient of whom every input of every term is known."""


def value_of(term: str, row: dict[str, Any]) -> float:
    return float(KNOWN_TERMS[term].compute(predictors([row]))[0])


def changed(name: str) -> list[Any]:
    """Other values of a field."""
    spec = specs(Patient)[name]
    if spec.kind == "boolean":
        return [True, False]
    if spec.options:
        return list(spec.options)
    assert spec.low is not None
    assert spec.high is not None
    return [spec.low + share * (spec.high - spec.low) for share in (0.1, 0.35, 0.8)]


@pytest.mark.parametrize("term", KNOWN_TERMS)
def test_a_term_reads_its_inputs_and_no_other_field(term: str) -> None:
    """The formula names what the computation takes."""
    assert set(term_readings(term)) == set(KNOWN_TERMS[term].reads)


@pytest.mark.parametrize("term", KNOWN_TERMS)
def test_a_field_read_by_value_changes_its_term_with_every_value(term: str) -> None:
    """One that is read by cuts or options has fewer different terms than values, where those allow it."""
    for name, reading in term_readings(term).items():
        found = {value_of(term, FULL | {name: value}) for value in changed(name)}
        if reading.by_value:
            assert len(found) == len(changed(name)), name
        else:
            assert len(found) <= 1 + len(reading.cuts) + len(reading.options), name


@pytest.mark.parametrize("term", KNOWN_TERMS)
def test_a_cut_is_where_the_term_changes(term: str) -> None:
    """Just below, at and just above it: the value at the cut lies on the side that the cut says."""
    for name, reading in term_readings(term).items():
        for cut in reading.cuts:
            at, above = (value_of(term, FULL | {name: value}) for value in (cut.at, cut.at + 1e-6))
            assert (at == above) is cut.included
            if cut.at > (specs(Patient)[name].low or 0):
                below = value_of(term, FULL | {name: cut.at - 1e-6})
                assert below != above
                assert (at == below) is not cut.included


def test_readings_join() -> None:
    """Read by value once is read by value."""
    cuts = Reading(cuts=frozenset({Cut(5.0, included=True)}))
    assert (cuts | Reading(options=frozenset({"cd19"}))) == Reading(False, cuts.cuts, frozenset({"cd19"}))
    assert (cuts | Reading(by_value=True)).by_value


@pytest.mark.parametrize(
    "formula",
    [
        "1 if age_years > prior_lines else 0",
        "1 if ecog == 2 else 0",
        "1 if 18 <= age_years else 0",
        "1 if age_years < 25 < 2 * age_years else 0",
    ],
)
def test_a_comparison_that_is_no_cut_is_read_by_value(formula: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another field, with one number, from the other side, or chained: every value may matter."""
    monkeypatch.setitem(TERM_FORMULAS, formula, formula)  # type: ignore[arg-type]
    readings = term_readings(formula)
    assert readings
    assert all(reading == Reading(by_value=True) for reading in readings.values())
