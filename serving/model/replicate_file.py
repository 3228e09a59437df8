"""The replicates of a model as a file: npz of plain arrays, nothing of which is executed on reading."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.model.booster_trees import BoosterTrees
from serving.model.forest import Forest, forest_of
from serving.model.replicates import Replicates
from serving.model.trees import TreeColumn

ARRAYS = ("intercepts", "coefficients", "missing")
TREE_ARRAYS = {"counts": "<i4", "column": "<u2", "threshold": "<f4", "default_left": "?", "leaf": "<f4"}
"""Arrays of a forest, as `BoosterTrees` names them, and how a file holds them."""


def packed(replicates: Replicates) -> bytes:
    """Pack replicates.

    Parameters
    ----------
    replicates : Replicates

    Returns
    -------
    raw : bytes
        The same for the same replicates.
    """
    buffer, forest = io.BytesIO(), replicates.forest
    # Trees repeat themselves and shrink to a third; random numbers do not, and stay as they are.
    save = np.savez if forest is None else np.savez_compressed
    arrays: dict[str, Any] = {name: getattr(replicates, name) for name in ARRAYS}
    save(buffer, **arrays, **(_without_trees() if forest is None else _tree_arrays(forest.trees)))
    return buffer.getvalue()


def unpacked(raw: bytes, columns: tuple[TreeColumn, ...]) -> Replicates:
    """Read replicates.

    Parameters
    ----------
    raw : bytes
        As `packed` makes them, or earlier formats: boosters end to end.
    columns : tuple of TreeColumn
        What trees were fitted on.

    Returns
    -------
    replicates : Replicates

    Raises
    ------
    ValueError
        If the trees do not belong to the replicates or to the columns.
    """
    with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
        forest = _boosters(arrays, columns) if "trees" in arrays else _forest(arrays, columns)
        return Replicates(**{name: arrays[name] for name in ARRAYS}, forest=forest)


def _without_trees() -> dict[str, Any]:
    """State that there is no tree as earlier formats do, so that every release reads the file."""
    return {"trees": np.zeros(0, dtype=np.uint8), "tree_lengths": np.zeros(0, dtype=np.int64)}


def _tree_arrays(trees: BoosterTrees) -> dict[str, Any]:
    return {f"tree_{name}": getattr(trees, name).astype(kind) for name, kind in TREE_ARRAYS.items()}


def _boosters(arrays: Mapping[str, NDArray[Any]], columns: tuple[TreeColumn, ...]) -> Forest | None:
    """Read boosters, in XGBoost's own format end to end."""
    lengths, trees = arrays["tree_lengths"], arrays["trees"].tobytes()
    ends = np.cumsum(lengths)
    return forest_of([trees[end - n : end] for n, end in zip(lengths, ends, strict=True)], columns)


def _forest(arrays: Mapping[str, NDArray[Any]], columns: tuple[TreeColumn, ...]) -> Forest:
    trees = BoosterTrees(
        counts=arrays["tree_counts"].astype(np.int64),
        column=arrays["tree_column"].astype(np.int64),
        threshold=arrays["tree_threshold"],
        default_left=arrays["tree_default_left"],
        leaf=arrays["tree_leaf"],
    )
    n_trees, n_leaves = trees.leaf.shape
    tests = {each.shape for each in (trees.column, trees.threshold, trees.default_left)}
    typed = all(arrays[f"tree_{name}"].dtype == kind for name, kind in TREE_ARRAYS.items())
    whole = tests == {(n_trees, n_leaves - 1)} and trees.counts.sum() == n_trees
    known = n_trees and n_leaves.bit_count() == 1 and (trees.column < len(columns)).all()
    if not (
        typed
        and whole
        and known
        and (trees.counts >= 0).all()
        and len(trees.counts) == len(arrays["intercepts"])
    ):
        message = "the trees do not belong to the replicates"
        raise ValueError(message)
    return Forest(trees, columns)
