"""Columns for trees are read at once as they are one by one."""

from __future__ import annotations

import numpy as np
import pytest

from features.predictors import predictors
from serving.model.stacked_trees import ColumnReader
from serving.model.trees import TREE_COLUMNS, TreeColumn, tree_matrix
from tests.bundles import patients

COHORT = predictors(patients(40, np.random.default_rng(4), missing=0.3))
KINDS = {
    "all": TREE_COLUMNS,
    "reversed": TREE_COLUMNS[::-1],
    "numbers": tuple(each for each in TREE_COLUMNS if each.code is None and not each.term),
    "options": tuple(each for each in TREE_COLUMNS if each.code is not None),
    "composites": tuple(each for each in TREE_COLUMNS if each.term),
}


@pytest.mark.parametrize("columns", KINDS.values(), ids=KINDS)
def test_the_matrix_is_that_of_the_definition(columns: tuple[TreeColumn, ...]) -> None:
    """Every kind of column, missing or not."""
    assert columns
    found = ColumnReader(columns).matrix(COHORT)
    np.testing.assert_array_equal(found, tree_matrix(COHORT, columns))
    assert found.dtype == np.float32
