"""The trees of boosters as arrays, all laid out alike: tests level by level, then leaves.

A tree that is d tests deep has 2^d - 1 tests and 2^d leaves here, as if every path had d tests. Where a path
is shorter, the tests that it lacks have no threshold, and the leaves below them are one leaf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.short_repr import ShortRepr
from serving.model.binary_json import parsed

DEEPEST = 10
"""Tests on a path; the learners try four at most."""

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


def read_nodes(ubjs: Sequence[bytes]) -> Nodes:
    """Read the nodes of boosters.

    Parameters
    ----------
    ubjs : sequence of bytes
        Boosters in XGBoost's binary JSON.

    Returns
    -------
    nodes : Nodes

    Raises
    ------
    ValueError
        If the bytes are of another form, or a child is none of the nodes of its tree.
    """
    boosters = [_stated_trees(ubj) for ubj in ubjs]
    trees = [tree for booster in boosters for tree in booster]
    sizes = np.array([len(tree["left_children"]) for tree in trees], dtype=np.int64)
    roots = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    own, first = np.arange(roots[-1]), np.repeat(roots[:-1], sizes)
    left, right = (_joined(trees, f"{side}_children", np.int64) for side in ("left", "right"))
    is_leaf = left < 0
    children = np.where(is_leaf, own, left + first), np.where(is_leaf, own, right + first)
    for child in children:
        if (child >= np.repeat(roots[1:], sizes)).any():
            message = "a tree of the booster has a child that is none of its nodes"
            raise ValueError(message)
    return Nodes(
        counts=np.array([len(booster) for booster in boosters], dtype=np.int64),
        roots=roots[:-1],
        left=children[0],
        right=children[1],
        column=_joined(trees, "split_indices", np.int64),
        value=_joined(trees, "split_conditions", np.float32),
        default_left=_joined(trees, "default_left", np.bool_),
        cover=_joined(trees, "sum_hessian", np.float32),
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
    left = matrix[:, column] < threshold
    left |= np.isnan(matrix)[:, column] & default_left
    return np.asarray(~left)


def _stated_trees(ubj: bytes) -> list[dict[str, Any]]:
    model = parsed(ubj)["learner"]["gradient_booster"]["model"]
    trees: list[dict[str, Any]] = model["trees"]
    return trees


def _joined(trees: Sequence[dict[str, Any]], name: str, kind: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, kind), *(np.asarray(tree[name]) for tree in trees)]).astype(kind)
