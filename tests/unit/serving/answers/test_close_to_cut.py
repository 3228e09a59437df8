"""A value close to a cut is stated; models without cuts state nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xgboost

from features.columns import Columns
from features.predictors import predictors
from serving.answers.close_to_cut import CloseToCut, close_to_cut, nearby
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.risk_model import RiskModel
from serving.model.trees import TreePart, tree_matrix
from tests.bundles import N_REPLICATES, PATIENT, linear_part, patients, risk_model


def stump(field: str, cut: float) -> RiskModel:
    """Make a model of relapse whose only tree splits one field near a value."""
    rows = [{field: value} for value in np.linspace(0.5 * cut, 1.5 * cut, 101).tolist()]
    label = [float(row[field] >= cut) for row in rows]
    train = xgboost.DMatrix(tree_matrix(predictors(rows)), label=label, nthread=1)
    settings = {"objective": "binary:logistic", "max_depth": 1, "eta": 1.0, "base_score": 0.5, "nthread": 1}
    booster = bytes(xgboost.train(settings, train, num_boost_round=1).save_raw("ubj"))
    model, no_terms = risk_model("relapse", np.random.default_rng(1)), np.zeros((N_REPLICATES, 0))
    assert model.replicates is not None
    replicates = replace(model.replicates, coefficients=no_terms, missing=no_terms)
    means = np.zeros(tree_matrix(predictors(rows)).shape[1])
    return replace(model, linear=None, trees=TreePart(booster, means), replicates=replicates)


def close(model: RiskModel, rows: list[dict[str, Any]], *fields: str) -> list[list[CloseToCut]]:
    """Evaluate a model alone."""
    return close_of({"relapse": model}, predictors(rows), fields)


def close_of(models: dict[str, RiskModel], cohort: Columns, fields: Sequence[str]) -> list[list[CloseToCut]]:
    """Evaluate models by their own arithmetic."""
    near, n = nearby(cohort, fields), len(cohort)
    risk = {name: model.risk(near.patients)[:, 0] for name, model in models.items()}
    return close_to_cut(
        near, {name: each[:n] for name, each in risk.items()}, {name: each[n:] for name, each in risk.items()}
    )


def test_a_cut_of_trees_is_stated_on_either_side() -> None:
    """The neighbor across the cut with its risk; farther away nothing."""
    model = stump("ferritin_ug_l", 1000.0)
    rows = [{"ferritin_ug_l": value} for value in (980.0, 1020.0, 900.0, 1200.0)]
    below, above, low, high = close(model, rows, "ferritin_ug_l")
    risk = model.risk(predictors(rows))[:, 0]
    assert [(each.field, each.outcome) for each in below + above] == [("ferritin_ug_l", "relapse")] * 2
    assert (below[0].value, above[0].value) == (pytest.approx(1029.0), pytest.approx(969.0))
    assert (below[0].risk, above[0].risk) == (pytest.approx(risk[1]), pytest.approx(risk[0]))
    assert low == high == []


def test_a_whole_number_is_changed_by_one() -> None:
    """Three lines are one from four."""
    rows = [{"prior_lines": 3}, {"prior_lines": 1}]
    near, far = close(stump("prior_lines", 3.5), rows, "prior_lines")
    assert [(each.field, each.value) for each in near] == [("prior_lines", 4.0)]
    assert far == []


def test_a_dose_given_by_weight_is_changed_as_a_dose_per_kg() -> None:
    """Which is what models read."""
    rows = [{"dose_total_1e6": 99.0, "weight_kg": 100.0}]
    (near,) = close(stump("dose_1e6_per_kg", 1.0), rows, "dose_1e6_per_kg")
    assert [(each.field, each.value) for each in near] == [("dose_1e6_per_kg", pytest.approx(1.0395))]


def test_what_is_unknown_or_moves_nothing_is_not_changed() -> None:
    """Nor is a value changed beyond its limits."""
    model = stump("ferritin_ug_l", 1000.0)
    assert close(model, [{}, {"ferritin_ug_l": 1.0}], "ferritin_ug_l") == [[], []]
    assert close(model, [{"ferritin_ug_l": 980.0}], "mrd_pct") == [[]]
    assert close(model, [{"ferritin_ug_l": 980.0}]) == [[]]


def test_the_largest_move_comes_first(bundle: Bundle) -> None:
    """Two cuts of one patient."""
    model = bundle.models["severe_crs"]
    terms = replace(model, linear=linear_part({"high_burden": 1.1, "fludarabine": 0.0}), replicates=None)
    cohort = predictors([{"marrow_blasts_pct": 4.9, "ferritin_ug_l": 980.0}])
    models = {"severe_crs": replace(terms, without_sources=()), "relapse": stump("ferritin_ug_l", 1000.0)}
    risk = {name: each.risk(cohort)[:, 0] for name, each in models.items()}
    (listed,) = close_of(models, cohort, ["marrow_blasts_pct", "ferritin_ug_l"])
    moves = [abs(each.risk - risk[each.outcome][0]) for each in listed]
    assert {each.field for each in listed} == {"marrow_blasts_pct", "ferritin_ug_l"}
    assert moves == sorted(moves, reverse=True)


def test_an_answer_names_the_main_outcomes_that_are_close(bundle: Bundle) -> None:
    """A step at 5 % blasts is one; models that change gradually have none."""
    (near,) = Scorer(bundle).answers([PATIENT | {"marrow_blasts_pct": 4.9}])
    assert {(each.field, each.value) for each in near.close_to_cut} == {("marrow_blasts_pct", 4.9 * 1.05)}
    gradual = linear_part({"disease_burden": 1.1, "age": 0.3, "log2_relative_dose": 0.5})
    model = replace(bundle.models["severe_crs"], linear=gradual, replicates=None, without_sources=())
    rows = predictors(patients(50, np.random.default_rng(2)))
    fields = ["marrow_blasts_pct", "age_years", "dose_1e6_per_kg", "mrd_pct"]
    assert close_of({"severe_crs": model}, rows, fields) == [[] for _ in range(50)]
