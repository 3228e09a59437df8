"""Boosted trees listed node by node, so that their part of a risk can be computed without XGBoost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.field import specs
from features.predictors import predictors
from features.schema import Patient
from features.term_formulas import TERM_FORMULAS
from features.terms import KNOWN_TERMS
from serving.model.trees import TreeColumn, TreePart, raw_contributions

PRECISION = (
    'Start at node 0 of each tree. If the column is below the threshold, go to the node under "below"; if it '
    'is at or above the threshold, to "otherwise"; if it is missing, to "missing". Columns never take '
    "expected values. XGBoost compares in single precision, so round the column to IEEE 754 binary32 first; "
    "for a field with six digits or fewer this makes no difference."
)
"""How the trees are read."""


@dataclass(frozen=True)
class TreeNode:
    """One node of a tree: a split, or a leaf.

    Attributes
    ----------
    column : str
        Compared with the threshold; empty in a leaf.
    threshold : float
        0 in a leaf.
    below, otherwise, missing : int
        Nodes to go to.
    leaf : float or None
        Log-odds; None in a split.
    """

    column: str = ""
    threshold: float = 0.0
    below: int = 0
    otherwise: int = 0
    missing: int = 0
    leaf: float | None = None


@dataclass(frozen=True)
class TreeListing:
    """The trees of a model.

    Attributes
    ----------
    file : str
        In the bundle, XGBoost's own binary JSON.
    are_read : str
    columns : mapping of str to str
        Formula of every column that a tree looks at.
    constant : float
        Subtracted from the sum of leaves, log-odds: their mean over the training cohort.
    trees : tuple of tuple of TreeNode
    """

    file: str
    are_read: str
    columns: dict[str, str]
    constant: float
    trees: tuple[tuple[TreeNode, ...], ...]


def tree_listing(part: TreePart, outcome: str) -> TreeListing:
    """List the trees of a model.

    Parameters
    ----------
    part : TreePart
    outcome : str
        Names the file of the booster.

    Returns
    -------
    listing : TreeListing
        In full precision.
    """
    trees = _trees(part)
    used = {node.column for nodes in trees for node in nodes if node.leaf is None}
    return TreeListing(
        file=f"{outcome}.trees.ubj",
        are_read=PRECISION,
        columns={column.name: column_formula(column) for column in part.columns if column.name in used},
        constant=_constant(part, trees),
        trees=trees,
    )


def column_formula(column: TreeColumn) -> str:
    """Write the formula of a column.

    Examples
    --------
    >>> column_formula(TreeColumn("sex.male", "sex", 1)), column_formula(TreeColumn("age", "age_years"))
    ("1 if sex == 'male' else 0", 'age_years')
    """
    if column.term:
        return TERM_FORMULAS[column.term]
    if column.code is None:
        return column.field
    return f"1 if {column.field} == '{specs(Patient)[column.field].options[column.code]}' else 0"


def split_columns(part: TreePart) -> dict[str, int]:
    """Count the splits of the trees by column of `Patient`, a composite counting for each of its inputs."""
    by_name: dict[str, int] = {}
    for nodes in _trees(part):
        for node in nodes:
            for field in _fields(node.column, part.columns) if node.leaf is None else ():
                by_name[field] = by_name.get(field, 0) + 1
    return by_name


def leaf_of_unknown(nodes: tuple[TreeNode, ...]) -> float:
    """Follow a patient of whom nothing is known to a leaf.

    Examples
    --------
    >>> leaf_of_unknown((TreeNode("ecog", 1.0, 1, 2, 2), TreeNode(leaf=-0.5), TreeNode(leaf=0.25)))
    0.25
    """
    at = 0
    while (leaf := nodes[at].leaf) is None:
        at = nodes[at].missing
    return leaf


def _constant(part: TreePart, trees: tuple[tuple[TreeNode, ...], ...]) -> float:
    """Find what leaves are stated against; the same for every patient, so taken of an unknown one."""
    explained = float(raw_contributions(part.booster, predictors([{}]), part.columns).sum())
    return sum(map(leaf_of_unknown, trees)) - explained + float(part.mean_contributions.sum())


def _trees(part: TreePart) -> tuple[tuple[TreeNode, ...], ...]:
    stated = json.loads(part.booster.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
    return tuple(_nodes(tree, part.columns) for tree in stated)


def _fields(column: str, columns: Sequence[TreeColumn]) -> tuple[str, ...]:
    used = next(each for each in columns if each.name == column)
    return KNOWN_TERMS[used.term].inputs if used.term else (used.field,)


def _nodes(tree: dict[str, Any], columns: Sequence[TreeColumn]) -> tuple[TreeNode, ...]:
    parts = zip(
        tree["left_children"],
        tree["right_children"],
        tree["split_conditions"],
        tree["split_indices"],
        tree["default_left"],
        strict=True,
    )
    return tuple(
        TreeNode(leaf=_exact(condition))
        if left < 0
        else TreeNode(columns[index].name, _exact(condition), left, right, left if by_left else right)
        for left, right, condition, index, by_left in parts
    )


def _exact(number: float) -> float:
    """Write in full the single-precision number that is meant."""
    return float(np.float32(number))
