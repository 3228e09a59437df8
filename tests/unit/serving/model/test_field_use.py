"""Whether and how a model uses a field: as its own answers show when the field is changed."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.field import FieldSpec, specs
from features.predictors import predictors
from features.schema import Patient
from features.term_conditions import term_readings
from features.terms import TERMS
from serving.answers.card import model_card
from serving.answers.choices import CHANGEABLE
from serving.answers.scorer import Scorer
from serving.http.form import form
from serving.model.bundle import Bundle
from serving.model.field_use import FieldUse, field_use, used_fields
from serving.model.replicates import Replicates
from serving.model.risk_model import RiskModel
from tests.bundles import PATIENT, linear_part, patients, risk_model

N_REPLICATES = 12


def linear_model(
    effects: dict[str, float], drawn: dict[str, float] | None = None, *, method: str = "anchored"
) -> RiskModel:
    """Make a model of terms; in replicates the coefficients vary, and those of `drawn` are not 0."""
    linear = linear_part(effects)
    rng = np.random.default_rng(4)
    spread = np.array([(drawn or {}).get(name, 0.1 * abs(effect)) for name, effect in effects.items()])
    replicates = Replicates(
        intercepts=-1.0 + rng.normal(0, 0.1, (N_REPLICATES, 1)),
        coefficients=linear.coefficients + spread * rng.normal(size=(N_REPLICATES, len(effects))),
        missing=rng.random((N_REPLICATES, len(linear.fields))),
    )
    return RiskModel("severe_crs", method, (30,), np.array([-1.0]), linear, None, replicates)


def trees_alone() -> RiskModel:
    """Make what boosting alone gives: no term."""
    model = risk_model("relapse", np.random.default_rng(3), trees=True)
    assert model.replicates is not None
    no_terms = np.zeros((len(model.replicates), 0))
    replicates = replace(model.replicates, coefficients=no_terms, missing=no_terms)
    return replace(model, linear=None, replicates=replicates, method="xgboost")


MODELS: dict[str, RiskModel] = {
    "few terms": linear_model({"age": -0.2, "fludarabine": 0.8, "cns3": 0.7, "log2_crp": 0.3}),
    "every term": linear_model({name: 0.3 + 0.01 * at for at, name in enumerate(TERMS)}, method="ridge"),
    "prior alone": linear_model({"age": 0.0, "high_burden": 1.0, "ecog": 0.0}, {"age": 0.3}),
    "trees alone": trees_alone(),
    "terms and trees": risk_model("relapse", np.random.default_rng(3), trees=True),
    "no signal": RiskModel("severe_crs", "prevalence", (30,), np.array([-1.0])),
}


def uses(model: RiskModel) -> dict[str, FieldUse]:
    return field_use(model.readings)


def values_of(spec: FieldSpec) -> list[Any]:
    """Values all over a field, and that it is not known."""
    if spec.kind == "boolean":
        return [True, False, None]
    if spec.options:
        return [*spec.options, None]
    assert spec.low is not None
    assert spec.high is not None
    shares = (0.0, 0.01, 0.2, 0.5, 0.9) if spec.name != "dose_1e6_per_kg" else (0.01, 0.02, 0.5, 0.9)
    return [*(spec.low + share * (spec.high - spec.low) for share in shares), None]


def answers(model: RiskModel, rows: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Risk and interval of rows, to 12 digits."""
    cohort = predictors(rows)
    risk = model.risk(cohort)
    if model.replicates is None:
        return risk.round(12), risk.round(12)
    return risk.round(12), np.stack(model.interval(cohort), axis=-1).round(12)


def changed(model: RiskModel, name: str, base: dict[str, Any]) -> tuple[bool, bool]:
    """Whether risk and interval depend on a field of one patient."""
    rows = [base | {name: value} for value in values_of(specs(Patient)[name])]
    risk, interval = answers(model, rows)
    return bool((risk != risk[0]).any()), bool((interval != interval[0]).any())


@pytest.mark.parametrize("kind", MODELS)
def test_an_unused_field_changes_nothing_whatever_it_is(kind: str) -> None:
    """Neither risk nor interval of any patient, known or not."""
    model = MODELS[kind]
    unused = [name for name, use in uses(model).items() if use.use == "unused"]
    assert unused or kind == "every term"
    for base in patients(6, np.random.default_rng(5)):
        for name in unused:
            assert changed(model, name, base) == (False, False), name


@pytest.mark.parametrize("kind", MODELS)
def test_a_field_used_for_the_interval_alone_moves_no_risk(kind: str) -> None:
    """Whatever its value."""
    model = MODELS[kind]
    for base in patients(6, np.random.default_rng(6)):
        for name, use in uses(model).items():
            if use.use == "interval":
                assert not changed(model, name, base)[0], name


@pytest.mark.parametrize("kind", ["few terms", "every term", "prior alone"])
def test_a_field_of_a_term_is_used_and_moves_what_it_says(kind: str) -> None:
    """Of some patient: nothing is called used that never changes anything."""
    model = MODELS[kind]
    bases = [
        {
            **row,
            **{"ldh_u_l": 300.0, "creatinine_mg_dl": 1.0, "platelets_1e9_l": 90.0},
            **{"prior_allo_hsct": True, "prior_inotuzumab": True},
        }
        for row in patients(4, np.random.default_rng(7))
    ]
    for name in used_fields(uses(model)):
        if name in ("dose_total_1e6", "weight_kg"):
            continue
        found = [changed(model, name, base) for base in bases]
        assert any(interval for _, interval in found), name
        assert any(risk for risk, _ in found) is (uses(model)[name].use != "interval"), name


@pytest.mark.parametrize("kind", MODELS)
def test_within_a_group_no_risk_differs_and_between_groups_one_does(kind: str) -> None:
    """Both ends of a group that belong to it, and its own value to ask with."""
    model = MODELS[kind]
    base: dict[str, Any] = {**PATIENT, "cns_status": "cns1", "fludarabine_mg_m2": 90.0}
    base |= {"prior_allo_hsct": True, "prior_inotuzumab": True}
    for name, use in uses(model).items():
        risks = []
        for group in use.groups:
            ends = [
                end
                for end, there in ((group.low, group.low_included), (group.high, group.high_included))
                if there and end is not None
            ]
            inside = [group.value, *group.options, *ends]
            risk, _ = answers(model, [base | {name: value} for value in inside])
            assert (risk == risk[0]).all(), name
            risks.append(float(risk[0, 0]))
        assert len(set(risks)) == len(risks), name


@pytest.mark.parametrize("name", specs(Patient))
def test_the_groups_of_a_field_hold_each_value_once(name: str) -> None:
    """Options in one group each; numbers from limit to limit without a gap."""
    spec = specs(Patient)[name]
    for model in MODELS.values():
        groups = uses(model)[name].groups
        if not groups:
            continue
        if spec.options:
            assert sorted(option for group in groups for option in group.options) == sorted(spec.options)
            continue
        assert (groups[0].low, groups[-1].high) == (spec.low, spec.high)
        for one, following in itertools.pairwise(groups):
            assert one.high == following.low
            assert one.high_included is not following.low_included


def test_fludarabine_counts_as_given_or_not() -> None:
    """From the formula of its term; blasts by their cut where no other term has them; CNS3 or not."""
    few = uses(MODELS["few terms"])
    none, given = few["fludarabine_mg_m2"].groups
    assert (none.low, none.high, none.high_included, none.value) == (0, 0, True, 0)
    assert (given.low_included, given.high, given.value) == (False, 250, 125)
    assert [group.options for group in few["cns_status"].groups] == [("cns1", "cns2"), ("cns3",)]
    low, high = uses(MODELS["prior alone"])["marrow_blasts_pct"].groups
    assert (low.high, low.high_included, high.low, high.low_included) == (5, False, 5, True)
    assert uses(MODELS["every term"])["marrow_blasts_pct"].use == "value"


def test_a_coefficient_of_the_replicates_alone_is_the_intervals() -> None:
    """A term without published effect has a prior about 0: the interval knows it, the risk does not."""
    found = uses(MODELS["prior alone"])
    assert (found["age_years"].use, found["ecog"].use) == ("interval", "unused")


def test_what_no_term_has_is_unused_without_trees() -> None:
    """In a model without local terms: hemoglobin, neutrophils and cyclophosphamide."""
    found = uses(MODELS["every term"])
    inputs = {name for term in TERMS for name in term_readings(term)}
    unused = {name for name, use in found.items() if use.use == "unused"}
    assert unused == set(specs(Patient)) - inputs - {"dose_total_1e6", "weight_kg"}


def test_the_inputs_of_a_dose_are_used_with_it() -> None:
    """And without it they are not."""
    names = ("dose_1e6_per_kg", "dose_total_1e6", "weight_kg")
    assert {uses(MODELS["every term"])[name].use for name in names} == {"value"}
    assert {uses(MODELS["few terms"])[name].use for name in names} == {"unused"}


def test_burden_is_used_where_it_says_what_to_expect_of_a_missing_term() -> None:
    """CRP is higher with more disease: gradually, or from 5 % on in models of the first versions."""
    few = MODELS["few terms"]
    assert few.linear is not None
    first = replace(few, linear=replace(few.linear, gradual=False))
    assert uses(few)["marrow_blasts_pct"].use == "value"
    assert uses(first)["marrow_blasts_pct"].use == "groups"
    assert uses(MODELS["no signal"])["marrow_blasts_pct"].use == "unused"


def test_the_answer_marks_every_field(bundle: Bundle) -> None:
    """For each outcome, as its model uses it; what no outcome uses is named once more."""
    answer = Scorer(bundle).answers([PATIENT])[0]
    for outcome in answer.outcomes:
        model = bundle.models[outcome.name]
        assert outcome.field_use == {name: found.use for name, found in uses(model).items()}
    marks = [outcome.field_use for outcome in answer.outcomes]
    assert answer.unused == [name for name in specs(Patient) if all(mark[name] == "unused" for mark in marks)]
    assert {"mrd_pct", "cyclophosphamide_mg_m2"} <= set(answer.unused)


def test_a_row_without_any_effect_has_no_cost(bundle: Bundle) -> None:
    """Though its term is in the model: nothing is said of a field that is not used."""
    ecog, crp = "ecog", "crp_mg_l"
    model = linear_model({"age": 0.3, "ecog": 0.0, "log2_crp": 0.4})
    only = replace(
        bundle, models={"severe_crs": model}, summaries={"severe_crs": bundle.summaries["severe_crs"]}
    )
    answer = Scorer(only).answers([PATIENT])[0]
    assert [cost.field for cost in answer.outcomes[0].missing_costs] == [crp]
    assert ecog in answer.missing
    assert ecog in answer.unused


def test_the_card_and_the_form_say_the_same(bundle: Bundle) -> None:
    """The card of each outcome and of all; the form offers to change only what moves a risk."""
    card = model_card(bundle)
    for outcome in card.outcomes:
        assert outcome.field_use == uses(bundle.models[outcome.name])
    described = form(card.field_use)
    assert described["fields"].pop("product_name")["use"] == "name"
    for name, field in described["fields"].items():
        assert field["use"] == card.field_use[name].use
    assert described["changeable"] == [
        name for name in CHANGEABLE if card.field_use[name].use in ("value", "groups")
    ]
    assert "cyclophosphamide_mg_m2" not in described["changeable"]
    json.dumps(described)


def test_without_replicates_the_uses_of_the_model_itself_are_the_same() -> None:
    """Fields of its terms; none is used for an interval that it does not have."""
    with_interval, without = MODELS["prior alone"], replace(MODELS["prior alone"], replicates=None)
    moving = {name: use for name, use in uses(with_interval).items() if use.use not in ("interval", "unused")}
    assert {name: use for name, use in uses(without).items() if use.use != "unused"} == moving
