"""The tree part of a model: shallow XGBoost trees on the patient's columns, with exact contributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from features.terms import KNOWN_TERMS
from serving.model.booster_trees import Nodes, read_nodes
from serving.model.tree_contributions import ContributionTables, tabulable

if TYPE_CHECKING:
    import xgboost

# xgboost is imported where it is needed: with scikit-learn and scipy, which it brings along, it takes seconds
# and 100 MB, and an answer takes neither.


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

    def __getstate__(self) -> dict[str, Any]:
        """Leave the booster out of a copy for another process, which may never need xgboost."""
        return {name: value for name, value in self.__dict__.items() if name != "booster"}

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
        return self.contributions_of(tree_matrix(patients, self.columns))

    def contributions_of(self, matrix: NDArray[np.float32]) -> Values:
        """State the same of patients whose columns are known.

        The numbers are those of `raw_contributions`, less their mean.

        Parameters
        ----------
        matrix : ndarray of float32, shape (n_infusions, n_columns)
            As `tree_matrix` computes it.
        """
        if self.never_split:
            return np.zeros(matrix.shape) - self.mean_contributions
        if self._tables is not None:
            return self._tables.of(matrix) - self.mean_contributions
        return _by_xgboost(self.booster, matrix) - self.mean_contributions

    @property
    def never_split(self) -> bool:
        """Whether there is not a tree that looks at a patient."""
        return not self.split_columns

    @cached_property
    def split_columns(self) -> list[TreeColumn]:
        """Columns that the trees split on."""
        nodes = self._nodes
        return [self.columns[position] for position in np.unique(nodes.column[~nodes.is_leaf])]

    @cached_property
    def _nodes(self) -> Nodes:
        return read_nodes([self.ubj], len(self.columns))

    @cached_property
    def _tables(self) -> ContributionTables | None:
        """Contributions by the outcome of tests, worked out once; None where trees are too deep for it."""
        return ContributionTables(self._nodes) if tabulable(self._nodes) else None

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
    return _by_xgboost(booster, tree_matrix(patients, columns))


def read_booster(ubj: bytes) -> xgboost.Booster:
    """Read a booster from XGBoost's own binary JSON; no code is executed."""
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(ubj))
    return booster


def _by_xgboost(booster: xgboost.Booster, matrix: NDArray[np.float32]) -> Values:
    import xgboost

    known = xgboost.DMatrix(matrix, nthread=1)
    return booster.predict(known, pred_contribs=True)[:, :-1].astype(np.float64)
