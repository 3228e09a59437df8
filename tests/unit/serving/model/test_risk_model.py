"""The number that is shown is the number that is explained."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shap
import xgboost

from features.columns import Columns, Values
from features.log_odds import expit, logit
from features.predictors import predictors
from features.terms import KNOWN_TERMS, term_matrix
from serving.model.linear_part import LinearPart
from serving.model.risk_model import RiskModel
from serving.model.trees import raw_contributions, read_booster, tree_matrix
from tests.bundles import PATIENT, patients, risk_model


@pytest.fixture
def model() -> RiskModel:
    """Linear part, trees and 20 replicates; four horizons."""
    return risk_model("relapse", np.random.default_rng(5), trees=True)


def test_contributions_add_up_to_the_risk(model: RiskModel) -> None:
    """Reference and contributions give logit(risk) within 1e-6, missing inputs or not."""
    cohort = predictors(patients(200, np.random.default_rng(1)))
    explanation = model.explain(cohort)
    total = explanation.reference + explanation.contributions.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(logit(model.risk(cohort)), total, atol=1e-6)


def test_risk_never_falls_with_the_horizon(model: RiskModel) -> None:
    """One curve: the horizons differ by their references alone."""
    risk = model.risk(predictors(patients(200, np.random.default_rng(2))))
    in_time = risk[:, np.argsort(model.horizons_days)]
    assert (np.diff(in_time, axis=1) > 0).all()


def test_tree_contributions_are_exact_shapley_values(model: RiskModel) -> None:
    """As the shap package computes them, less their mean over the training cohort."""
    cohort = predictors(patients(100, np.random.default_rng(3)))
    assert model.trees is not None
    explainer = shap.TreeExplainer(model.trees.booster)
    theirs = explainer.shap_values(tree_matrix(cohort)) - model.trees.mean_contributions
    np.testing.assert_allclose(model.trees.contributions(cohort), theirs, atol=1e-5)


def test_linear_contributions_are_exact_shapley_values(model: RiskModel) -> None:
    """As the shap package computes them with the centre as background."""
    linear = model.linear
    assert linear is not None
    cohort = predictors(patients(50, np.random.default_rng(4), missing=0))
    matrix = term_matrix(cohort, linear.terms)
    explainer = shap.LinearExplainer((linear.coefficients, 0.0), linear.centre[None])
    explanation = dataclasses.replace(model, trees=None).explain(cohort)
    ours = explanation.contributions[:, [_place(linear, place) for place in range(len(linear.terms))]]
    np.testing.assert_allclose(ours, explainer.shap_values(matrix), atol=1e-9)


def test_published_and_local_make_the_whole(model: RiskModel) -> None:
    """Half of each coefficient is published here, and nothing of the trees."""
    explanation = dataclasses.replace(model, trees=None).explain(predictors([PATIENT]))
    np.testing.assert_allclose(explanation.published, explanation.contributions / 2)


def test_one_row_is_answered_as_in_a_batch(model: RiskModel) -> None:
    """Within 1e-9: risks, ends of the interval, contributions."""
    rows = patients(60, np.random.default_rng(7))
    together = predictors(rows)
    for place in range(0, 60, 7):
        alone = predictors([rows[place]])
        np.testing.assert_allclose(model.risk(alone)[0], model.risk(together)[place], atol=1e-9)
        np.testing.assert_allclose(
            np.array(model.interval(alone))[:, 0], np.array(model.interval(together))[:, place], atol=1e-9
        )


def test_an_unknown_patient_has_a_risk(model: RiskModel) -> None:
    """With nothing known the linear part is at the reference, since the centre is what is expected."""
    nobody = predictors([{}])
    linear = dataclasses.replace(model, trees=None, replicates=None)
    np.testing.assert_allclose(linear.risk(nobody)[0], expit(model.reference), atol=1e-9)
    assert np.isfinite(model.risk(nobody)).all()


def test_the_risk_lies_in_its_interval(model: RiskModel) -> None:
    """Always, also where the replicates lie to one side."""
    cohort = predictors(patients(100, np.random.default_rng(8)))
    low, high = model.interval(cohort)
    risk = model.risk(cohort)
    assert ((low <= risk) & (risk <= high)).all()
    assert (low < high).all()


def test_a_known_risk_gives_the_same_interval(model: RiskModel) -> None:
    """It is only spared, not used otherwise."""
    cohort = predictors(patients(5, np.random.default_rng(9)))
    known = model.interval(cohort, risk=model.risk(cohort))
    np.testing.assert_array_equal(known, model.interval(cohort))


def test_without_replicates_there_is_no_interval(model: RiskModel) -> None:
    """The message names model and outcome."""
    bare = dataclasses.replace(model, replicates=None)
    with pytest.raises(
        ValueError, match=r"^the anchored model of relapse has no replicates, so no interval$"
    ):
        bare.interval(predictors([PATIENT]))


def test_a_model_of_references_alone_answers() -> None:
    """What prevalence is: no linear part, no trees, no contributions."""
    bare = RiskModel("severe_crs", "prevalence", (30,), np.array([-1.0]))
    explanation = bare.explain(predictors([PATIENT, PATIENT]))
    assert explanation.contributions.shape == (2, 0)
    np.testing.assert_allclose(bare.risk(predictors([PATIENT])), [[1 / (1 + np.e)]])


def test_raw_contributions_and_bias_make_the_margin(model: RiskModel) -> None:
    """Margin less contributions is the same number for everyone."""
    cohort = predictors(patients(30, np.random.default_rng(10)))
    assert model.trees is not None
    rest = _margin(model.trees.ubj, cohort) - raw_contributions(model.trees.booster, cohort).sum(axis=1)
    assert np.ptp(rest) < 1e-5


def _margin(ubj: bytes, cohort: Columns) -> Values:
    matrix = xgboost.DMatrix(tree_matrix(cohort), nthread=1)
    return read_booster(ubj).predict(matrix, output_margin=True).astype(float)


def _place(linear: LinearPart, place: int) -> int:
    """Position of a term's explanation row; every term here has a row of its own."""
    rows = list(dict.fromkeys(KNOWN_TERMS[name].field for name in linear.terms))
    return rows.index(KNOWN_TERMS[linear.terms[place]].field)


def test_a_model_with_trees_answers_without_xgboost(tmp_path: Path) -> None:
    """XGBoost brings scikit-learn and scipy along: seconds and 100 MB that an answer does not need."""
    file = tmp_path / "model.pickle"
    file.write_bytes(pickle.dumps(risk_model("relapse", np.random.default_rng(5), trees=True)))
    code = f"""
import pickle, sys
from pathlib import Path
from features.predictors import predictors
model = pickle.loads(Path({str(file)!r}).read_bytes())
model.interval(predictors([{PATIENT!r}]))
print(*(name for name in ("xgboost", "treelite", "sklearn", "scipy") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
