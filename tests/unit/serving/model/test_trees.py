"""Trees that look at no patient: of no round, or of rounds that found nothing to split on."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost

from features.predictors import predictors
from serving.model.risk_model import RiskModel
from serving.model.trees import TREE_COLUMNS, ReplicateTrees, TreePart
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


def test_replicates_without_a_round_add_nothing() -> None:
    """The number of rounds that is chosen can be none."""
    assert ReplicateTrees([grown(0), grown(0)]).margins(COHORT).tolist() == [[0.0, 0.0]] * len(COHORT)
    of_rounds = ReplicateTrees([grown(0), grown(3)]).margins(COHORT)
    assert (of_rounds[:, 0] == 0).all()
    assert (of_rounds[:, 1] < 0).all()
