"""The trees of boosters as arrays, all laid out alike: tests level by level, then leaves.

A tree that is d tests deep has 2^d - 1 tests and 2^d leaves here, as if every path had d tests. Where a path
is shorter, the tests that it lacks have no threshold, and the leaves below them are one leaf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.short_repr import ShortRepr
from serving.model.binary_json import parsed

DEEPEST = 10
"""Tests on a path; the learners try four at most."""

NODE_ARRAYS: Mapping[str, type[np.generic]] = {
    "left_children": np.int64,
    "right_children": np.int64,
    "parents": np.int64,
    "split_indices": np.int64,
    "split_conditions": np.float32,
    "split_type": np.int64,
    "default_left": np.bool_,
    "sum_hessian": np.float32,
}
"""Arrays of a tree of a booster with an entry a node, as XGBoost names them, and how they are held here."""

NO_CHILD, NO_PARENT = -1, 2**31 - 1
"""Child of a leaf, and parent of a root."""

TREE_ARRAYS = ("column", "threshold", "default_left", "leaf")
"""Arrays of `BoosterTrees` with a row a tree."""


@dataclass(frozen=True, repr=False)
class BoosterTrees(ShortRepr):
    """Trees of one booster or of several.

    Attributes
    ----------
    counts : ndarray of int, shape (n_boosters,)
        Trees of each.
    column : ndarray of int, shape (n_trees, n_tests)
        Position of the column that is tested.
    threshold : ndarray of float32, shape (n_trees, n_tests)
        A value below goes left. NaN where there is no test.
    default_left : ndarray of bool, shape (n_trees, n_tests)
        Whether a missing value goes left.
    leaf : ndarray of float32, shape (n_trees, n_tests + 1)
    """

    counts: NDArray[np.int64]
    column: NDArray[np.int64]
    threshold: NDArray[np.float32]
    default_left: NDArray[np.bool_]
    leaf: NDArray[np.float32]

    @property
    def columns(self) -> list[int]:
        """Positions of the columns that are tested, in their order."""
        return sorted({int(each) for each in self.column[~np.isnan(self.threshold)]})


@dataclass(frozen=True, repr=False)
class Nodes(ShortRepr):
    """Nodes of trees end to end.

    Attributes
    ----------
    counts, roots : ndarray of int
        Trees of each booster, and the first node of each tree.
    left, right : ndarray of int, shape (n_nodes,)
        Children; of a leaf, itself.
    column, value, default_left, cover
        Column of a test; its threshold, or what a leaf adds; whether missing goes left; sum of second
        derivatives of the loss over the patients who came here, float32.
    """

    counts: NDArray[np.int64]
    roots: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    column: NDArray[np.int64]
    value: NDArray[np.float32]
    default_left: NDArray[np.bool_]
    cover: NDArray[np.float32]

    @property
    def is_leaf(self) -> NDArray[np.bool_]:
        """Shape (n_nodes,)."""
        return np.asarray(self.left == np.arange(len(self.left)))


def read_nodes(ubjs: Sequence[bytes], n_columns: int) -> Nodes:
    """Read the nodes of boosters.

    Parameters
    ----------
    ubjs : sequence of bytes
        Boosters in XGBoost's binary JSON.
    n_columns : int
        Columns that they were fitted on.

    Returns
    -------
    nodes : Nodes

    Raises
    ------
    ValueError
        If the bytes are of another form, or a tree names a node or a column that there is not. XGBoost, which
        reads the same bytes where trees are deep, does not look.
    """
    boosters = [_stated_trees(ubj) for ubj in ubjs]
    trees = [tree for booster in boosters for tree in booster]
    sizes = np.array([_size(tree) for tree in trees], dtype=np.int64)
    stated = {name: _joined(trees, name, kind) for name, kind in NODE_ARRAYS.items()}
    roots = np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64)
    first, own = np.repeat(roots, sizes), np.arange(sizes.sum())
    wrong = _wrong_child(stated, first, np.repeat(sizes, sizes)) or _wrong_test(stated, n_columns)
    if wrong:
        message = f"a tree of the booster has a {wrong}"
        raise ValueError(message)
    is_leaf = stated["left_children"] == NO_CHILD
    return Nodes(
        counts=np.array([len(booster) for booster in boosters], dtype=np.int64),
        roots=roots,
        left=np.where(is_leaf, own, stated["left_children"] + first),
        right=np.where(is_leaf, own, stated["right_children"] + first),
        column=stated["split_indices"],
        value=stated["split_conditions"],
        default_left=stated["default_left"],
        cover=stated["sum_hessian"],
    )


def laid_out(nodes: Nodes) -> BoosterTrees:
    """Lay trees out alike.

    Raises
    ------
    ValueError
        If a path has more than `DEEPEST` tests, or does not end.
    """
    is_leaf = nodes.is_leaf
    reached, levels = nodes.roots[:, None], []
    while not is_leaf[reached].all():
        levels.append(reached)
        if len(levels) > DEEPEST:
            message = f"a tree has a path of more than {DEEPEST} tests"
            raise ValueError(message)
        children = np.stack([nodes.left[reached], nodes.right[reached]], axis=2)
        reached = children.reshape(len(reached), -1)
    tests = np.concatenate([np.zeros((len(nodes.roots), 0), dtype=np.int64), *levels], axis=1)
    ends = is_leaf[tests]
    return BoosterTrees(
        counts=nodes.counts,
        column=np.where(ends, 0, nodes.column[tests]),
        threshold=np.where(ends, np.float32(np.nan), nodes.value[tests]),
        default_left=~ends & nodes.default_left[tests],
        leaf=nodes.value[reached],
    )


def goes_right(
    matrix: NDArray[np.float32],
    column: NDArray[np.int64],
    threshold: NDArray[np.float32],
    default_left: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Say of each patient and test which way the patient goes: shape (n_patients, n_tests).

    Parameters
    ----------
    matrix : ndarray of float32, shape (n_patients, n_columns)
        NaN where missing.
    column, threshold, default_left : ndarray of shape (n_tests,)
        As `BoosterTrees` has them.

    Examples
    --------
    >>> matrix = np.array([[1.0], [2.0], [np.nan]], dtype=np.float32)
    >>> goes_right(matrix, np.array([0, 0]), np.float32([2, 2]), np.array([True, False])).tolist()
    [[False, False], [True, True], [False, True]]
    """
    values = matrix.take(column, axis=1)
    left = values < threshold
    left |= np.isnan(values) & default_left
    return np.asarray(np.logical_not(left, out=left))


def _size(tree: dict[str, Any]) -> int:
    """Count the nodes of a tree."""
    sizes = {len(tree[name]) for name in NODE_ARRAYS}
    if len(sizes) > 1 or 0 in sizes:
        message = "a tree of the booster does not state the same for each of its nodes"
        raise ValueError(message)
    if int(tree["tree_param"]["size_leaf_vector"]) > 1:
        message = "a tree of the booster has leaves of several numbers"
        raise ValueError(message)
    return sizes.pop()


def _wrong_child(
    stated: Mapping[str, NDArray[Any]], first: NDArray[np.int64], size: NDArray[np.int64]
) -> str:
    """Name what is wrong with the children of nodes: their trees begin at `first`, and have `size` nodes."""
    left, right, parents = (stated[name] for name in ("left_children", "right_children", "parents"))
    inner, own = left != NO_CHILD, np.arange(len(left)) - first
    if (right[~inner] != NO_CHILD).any():
        return "child that is none of its nodes"
    for child in (left, right):
        if ((child < 0) | (child >= size))[inner].any():
            return "child that is none of its nodes"
        if (parents[(child + first)[inner]] != own[inner]).any():
            return "node whose parent is another one"
    return "node whose parent is another one" if (parents[own == 0] != NO_PARENT).any() else ""


def _wrong_test(stated: Mapping[str, NDArray[Any]], n_columns: int) -> str:
    """Name what is wrong with the tests of nodes."""
    column = stated["split_indices"][stated["left_children"] != NO_CHILD]
    if ((column < 0) | (column >= n_columns)).any():
        return "test of a column that it was not fitted on"
    return "test of categories" if stated["split_type"].any() else ""


def _stated_trees(ubj: bytes) -> list[dict[str, Any]]:
    model = parsed(ubj)["learner"]["gradient_booster"]["model"]
    trees: list[dict[str, Any]] = model["trees"]
    if [tree["id"] for tree in trees] != list(range(len(trees))):
        message = "the trees of the booster are not numbered in their order"
        raise ValueError(message)
    return trees


def _joined(trees: Sequence[dict[str, Any]], name: str, kind: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, kind), *(np.asarray(tree[name]) for tree in trees)]).astype(kind)
