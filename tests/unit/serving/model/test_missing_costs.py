"""What not knowing an input costs: by how much its draws widen the headline interval."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.columns import Values
from features.disease_burden import HIGH_BURDEN_SHARE, high_burden_share
from features.log_odds import expit
from features.predictors import predictors
from features.terms import TERMS
from serving.model.composed_risk import Composition
from serving.model.linear_part import LinearPart
from serving.model.missing_costs import narrowing, used_rows
from serving.model.replicates import Replicates
from serving.model.risk_model import RiskModel
from tests.bundles import linear_part, patients, risk_model

N_REPLICATES = 60


def model_of(*names: str, effects: dict[str, float] | None = None, noise: float = 0.1) -> RiskModel:
    """Make a model of the terms named; effects of 0.5 unless told."""
    linear = linear_part({name: (effects or {}).get(name, 0.5) for name in names or tuple(TERMS)})
    rng = np.random.default_rng(8)
    shape = (N_REPLICATES, len(linear.terms))
    replicates = Replicates(
        intercepts=-1.0 + rng.normal(0, noise, (N_REPLICATES, 1)),
        coefficients=linear.coefficients * (1 + rng.normal(0, noise, shape)),
        missing=rng.random((N_REPLICATES, len(linear.fields))),
    )
    return RiskModel("severe_crs", "anchored", (30,), np.array([-1.0]), linear, None, replicates)


def width(model: RiskModel, rows: list[dict[str, Any]]) -> Values:
    """Width of the headline interval as it is answered."""
    low, high = model.interval(predictors(rows))
    return (high - low)[:, 0]


def parts(model: RiskModel) -> tuple[LinearPart, Replicates]:
    assert model.linear is not None
    assert model.replicates is not None
    return model.linear, model.replicates


def test_a_known_row_has_no_cost_and_a_missing_one_none_below_nought() -> None:
    """Of every term, over patients of whom more or less is known, burden too."""
    model, rows = model_of(), patients(80, np.random.default_rng(1), missing=0.5)
    for row in rows[::3]:
        del row["marrow_blasts_pct"]
    linear, _ = parts(model)
    cohort = predictors(rows)
    found = narrowing(model, cohort)
    missing = np.isnan(linear.matrix(cohort))
    for place, field in enumerate(linear.fields):
        terms = [at for at, parent in enumerate(linear.parents) if parent == field]
        assert (missing[:, terms] == ~np.isnan(found[:, [place]])).all()
    assert np.nanmin(found) >= 0
    assert (np.nan_to_num(found) <= width(model, rows)[:, None]).all()


def test_a_field_without_an_effect_costs_nothing() -> None:
    """To the last bit."""
    model = model_of("log2_ferritin", "age", effects={"log2_ferritin": 0.0})
    assert narrowing(model, predictors([{"age_years": 40.0}])).tolist()[0][0] == 0.0


def test_the_cost_of_one_term_worked_by_hand() -> None:
    """Four replicates of one coefficient 1: ferritin is all there is to know.

    Log2 ferritin is drawn at the quartiles and 0.8413 of a normal with a spread of 1: 0.6745 below, at,
    0.6745 above and 1 above the expected 10, where the term is centered. Known at that, the replicates
    agree, and the interval is a point.
    """
    linear = replace(
        linear_part({"log2_ferritin": 1.0}),
        spread=np.array([1.0]),
        centre=np.array([10.0]),
        low_burden=np.array([10.0]),
        high_burden=np.array([10.0]),
    )
    draws = np.array([[0.25], [0.5], [0.75], [0.841345]])
    replicates = Replicates(intercepts=np.full((4, 1), -1.0), coefficients=np.ones((4, 1)), missing=draws)
    model = RiskModel("severe_crs", "anchored", (30,), np.array([-1.0]), linear, None, replicates)
    patient = predictors([{"marrow_blasts_pct": 60.0}])
    risks = expit(np.array([-1.6745, -1.0, -0.3255, 0.0]))
    low, high = risks[0] + 0.15 * (risks[1] - risks[0]), risks[2] + 0.85 * (risks[3] - risks[2])
    assert narrowing(model, patient)[0, 0] == pytest.approx(high - low, abs=1e-4)


@pytest.mark.parametrize("blasts", [1.0, 60.0, None])
def test_filling_in_the_expected_value_narrows_as_promised(blasts: float | None) -> None:
    """The interval then answered is the promised one, whatever is known of burden and else missing."""
    model = model_of("log2_ferritin", "log2_crp", "age")
    linear, _ = parts(model)
    row: dict[str, Any] = {"age_years": 33.0} | ({} if blasts is None else {"marrow_blasts_pct": blasts})
    high = HIGH_BURDEN_SHARE if blasts is None else high_burden_share(np.array([blasts]))[0]
    expected = (1 - high) * linear.low_burden + high * linear.high_burden
    filled = row | {"ferritin_ug_l": 2 ** expected[linear.terms.index("log2_ferritin")]}
    promised = narrowing(model, predictors([row]))[0, linear.fields.index("ferritin_ug_l")]
    assert promised > 0.01
    assert width(model, [row])[0] - width(model, [filled])[0] == pytest.approx(promised, abs=1e-12)


def test_a_composite_counts_as_one_row() -> None:
    """EASIX without platelets is not known; with all three it has no cost."""
    model = model_of("log2_easix", "age")
    labs = {"age_years": 40.0, "ldh_u_l": 300.0, "creatinine_mg_dl": 0.9}
    found = narrowing(model, predictors([labs, labs | {"platelets_1e9_l": 50.0}]))
    assert found[0, 0] > 0.01
    assert np.isnan(found[1, 0])


def test_alone_and_among_others_the_cost_is_the_same() -> None:
    """Within 1e-9, trees or not."""
    for model in (model_of(), risk_model("relapse", np.random.default_rng(3), trees=True)):
        rows = patients(25, np.random.default_rng(2), missing=0.6)
        together = narrowing(model, predictors(rows))
        alone = np.vstack([narrowing(model, predictors([row])) for row in rows])
        np.testing.assert_allclose(alone, together, atol=1e-9)


def test_without_a_linear_part_nothing_is_listed() -> None:
    """What trees do with a missing value is not drawn."""
    model = replace(risk_model("relapse", np.random.default_rng(3), trees=True), linear=None)
    assert narrowing(model, predictors([{"age_years": 40.0}])).shape == (1, 0)
    assert narrowing(replace(model_of(), replicates=None), predictors([{}])).shape == (1, 0)
    assert used_rows(model).shape == used_rows(replace(model_of(), replicates=None)).shape == (0,)


def test_a_patient_of_whom_all_is_known_costs_nothing() -> None:
    """No row is missing, so none is told."""
    found = narrowing(
        model_of("age", "log2_ferritin"), predictors([{"age_years": 30.0, "ferritin_ug_l": 900.0}])
    )
    assert np.isnan(found).all()


def test_a_part_without_a_linear_part_has_nothing_to_fill_in() -> None:
    """Knowing a field narrows a composed risk by the model's own terms; the part's risk is one for all."""
    own, given = model_of("age"), replace(model_of(), outcome="relapse", linear=None)
    nothing = np.zeros((N_REPLICATES, 0))
    given = replace(given, replicates=replace(parts(own)[1], coefficients=nothing, missing=nothing))
    composed = replace(own, composition=Composition(given, happened=True))
    costs = narrowing(composed, predictors([{}]))
    assert costs.shape == (1, len(parts(own)[0].fields))
    assert (costs > 0).any()
    np.testing.assert_array_equal(used_rows(composed), used_rows(own))
