"""The tree part of a model: shallow XGBoost trees on the patient's columns, with exact contributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from features.terms import KNOWN_TERMS

if TYPE_CHECKING:
    import xgboost

# xgboost and treelite are imported where trees are read: with scikit-learn and scipy, which they bring along,
# they take seconds and 100 MB, and many models have no tree.


@dataclass(frozen=True)
class TreeColumn:
    """One column the trees see: a number, whether a choice has the option of a code, or a composite term."""

    name: str
    field: str
    code: int | None = None
    term: str = ""

    def values(self, patients: Columns) -> Values:
        """Compute the column; NaN where missing, which the trees handle themselves."""
        if self.term:
            return KNOWN_TERMS[self.term].compute(patients)
        column = patients[self.field]
        # Compared directly: an answer computes each column several times.
        return column if self.code is None else np.where(np.isnan(column), np.nan, column == self.code)


def _tree_columns() -> tuple[TreeColumn, ...]:
    """One column a number or boolean, one an option of a choice; of two options the second suffices.

    Composites follow, since trees cut one column at a time and cannot find a ratio of three.
    """
    columns: list[TreeColumn] = []
    for name, field in specs(Patient).items():
        if name in DOSE_INPUTS:
            continue
        if field.kind != "choice":
            columns.append(TreeColumn(name, name))
            continue
        first = 1 if len(field.options) == 2 else 0
        columns.extend(
            TreeColumn(f"{name}.{option}", name, code)
            for code, option in enumerate(field.options[first:], start=first)
        )
    composites = (term for term in KNOWN_TERMS.values() if term.field not in specs(Patient))
    return (*columns, *(TreeColumn(term.name, term.field, term=term.name) for term in composites))


TREE_COLUMNS = _tree_columns()
"""The columns that trees are fitted on: fields in schema order, then composites."""


def tree_matrix(patients: Columns, columns: Sequence[TreeColumn] = TREE_COLUMNS) -> NDArray[np.float32]:
    """Stand the columns for trees side by side: shape (n_infusions, n_columns), NaN where missing."""
    return np.column_stack([column.values(patients) for column in columns]).astype(np.float32)


@dataclass(frozen=True)
class TreePart:
    """Fitted trees f(x), as the float64 sum of their exact contributions.

    Parameters
    ----------
    ubj : bytes
        The booster in XGBoost's own binary JSON.
    mean_contributions : ndarray of shape (n_columns,)
        Mean contribution of each column over the training cohort; contributions are stated against it.
    columns : tuple of TreeColumn
        What the trees were fitted on; a later schema may have more.
    """

    ubj: bytes
    mean_contributions: Values
    columns: tuple[TreeColumn, ...] = TREE_COLUMNS

    @cached_property
    def booster(self) -> xgboost.Booster:
        """The booster, read once."""
        return read_booster(self.ubj)

    def contributions(self, patients: Columns) -> Values:
        """Exact TreeSHAP values less their training mean.

        Returns
        -------
        contributions : ndarray of shape (n_infusions, n_columns)
            Log-odds. Their sum over columns is f(x) - mean f.
        """
        if self.never_split:
            return np.zeros((len(patients), len(self.columns))) - self.mean_contributions
        return raw_contributions(self.booster, patients, self.columns) - self.mean_contributions

    @cached_property
    def never_split(self) -> bool:
        """Whether there is not a tree that looks at a patient."""
        return not has_trees(self.ubj) or not self.split_columns

    @property
    def split_columns(self) -> list[TreeColumn]:
        """Columns that the trees split on."""
        return [self.columns[position] for position in sorted(split_positions(self.ubj))]

    @property
    def mean_margin(self) -> float:
        """Mean sum of leaves over the training cohort, log-odds: mean f and the trees' bias."""
        import xgboost

        unknown = np.full((1, len(self.columns)), np.nan, dtype=np.float32)
        bias = self.booster.predict(xgboost.DMatrix(unknown, nthread=1), pred_contribs=True)[0, -1]
        return float(bias) + float(self.mean_contributions.sum())


def raw_contributions(
    booster: xgboost.Booster, patients: Columns, columns: Sequence[TreeColumn] = TREE_COLUMNS
) -> Values:
    """Exact TreeSHAP values without the bias column: shape (n_infusions, n_columns), log-odds."""
    import xgboost

    matrix = xgboost.DMatrix(tree_matrix(patients, columns), nthread=1)
    return booster.predict(matrix, pred_contribs=True)[:, :-1].astype(np.float64)


def has_trees(ubj: bytes) -> bool:
    """Say whether a booster has any tree, without XGBoost: its binary JSON states the nodes of each."""
    return b"num_nodes" in ubj


def split_positions(ubj: bytes) -> frozenset[int]:
    """List the positions of the columns that trees split on, in the order in which they were fitted."""
    if not has_trees(ubj):
        return frozenset()
    # Boosters are fitted on a plain matrix, whose columns XGBoost names f0, f1, ...
    return frozenset(int(name[1:]) for name in read_booster(ubj).get_score(importance_type="weight"))


def read_booster(ubj: bytes) -> xgboost.Booster:
    """Read a booster from XGBoost's own binary JSON; no code is executed."""
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(ubj))
    return booster


class ReplicateTrees:
    """The trees of all replicates, evaluated in one call.

    Parameters
    ----------
    ubjs : sequence of bytes
        One booster a replicate.
    columns : sequence of TreeColumn
        What they were fitted on.
    """

    def __init__(self, ubjs: Sequence[bytes], columns: Sequence[TreeColumn] = TREE_COLUMNS) -> None:
        import treelite

        self._columns = columns
        models = [treelite.frontend.from_xgboost(read_booster(ubj)) for ubj in ubjs]
        self._model = treelite.Model.concatenate(models)
        self._ends = np.cumsum([model.num_tree for model in models])

    def margins(self, patients: Columns) -> Values:
        """Sum of leaves of each replicate: shape (n_infusions, n_replicates), log-odds."""
        if self._ends[-1] == 0:
            return np.zeros((len(patients), len(self._ends)))
        import treelite

        leaves = treelite.gtil.predict_per_tree(self._model, tree_matrix(patients, self._columns), nthread=1)
        running = np.cumsum(leaves.reshape(len(patients), -1), axis=1, dtype=np.float64)
        up_to = np.column_stack([np.zeros(len(patients)), running])[:, np.concatenate([[0], self._ends])]
        return np.diff(up_to, axis=1)
