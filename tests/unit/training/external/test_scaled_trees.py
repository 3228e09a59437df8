"""Trees with scaled leaves are the same trees with scaled log-odds."""

import numpy as np
import pytest

from features.predictors import predictors
from serving.model.forest import forest_of
from serving.model.trees import raw_contributions, read_booster
from tests.bundles import patients, tree_parts
from training.external.scaled_trees import scaled_trees


@pytest.mark.parametrize("factor", [0.37, 1.0, 2.5, 0.0, -1.0])
def test_margins_and_contributions_are_scaled(factor):
    """Every one of them, to single precision, in XGBoost and in a forest."""
    part, _ = tree_parts(np.random.default_rng(1))
    rows = predictors(patients(40, np.random.default_rng(2)))
    scaled = scaled_trees(part.ubj, factor)
    before, after = (raw_contributions(read_booster(ubj), rows) for ubj in (part.ubj, scaled))
    np.testing.assert_allclose(after, factor * before, atol=2e-6)
    forest = forest_of([part.ubj, scaled])
    assert forest is not None
    margins = forest.margins(rows)
    np.testing.assert_allclose(margins[:, 1], factor * margins[:, 0], atol=2e-6)
    # A forest scales its own leaves in the same way.
    again = forest.scaled(np.array([factor, 1.0])).margins(rows)
    np.testing.assert_allclose(again[:, 0], margins[:, 1], atol=2e-6)


def test_a_factor_of_one_changes_no_byte_of_what_is_answered():
    """The trees are written back as they were."""
    part, _ = tree_parts(np.random.default_rng(1))
    again = scaled_trees(part.ubj, 1.0)
    rows = predictors(patients(40, np.random.default_rng(2)))
    before, after = (raw_contributions(read_booster(ubj), rows) for ubj in (part.ubj, again))
    np.testing.assert_array_equal(before, after)
    assert scaled_trees(again, 1.0) == again
