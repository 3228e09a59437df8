"""The trees of all models of a bundle: a patient's columns are read once for all outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.terms import KNOWN_TERMS
from serving.model.forest import Forest
from serving.model.risk_model import RiskModel
from serving.model.trees import TreeColumn, TreePart

Matrices = Sequence[NDArray[np.float32]]
"""What trees see of patients, by list of columns that any were fitted on: shape (n_patients, n_columns)."""


class StackedTrees:
    """Trees of models, and of their replicates.

    Parameters
    ----------
    models : sequence of RiskModel

    Attributes
    ----------
    rows : dict of int to tuple of str
        Rows of the explanation of models whose rows are not those of the linear part alone, by position.
    """

    def __init__(self, models: Sequence[RiskModel]) -> None:
        self._parts = {at: model.trees for at, model in enumerate(models) if model.trees is not None}
        self._forests = {
            at: model.replicates.forest
            for at, model in enumerate(models)
            if model.replicates is not None and model.replicates.forest is not None
        }
        fitted_on = list(dict.fromkeys(each.columns for each in _all(self._parts, self._forests)))
        self._readers = [ColumnReader(columns) for columns in fitted_on]
        self._seen_by = {at: fitted_on.index(part.columns) for at, part in self._parts.items()}
        self._seen_by_forest = {at: fitted_on.index(each.columns) for at, each in self._forests.items()}
        self._sums = {
            at: _RowSums(model)
            for at, model in enumerate(models)
            if model.trees is not None or model.linear is None
        }
        self.rows = {at: sums.fields for at, sums in self._sums.items()}

    def read(self, patients: Columns) -> Matrices:
        """Compute what trees see of patients."""
        return [reader.matrix(patients) for reader in self._readers]

    def contributions(self, at: int, linear: Values, read: Matrices) -> Values:
        """Add what trees contribute to what the linear part does.

        Parameters
        ----------
        at : int
            Position of a model, one of `rows`.
        linear : ndarray of shape (n_patients, n_linear_fields)
            Not looked at where the model has no linear part.
        read : Matrices

        Returns
        -------
        contributions : ndarray of shape (n_patients, n_rows)
            Log-odds, in the order of `rows`.
        """
        part = self._parts.get(at)
        by_column = None if part is None else part.contributions_of(read[self._seen_by[at]])
        return self._sums[at].added(linear, by_column)

    def published(self, at: int, linear: Values) -> Values:
        """State the published part, of which trees have none, in the same rows."""
        return self._sums[at].added(linear, None)

    def add_margins(self, log_odds: Values, read: Matrices, n: int) -> None:
        """Add the trees of replicates to the log-odds of the first patients.

        Parameters
        ----------
        log_odds : ndarray of shape (n_models, n, n_replicates)
            Of the linear parts; changed in place.
        read : Matrices
        n : int
        """
        for at, forest in self._forests.items():
            log_odds[at] += forest.margins_of(read[self._seen_by_forest[at]][:n])


class ColumnReader:
    """Columns for trees, read of patients in a few steps: the numbers of `tree_matrix`.

    Parameters
    ----------
    columns : tuple of TreeColumn
    """

    def __init__(self, columns: tuple[TreeColumn, ...]) -> None:
        self.columns = columns
        self._fields = tuple(dict.fromkeys(each.field for each in columns if not each.term))
        plain = {at: each for at, each in enumerate(columns) if not each.term}
        self._at = np.array(list(plain), dtype=np.int64)
        self._from = np.array([self._fields.index(each.field) for each in plain.values()], dtype=np.int64)
        option = [
            (position, each.code) for position, each in enumerate(plain.values()) if each.code is not None
        ]
        self._options = np.array([position for position, _ in option], dtype=np.int64)
        self._codes = np.array([code for _, code in option], dtype=np.float64)[:, None]
        self._terms = [(at, KNOWN_TERMS[each.term]) for at, each in enumerate(columns) if each.term]

    def matrix(self, patients: Columns) -> NDArray[np.float32]:
        """Compute the columns: shape (n_patients, n_columns), NaN where missing."""
        columns = np.empty((len(self.columns), len(patients)), dtype=np.float32)
        if self._fields:
            values = patients.stacked(self._fields).take(self._from, axis=0)
            chosen = values.take(self._options, axis=0)
            values[self._options] = np.where(np.isnan(chosen), np.nan, chosen == self._codes)
            columns[self._at] = values
        for at, term in self._terms:
            columns[at] = term.compute(patients)
        return np.ascontiguousarray(columns.T)


class _RowSums:
    """Which row of a model's explanation each field of its linear part and each column of its trees is in."""

    def __init__(self, model: RiskModel) -> None:
        linear = () if model.linear is None else model.linear.fields
        of_columns = [] if model.trees is None else [column.field for column in model.trees.columns]
        self.fields = tuple(dict.fromkeys((*linear, *of_columns)))
        self._n_linear = len(linear)
        # Columns in the order of their rows, and where each row begins.
        row = np.array([self.fields.index(name) for name in of_columns], dtype=np.int64)
        self._order = np.argsort(row, kind="stable")
        self._rows, self._starts = np.unique(row[self._order], return_index=True)

    def added(self, linear: Values, by_column: Values | None) -> Values:
        summed = np.zeros((len(linear), len(self.fields)))
        summed[:, : self._n_linear] = linear[:, : self._n_linear]
        if by_column is not None:
            summed[:, self._rows] += np.add.reduceat(
                by_column.take(self._order, axis=1), self._starts, axis=1
            )
        return summed


def _all(parts: Mapping[int, TreePart], forests: Mapping[int, Forest]) -> Iterable[TreePart | Forest]:
    yield from parts.values()
    yield from forests.values()
