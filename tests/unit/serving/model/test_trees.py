"""Trees as they are answered with: exact contributions, also of trees that look at no patient or are deep."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import xgboost

from features.predictors import predictors
from serving.model.forest import forest_of
from serving.model.risk_model import RiskModel
from serving.model.trees import TREE_COLUMNS, TreePart, raw_contributions, tree_matrix
from tests.bundles import patients

COHORT = predictors(patients(6, np.random.default_rng(1)))


def grown(rounds: int) -> bytes:
    """Grow trees on patients who are all alike."""
    alike = xgboost.DMatrix(np.ones((20, len(TREE_COLUMNS))), label=np.arange(20) % 5 == 0, nthread=1)
    settings = {"objective": "binary:logistic", "base_score": 0.5, "nthread": 1}
    return bytes(xgboost.train(settings, alike, rounds).save_raw("ubj"))


@pytest.mark.parametrize("rounds", [0, 3])
def test_trees_without_a_split_say_the_same_of_everybody(rounds: int) -> None:
    """And the model says so of itself."""
    trees = TreePart(grown(rounds), np.zeros(len(TREE_COLUMNS)))
    assert trees.never_split
    assert not trees.contributions(COHORT).any()
    model = RiskModel("severe_crs", "xgboost", (30,), np.array([-1.0]), trees=trees)
    assert model.same_for_all
    assert len(np.unique(model.risk(COHORT))) == 1


def test_a_copy_for_another_process_reads_its_booster_when_it_needs_it() -> None:
    """What was worked out without xgboost goes with it; the booster itself would import xgboost there."""
    trees = TreePart(grown(3), np.zeros(len(TREE_COLUMNS)))
    assert trees.split_columns == []
    margin = trees.mean_margin
    assert "booster" in vars(trees)
    copied = pickle.loads(pickle.dumps(trees))
    assert "booster" not in vars(copied)
    assert "split_columns" in vars(copied)
    assert (copied.ubj, copied.mean_margin) == (trees.ubj, margin)


def test_replicates_without_a_round_add_nothing() -> None:
    """The number of rounds that is chosen can be none."""
    assert forest_of([grown(0), grown(0)]) is None
    forest = forest_of([grown(0), grown(3)])
    assert forest is not None
    of_rounds = forest.margins(COHORT)
    assert (of_rounds[:, 0] == 0).all()
    assert (of_rounds[:, 1] < 0).all()


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6])
def test_contributions_are_those_of_xgboost(depth: int) -> None:
    """To the last bit, by table or, of trees too deep for one, by XGBoost itself."""
    rng = np.random.default_rng(depth)
    cohort = predictors(patients(80, rng, missing=0.3))
    matrix = tree_matrix(cohort)
    settings = {"objective": "binary:logistic", "max_depth": depth, "base_score": 0.5, "nthread": 1}
    fitted = xgboost.DMatrix(matrix, label=rng.random(len(matrix)) < 0.4, nthread=1)
    booster = xgboost.train(settings, fitted, 12)
    part = TreePart(bytes(booster.save_raw("ubj")), np.zeros(len(TREE_COLUMNS)))
    np.testing.assert_array_equal(part.contributions(cohort), raw_contributions(booster, cohort))
    splits = {int(name[1:]) for name in booster.get_score(importance_type="weight")}
    assert part.split_columns == [TREE_COLUMNS[position] for position in sorted(splits)]
