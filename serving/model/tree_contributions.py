"""Exact TreeSHAP values of small trees, worked out once for every way through each tree.

A tree of depth 3 has 7 tests, so 128 outcomes of them: the contributions of its columns are looked up. The
numbers are those of XGBoost, which computes in single precision: the same steps in the same order.

References
----------
Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9 (algorithm 2)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.short_repr import ShortRepr
from serving.model.booster_trees import BoosterTrees, Nodes, goes_right, laid_out

MOST_TESTS = 7
"""Of a tree of depth 3; a table of deeper ones would be too large."""

Singles = NDArray[np.float32]
ONE = np.float32(1)


class ContributionTables:
    """Contributions of the columns of each tree, by the outcome of its tests.

    Parameters
    ----------
    nodes : Nodes
        Of one booster, whose trees have `MOST_TESTS` tests at most.
    """

    def __init__(self, nodes: Nodes) -> None:
        self._trees = laid_out(nodes)
        n_trees, self._n_tests = self._trees.column.shape
        self._first = np.arange(n_trees) << self._n_tests
        self._table = _table(nodes, self._trees)
        self._column = self._trees.column.ravel()
        self._threshold, self._default_left = self._trees.threshold.ravel(), self._trees.default_left.ravel()

    def of(self, matrix: NDArray[np.float32]) -> Values:
        """State the contributions: shape (n_patients, n_columns), log-odds.

        Parameters
        ----------
        matrix : ndarray of float32, shape (n_patients, n_columns)
            NaN where missing.
        """
        n_patients, n_columns = matrix.shape
        right = goes_right(matrix, self._column, self._threshold, self._default_left)
        outcome = np.packbits(right.reshape(n_patients, -1, self._n_tests), axis=2, bitorder="little")
        parts = self._table.take(outcome[..., 0] + self._first, axis=0)
        summed = np.zeros(n_patients * n_columns, dtype=np.float32)
        at = n_columns * np.arange(n_patients)[:, None] + self._column
        # Tree by tree, in single precision, as XGBoost adds them.
        np.add.at(summed, at.ravel(), parts.ravel())
        return summed.reshape(n_patients, n_columns).astype(np.float64)


def tabulable(nodes: Nodes) -> bool:
    """Say whether trees are small enough for a table, and all their nodes have seen patients."""
    return laid_out(nodes).column.shape[1] <= MOST_TESTS and bool((nodes.cover > 0).all())


@dataclass(frozen=True, repr=False)
class _Path(ShortRepr):
    """The path so far, alike in length for all rows; a row is a tree and an outcome of its tests.

    Attributes
    ----------
    row : ndarray of int, shape (n_rows,)
    slot : ndarray of int, shape (n_elements, n_rows)
        What was tested: the first test of the tree that looks at the column; -1 for nothing, at the root.
    zero, one : ndarray of shape (n_elements, n_rows)
        Share of paths that go on without knowing the column, and knowing it.
    weight : ndarray of shape (n_elements, n_rows)
        Of subsets of each size.
    """

    row: NDArray[np.int64]
    slot: NDArray[np.int64]
    zero: Singles
    one: Singles
    weight: Singles

    def take(self, rows: NDArray[np.int64]) -> _Path:
        """Keep some rows."""
        return _Path(
            self.row[rows], self.slot[:, rows], self.zero[:, rows], self.one[:, rows], self.weight[:, rows]
        )


def _table(nodes: Nodes, trees: BoosterTrees) -> Singles:
    """Walk all trees for all outcomes: shape (n_trees * n_outcomes, n_tests)."""
    n_trees, n_tests = trees.column.shape
    outcomes = np.arange(1 << n_tests)
    rows = np.arange(n_trees * len(outcomes))
    walk = _Walk(nodes, trees, np.zeros((len(rows), n_tests), dtype=np.float32))
    nothing = np.zeros((0, len(rows)), dtype=np.float32)
    start = _Path(rows, nothing.astype(np.int64), nothing, nothing, nothing)
    ones = np.ones(len(rows), dtype=np.float32)
    root = np.repeat(nodes.roots, len(outcomes))
    walk.go(start, root, np.zeros(len(rows), dtype=np.int64), ones, ones, np.full(len(rows), -1))
    return walk.added


class _Walk:
    """Algorithm 2, for many trees and outcomes at once.

    Parameters
    ----------
    nodes : Nodes
    trees : BoosterTrees
        The same, laid out.
    added : ndarray of shape (n_rows, n_tests)
        What every column adds, at its first test.
    """

    def __init__(self, nodes: Nodes, trees: BoosterTrees, added: Singles) -> None:
        self._nodes, self._is_leaf, self.added = nodes, nodes.is_leaf, added
        self._n_tests = trees.column.shape[1]
        same = trees.column[:, :, None] == trees.column[:, None, :]
        tested = ~np.isnan(trees.threshold)
        # The first test of the same column, among those that are tests.
        self._slot = np.argmax(same & tested[:, None, :], axis=2)

    def go(
        self,
        path: _Path,
        node: NDArray[np.int64],
        test: NDArray[np.int64],
        zero: Singles,
        one: Singles,
        slot: NDArray[np.int64],
    ) -> None:
        """Come to a node, whose test is at a place of the layout, by a split on a slot."""
        path, ends = _extended(path, zero, one, slot), self._is_leaf[node]
        at_leaf = np.flatnonzero(ends)
        self._add(path.take(at_leaf), self._nodes.value[node[at_leaf]])
        for rows, repeated in _repeated(path, self._slots(path, test), np.flatnonzero(~ends)):
            self._split(path.take(rows), node[rows], test[rows], repeated)

    def _slots(self, path: _Path, test: NDArray[np.int64]) -> NDArray[np.int64]:
        inside = np.minimum(test, max(self._n_tests - 1, 0))
        return self._slot[path.row >> self._n_tests, inside] if self._n_tests else inside

    def _split(self, path: _Path, node: NDArray[np.int64], test: NDArray[np.int64], repeated: int) -> None:
        """Go both ways, first the way of the patient; undo an earlier split on the same column."""
        nodes, slot = self._nodes, self._slots(path, test)
        zero, one = np.ones((2, len(node)), dtype=np.float32)
        if repeated:
            zero, one = path.zero[repeated], path.one[repeated]
            path = _unwound(path, repeated)
        right = (path.row >> test) & 1 == 1
        for way, share in ((right, one), (~right, np.zeros_like(one))):
            child = np.where(way, nodes.right[node], nodes.left[node])
            part = nodes.cover[child] / nodes.cover[node]
            self.go(path, child, 2 * test + 1 + way, part * zero, share, slot)

    def _add(self, path: _Path, leaf: Singles) -> None:
        """Add what each column on the path has of a leaf."""
        for element in range(1, len(path.slot)):
            weight = _unwound_sum(path, element)
            share = weight * (path.one[element] - path.zero[element]) * leaf
            self.added[path.row, path.slot[element]] += share


def _repeated(
    path: _Path, slot: NDArray[np.int64], rows: NDArray[np.int64]
) -> list[tuple[NDArray[np.int64], int]]:
    """Sort rows by the element of the path that looked at the same column; 0 where none did."""
    same = path.slot[:, rows] == slot[rows]
    element = np.where(same.any(axis=0), same.argmax(axis=0), 0)
    return [(rows[element == each], int(each)) for each in np.unique(element)]


def _extended(path: _Path, zero: Singles, one: Singles, slot: NDArray[np.int64]) -> _Path:
    depth = len(path.slot)
    new = np.full((1, len(slot)), 1.0 if depth == 0 else 0.0, dtype=np.float32)
    weight, whole = np.concatenate([path.weight, new]), np.float32(depth + 1)
    for at in range(depth - 1, -1, -1):
        weight[at + 1] += one * weight[at] * np.float32(at + 1) / whole
        weight[at] = zero * weight[at] * np.float32(depth - at) / whole
    return _Path(
        path.row,
        np.concatenate([path.slot, slot[None]]),
        np.concatenate([path.zero, zero[None]]),
        np.concatenate([path.one, one[None]]),
        weight,
    )


def _unwound(path: _Path, element: int) -> _Path:
    """Take an element out of the path."""
    depth = len(path.slot) - 1
    one, zero, weight = path.one[element], path.zero[element], path.weight.copy()
    whole, last = np.float32(depth + 1), weight[depth].copy()
    known = one != 0
    for at in range(depth - 1, -1, -1):
        before = weight[at].copy()
        by_one = last * whole / (np.float32(at + 1) * np.where(known, one, ONE))
        by_zero = before * whole / (np.where(known, ONE, zero) * np.float32(depth - at))
        weight[at] = np.where(known, by_one, by_zero)
        last = np.where(known, before - by_one * zero * np.float32(depth - at) / whole, last)
    kept = [at for at in range(depth + 1) if at != element]
    return replace(
        path, slot=path.slot[kept], zero=path.zero[kept], one=path.one[kept], weight=weight[:depth]
    )


def _unwound_sum(path: _Path, element: int) -> Singles:
    """Sum of the weights of a path without an element."""
    depth = len(path.slot) - 1
    one, zero, weight = path.one[element], path.zero[element], path.weight
    whole, last = np.float32(depth + 1), weight[depth]
    known, total = one != 0, np.zeros(len(path.row), dtype=np.float32)
    for at in range(depth - 1, -1, -1):
        by_one = last * whole / (np.float32(at + 1) * np.where(known, one, ONE))
        by_zero = weight[at] / np.where(known, ONE, zero) / (np.float32(depth - at) / whole)
        last = np.where(known, weight[at] - by_one * zero * (np.float32(depth - at) / whole), last)
        total += np.where(known, by_one, by_zero)
    return total
