"""Trees of boosters are laid out alike, whatever their shape."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost

from serving.model import booster_trees
from serving.model.booster_trees import goes_right, laid_out, read_nodes


def grown(matrix: np.ndarray, label: list[float], *, depth: int, rounds: int = 1) -> bytes:
    """Grow trees that fit their few rows."""
    settings = {
        "objective": "reg:squarederror",
        "max_depth": depth,
        "min_child_weight": 0,
        "reg_lambda": 0,
        "eta": 1.0,
        "base_score": 0.0,
        "nthread": 1,
    }
    rows = xgboost.DMatrix(np.float32(matrix), label=label, nthread=1)
    return bytes(xgboost.train(settings, rows, rounds).save_raw("ubj"))


COLUMN = np.array([[0.0], [1.0], [2.0]])
LOPSIDED = grown(COLUMN, [5.0, 1.0, 2.0], depth=2)
"""One path of one test, and one of two."""


def test_a_short_path_has_its_leaf_twice() -> None:
    """The test that it lacks has no threshold, column 0, and goes right."""
    trees = laid_out(read_nodes([LOPSIDED]))
    assert trees.counts.tolist() == [1]
    assert np.isnan(trees.threshold).tolist() == [[False, True, False]]
    assert trees.column.tolist() == [[0, 0, 0]]
    assert trees.leaf.tolist() == [[5.0, 5.0, 1.0, 2.0]]
    assert trees.columns == [0]


def test_every_booster_counts_its_trees() -> None:
    """Also one without a tree."""
    none = grown(COLUMN, [0.0, 1.0, 2.0], depth=1, rounds=0)
    two = grown(COLUMN, [0.0, 1.0, 2.0], depth=1, rounds=2)
    assert laid_out(read_nodes([none, two, none])).counts.tolist() == [0, 2, 0]
    assert laid_out(read_nodes([])).leaf.shape == (0, 1)
    assert laid_out(read_nodes([none])).columns == []


def test_leaves_are_reached_as_xgboost_reaches_them() -> None:
    """A threshold itself goes right, and what is missing where the tree sends it."""
    matrix = np.array([[0.0], [1.0], [2.0], [np.nan]])
    ubj = grown(matrix, [5.0, 1.0, 2.0, 7.0], depth=2)
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(ubj))
    asked = np.float32([[-1.0], [0.5], [1.0], [1.5], [np.nan]])
    trees = laid_out(read_nodes([ubj]))
    right = goes_right(asked, *(each.ravel() for each in (trees.column, trees.threshold, trees.default_left)))
    first = right[:, 0].astype(int)
    second = right[np.arange(len(asked)), 1 + first]
    expected = booster.predict(xgboost.DMatrix(asked), output_margin=True)
    np.testing.assert_array_equal(trees.leaf[0, 2 * first + second], expected)


def test_a_tree_that_is_too_deep_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every further test would double the arrays."""
    monkeypatch.setattr(booster_trees, "DEEPEST", 1)
    with pytest.raises(ValueError, match=r"^a tree has a path of more than 1 tests$"):
        laid_out(read_nodes([LOPSIDED]))


def test_a_child_outside_its_tree_is_refused() -> None:
    """As in a damaged file."""
    at = LOPSIDED.index(b"\x00\x00\x00\x02", LOPSIDED.index(b"right_children"))
    damaged = LOPSIDED[:at] + b"\x00\x00\x00\x42" + LOPSIDED[at + 4 :]
    with pytest.raises(ValueError, match=r"^a tree of the booster has a child that is none of its nodes$"):
        read_nodes([damaged])
