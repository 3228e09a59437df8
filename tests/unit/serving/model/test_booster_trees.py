"""Trees of boosters are laid out alike, whatever their shape."""

from __future__ import annotations

from typing import Any

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
    trees = laid_out(read_nodes([LOPSIDED], 1))
    assert trees.counts.tolist() == [1]
    assert np.isnan(trees.threshold).tolist() == [[False, True, False]]
    assert trees.column.tolist() == [[0, 0, 0]]
    assert trees.leaf.tolist() == [[5.0, 5.0, 1.0, 2.0]]
    assert trees.columns == [0]


def test_every_booster_counts_its_trees() -> None:
    """Also one without a tree."""
    none = grown(COLUMN, [0.0, 1.0, 2.0], depth=1, rounds=0)
    two = grown(COLUMN, [0.0, 1.0, 2.0], depth=1, rounds=2)
    assert laid_out(read_nodes([none, two, none], 1)).counts.tolist() == [0, 2, 0]
    assert laid_out(read_nodes([], 1)).leaf.shape == (0, 1)
    assert laid_out(read_nodes([none], 1)).columns == []


def test_leaves_are_reached_as_xgboost_reaches_them() -> None:
    """A threshold itself goes right, and what is missing where the tree sends it."""
    matrix = np.array([[0.0], [1.0], [2.0], [np.nan]])
    ubj = grown(matrix, [5.0, 1.0, 2.0, 7.0], depth=2)
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(ubj))
    asked = np.float32([[-1.0], [0.5], [1.0], [1.5], [np.nan]])
    trees = laid_out(read_nodes([ubj], 1))
    right = goes_right(asked, *(each.ravel() for each in (trees.column, trees.threshold, trees.default_left)))
    first = right[:, 0].astype(int)
    second = right[np.arange(len(asked)), 1 + first]
    expected = booster.predict(xgboost.DMatrix(asked), output_margin=True)
    np.testing.assert_array_equal(trees.leaf[0, 2 * first + second], expected)


def test_a_tree_that_is_too_deep_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every further test would double the arrays."""
    monkeypatch.setattr(booster_trees, "DEEPEST", 1)
    with pytest.raises(ValueError, match=r"^a tree has a path of more than 1 tests$"):
        laid_out(read_nodes([LOPSIDED], 1))


def damaged(name: bytes, node: int, value: bytes) -> bytes:
    """Change what a booster states of a node; the name of the array is followed by type and length."""
    stated = len(name).to_bytes(8, "big") + name + b"[$"
    at = LOPSIDED.index(stated) + len(stated)
    start = at + len(b"l#L") + 8 + node * len(value)
    return LOPSIDED[:start] + value + LOPSIDED[start + len(value) :]


@pytest.mark.parametrize(
    ("name", "node", "value", "why"),
    [
        (b"left_children", 0, b"\x00\x00\x00\x42", "has a child that is none of its nodes"),
        (b"right_children", 0, b"\x00\x00\x00\x42", "has a child that is none of its nodes"),
        (b"right_children", 0, b"\xff\xff\xff\xff", "has a child that is none of its nodes"),
        (b"left_children", 1, b"\xff\xff\xff\xfe", "has a child that is none of its nodes"),
        (b"parents", 0, b"\x00\x00\x00\x00", "has a node whose parent is another one"),
        (b"parents", 1, b"\x00\x00\x00\x02", "has a node whose parent is another one"),
        (b"split_indices", 0, b"\x00\x00\x00\x01", "has a test of a column that it was not fitted on"),
        (b"split_indices", 0, b"\xff\xff\xff\xff", "has a test of a column that it was not fitted on"),
        (b"split_type", 0, b"\x01", "has a test of categories"),
    ],
)
def test_a_tree_that_names_what_there_is_not_is_refused(
    name: bytes, node: int, value: bytes, why: str
) -> None:
    """As in a damaged file; XGBoost would read other memory, or end the process."""
    with pytest.raises(ValueError, match=f"^a tree of the booster {why}$"):
        read_nodes([damaged(name, node, value)], 1)


def test_trees_are_numbered_in_their_order() -> None:
    """XGBoost puts each in the place that its number names."""
    with pytest.raises(ValueError, match=r"^the trees of the booster are not numbered in their order$"):
        read_nodes([LOPSIDED.replace(b"idi\x00", b"idi\x01")], 1)


def test_a_leaf_is_one_number() -> None:
    """XGBoost would look for the others behind its memory."""
    stated = b"size_leaf_vectorSL" + (1).to_bytes(8, "big")
    with pytest.raises(ValueError, match=r"^a tree of the booster has leaves of several numbers$"):
        read_nodes([LOPSIDED.replace(stated + b"1", stated + b"3")], 1)


@pytest.mark.parametrize("stated", [{"left_children": []}, {"sum_hessian": [1.0]}])
def test_every_node_is_stated_in_full(monkeypatch: pytest.MonkeyPatch, stated: dict[str, Any]) -> None:
    """No tree is without nodes, and no node lacks a part."""
    (tree,) = booster_trees._stated_trees(LOPSIDED)
    monkeypatch.setattr(booster_trees, "_stated_trees", lambda _: [{**tree, **stated}])
    with pytest.raises(ValueError, match=r"does not state the same for each of its nodes$"):
        read_nodes([LOPSIDED], 1)


def test_a_path_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that is a child of its own child."""
    (tree,) = booster_trees._stated_trees(LOPSIDED)
    stated = {**tree, "left_children": np.array([1, -1, 0, -1, -1])}
    monkeypatch.setattr(booster_trees, "_stated_trees", lambda _: [stated])
    monkeypatch.setattr(booster_trees, "_wrong_child", lambda *_: "")
    with pytest.raises(ValueError, match=r"^a tree has a path of more than 10 tests$"):
        laid_out(read_nodes([LOPSIDED], 1))
