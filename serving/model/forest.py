"""The trees of all replicates of a model, evaluated together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.short_repr import ShortRepr
from serving.model.booster_trees import TREE_ARRAYS, BoosterTrees, goes_right, laid_out, read_nodes
from serving.model.trees import TREE_COLUMNS, TreeColumn, tree_matrix


@dataclass(frozen=True, repr=False)
class Forest(ShortRepr):
    """The trees of all replicates.

    Parameters
    ----------
    trees : BoosterTrees
        As many boosters as there are replicates.
    columns : tuple of TreeColumn
        What they were fitted on.
    """

    trees: BoosterTrees
    columns: tuple[TreeColumn, ...] = TREE_COLUMNS

    def __getstate__(self) -> dict[str, object]:
        """Send another process the trees alone; it prepares them again if it needs them."""
        return {name: value for name, value in self.__dict__.items() if name != "_plan"}

    def margins(self, patients: Columns) -> Values:
        """Sum of leaves of each replicate: shape (n_infusions, n_replicates), log-odds."""
        return self.margins_of(tree_matrix(patients, self.columns))

    def margins_of(self, matrix: NDArray[np.float32]) -> Values:
        """Give the same of patients whose columns for trees are known.

        Parameters
        ----------
        matrix : ndarray of float32, shape (n_infusions, n_columns)
            As `tree_matrix` computes it.
        """
        plan = self._plan
        right = goes_right(matrix, plan.column, plan.threshold, plan.default_left).astype(np.intp)
        margins = np.zeros((len(matrix), len(self.trees.counts)))
        # One patient at a time: what a patient needs stays in the cache.
        for patient, goes in enumerate(right):
            at = plan.first.copy()
            for level, tests in enumerate(plan.levels):
                way = goes.take(tests.take(at) if level else tests)
                at += at
                at += way
            margins[patient, plan.growing] = np.add.reduceat(plan.leaf.take(at), plan.starts)
        return margins

    def scaled(self, factors: Values) -> Forest:
        """Multiply the leaves of each replicate by a factor: shape (n_replicates,)."""
        each = np.repeat(factors, self.trees.counts)[:, None]
        leaf = (each * self.trees.leaf.astype(np.float64)).astype(np.float32)
        return replace(self, trees=replace(self.trees, leaf=leaf))

    def of_boosters(self, which: slice) -> Forest:
        """Pick the trees of some replicates; there may be none."""
        ends = np.concatenate([[0], np.cumsum(self.trees.counts)])
        first, last, _ = which.indices(len(self.trees.counts))
        rows = slice(int(ends[first]), int(ends[last]))
        picked = {name: getattr(self.trees, name)[rows] for name in TREE_ARRAYS}
        return replace(self, trees=BoosterTrees(counts=self.trees.counts[first:last], **picked))

    @property
    def split_columns(self) -> list[TreeColumn]:
        """Columns that a tree splits on."""
        return [self.columns[position] for position in self.trees.columns]

    @cached_property
    def _plan(self) -> _Plan:
        """Find the tests that differ, and where each tree has them; made once."""
        trees = self.trees
        depth = (trees.column.shape[1] + 1).bit_length() - 1
        # By its bits, so that a threshold that is not a number equals itself.
        bits = np.ascontiguousarray(trees.threshold).view(np.uint32).astype(np.int64)
        tests = (bits << 32) | (trees.column << 1) | trees.default_left
        _, some, which = np.unique(tests.ravel(), return_index=True, return_inverse=True)
        which = which.reshape(tests.shape).astype(np.intp)
        starts = np.concatenate([[0], np.cumsum(trees.counts)[:-1]])
        growing = np.flatnonzero(trees.counts)
        return _Plan(
            column=trees.column.ravel()[some],
            threshold=trees.threshold.ravel()[some],
            default_left=trees.default_left.ravel()[some],
            levels=tuple(which[:, 2**level - 1 : 2 ** (level + 1) - 1].ravel() for level in range(depth)),
            first=np.arange(len(trees.leaf), dtype=np.intp),
            leaf=trees.leaf.astype(np.float64).ravel(),
            growing=growing,
            starts=starts[growing],
        )


@dataclass(frozen=True, repr=False)
class _Plan(ShortRepr):
    """A forest ready for patients: each test that differs from others once.

    Attributes
    ----------
    column, threshold, default_left : ndarray of shape (n_tests,)
    levels : tuple of ndarray, each of shape (n_trees * 2 ** level,)
        Positions of the tests of a level, tree by tree.
    first : ndarray of shape (n_trees,)
        Where each tree begins.
    leaf : ndarray of shape (n_trees * n_leaves,)
    growing, starts : ndarray of int
        Replicates with a tree, and the first tree of each.
    """

    column: NDArray[np.int64]
    threshold: NDArray[np.float32]
    default_left: NDArray[np.bool_]
    levels: tuple[NDArray[np.intp], ...]
    first: NDArray[np.intp]
    leaf: Values
    growing: NDArray[np.int64]
    starts: NDArray[np.int64]


def joined_forest(parts: Sequence[Forest]) -> Forest:
    """Put forests on the same columns end to end, as `Forest.of_boosters` picks them."""
    arrays = {
        name: np.concatenate([getattr(part.trees, name) for part in parts])
        for name in ("counts", *TREE_ARRAYS)
    }
    return replace(parts[0], trees=BoosterTrees(**arrays))


def forest_of(ubjs: Sequence[bytes], columns: tuple[TreeColumn, ...] = TREE_COLUMNS) -> Forest | None:
    """Make a forest of boosters, one a replicate.

    Parameters
    ----------
    ubjs : sequence of bytes
        In XGBoost's binary JSON; none without trees.
    columns : tuple of TreeColumn
        What they were fitted on.

    Returns
    -------
    forest : Forest, optional
        None where no booster has a tree.
    """
    trees = laid_out(read_nodes(ubjs, len(columns)))
    return Forest(trees, columns) if trees.counts.any() else None
