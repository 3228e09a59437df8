"""A forest gives the sums of leaves that XGBoost gives, booster by booster."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import xgboost

from features.predictors import predictors
from serving.model.forest import Forest, forest_of, joined_forest
from serving.model.trees import TREE_COLUMNS, read_booster, tree_matrix
from tests.bundles import patients

COHORT = predictors(patients(90, np.random.default_rng(8), missing=0.3))


def boosters(*rounds: int, depth: int = 2, gamma: float = 0.0) -> list[bytes]:
    """Grow boosters of some numbers of trees."""
    rng = np.random.default_rng(2)
    matrix, grown = tree_matrix(COHORT), []
    settings = {"objective": "binary:logistic", "max_depth": depth, "gamma": gamma, "base_score": 0.5}
    for number in rounds:
        rows = xgboost.DMatrix(matrix, label=rng.random(len(matrix)) < 0.4, nthread=1)
        grown.append(bytes(xgboost.train({**settings, "nthread": 1}, rows, number).save_raw("ubj")))
    return grown


def forest(ubjs: list[bytes]) -> Forest:
    made = forest_of(ubjs)
    assert made is not None
    return made


def leaves(ubj: bytes) -> np.ndarray:
    """Sum the leaves of a booster, tree by tree, each as XGBoost states it: the readable definition."""
    booster, matrix = read_booster(ubj), xgboost.DMatrix(tree_matrix(COHORT), nthread=1)
    total = np.zeros(len(COHORT))
    for tree in booster:
        total += tree.predict(matrix, output_margin=True).astype(float)
    return total


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize("gamma", [0.0, 1.0])
def test_margins_are_the_sums_of_leaves(depth: int, gamma: float) -> None:
    """Of replicates with as many trees or fewer, or none; base score one half adds nothing."""
    ubjs = boosters(6, 0, 3, 1, depth=depth, gamma=gamma)
    expected = np.column_stack([leaves(ubj) for ubj in ubjs])
    np.testing.assert_allclose(forest(ubjs).margins(COHORT), expected, rtol=0, atol=1e-12)


def test_one_patient_has_the_margins_of_a_batch() -> None:
    """To the last bit."""
    made = forest(boosters(5, 5))
    together = made.margins(COHORT)
    for place in (0, 7, 89):
        np.testing.assert_array_equal(made.margins(COHORT.take([place]))[0], together[place])


def test_split_columns_are_those_of_any_booster() -> None:
    """In the order of the columns."""
    ubjs = boosters(2, 3)
    names = {name for ubj in ubjs for name in read_booster(ubj).get_score(importance_type="weight")}
    assert forest(ubjs).split_columns == [TREE_COLUMNS[at] for at in sorted(int(name[1:]) for name in names)]


def test_each_replicate_is_scaled_by_its_own_factor() -> None:
    """A replicate without trees keeps none."""
    made = forest(boosters(4, 0, 2))
    scaled = made.scaled(np.array([2.0, 5.0, -0.5]))
    np.testing.assert_allclose(scaled.margins(COHORT), made.margins(COHORT) * [2.0, 5.0, -0.5], atol=1e-7)


def test_parts_put_together_are_the_whole() -> None:
    """A part may have no tree at all."""
    whole = forest(boosters(3, 0, 0, 2, 1))
    parts = [whole.of_boosters(slice(first, first + 2)) for first in (0, 2, 4)]
    margins = np.hstack([part.margins(COHORT) for part in parts])
    np.testing.assert_array_equal(margins, whole.margins(COHORT))
    np.testing.assert_array_equal(joined_forest(parts).margins(COHORT), margins)
    assert not whole.of_boosters(slice(1, 3)).margins(COHORT).any()


def test_another_process_gets_the_trees_alone() -> None:
    """What is prepared for answers is larger, and is made again."""
    made = forest(boosters(4, 4))
    before = len(pickle.dumps(made))
    expected = made.margins(COHORT)
    assert len(pickle.dumps(made)) == before
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(made)).margins(COHORT), expected)
