"""The linear parts of all models of a bundle in one block: a patient is read once for all outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.disease_burden import BURDEN_FIELD, high_burden_probability
from features.short_repr import ShortRepr
from features.terms import term_matrix
from serving.model.linear_part import LinearPart
from serving.model.risk_model import RiskModel


@dataclass(frozen=True, repr=False)
class StackedPatients(ShortRepr):
    """Patients as the linear parts of all models see them.

    Attributes
    ----------
    missing : ndarray of bool, shape (n_patients, n_terms)
    high : ndarray of shape (n_patients,)
        How far each counts as of high burden.
    burden : ndarray of shape (3, n_patients)
        How far each is of low, of high and of unknown burden.
    matrix : ndarray of shape (n_patients, n_terms)
        NaN where missing.
    """

    missing: NDArray[np.bool_]
    high: Values
    burden: Values
    matrix: Values

    def first(self, n: int) -> StackedPatients:
        """Keep the first patients."""
        return StackedPatients(self.missing[:n], self.high[:n], self.burden[:, :n], self.matrix[:n])


class StackedTerms:
    """Linear parts side by side; a model without one has coefficients of 0.

    Parameters
    ----------
    models : sequence of RiskModel
        With as many replicates each; `stackable` ones.
    """

    def __init__(self, models: Sequence[RiskModel]) -> None:
        linear = [model.linear for model in models]
        known = next(each for each in linear if each is not None)
        self.terms, self.fields, self.gradual = known.terms, known.fields, known.gradual
        self.belongs = np.array([[parent == field for field in known.fields] for parent in known.parents])
        # Terms in the order of their fields, and where each field begins.
        self._order = np.argsort([known.fields.index(parent) for parent in known.parents], kind="stable")
        self._starts = np.cumsum([0, *self.belongs.sum(axis=0)[:-1]])
        self.coefficients, self.published, self._centre, self._low, self._high = (
            np.stack([np.zeros(len(known.terms)) if each is None else getattr(each, name) for each in linear])
            for name in ("coefficients", "published", "centre", "low_burden", "high_burden")
        )
        size = (4 * len(known.terms), len(models[0].replicates or ()))
        terms = [model.replicate_terms for model in models]
        self._weights = np.stack([np.zeros(size) if each is None else each.weights for each in terms])
        surplus = (3, len(known.fields), size[1])
        of_models = [np.zeros(surplus) if each is None else each.surpluses for each in terms]
        by_burden = np.stack(of_models, axis=1)
        self._surplus_shape = by_burden.shape[1:]
        self._surplus = by_burden.reshape(3, -1)

    def read(self, patients: Columns) -> StackedPatients:
        """Compute terms and burden of patients."""
        matrix = term_matrix(patients, self.terms)
        high = high_burden_probability(patients, gradual=self.gradual)
        unknown = np.isnan(patients[BURDEN_FIELD])
        burden = np.where(unknown, 0.0, np.stack([1 - high, high]))
        return StackedPatients(np.isnan(matrix), high, np.concatenate([burden, unknown[None]]), matrix)

    def centered(self, read: StackedPatients) -> Values:
        """Terms less their centre, missing ones as expected: shape (n_models, n_patients, n_terms)."""
        share = read.high[:, None]
        expected = (1 - share) * self._low[:, None] + share * self._high[:, None]
        return np.asarray(np.where(read.missing, expected, read.matrix) - self._centre[:, None])

    def by_field(self, parts: Values) -> Values:
        """Add up the parts of each field: shape (n_models, n_patients, n_fields)."""
        summed: Values = np.add.reduceat(parts[..., self._order], self._starts, axis=2)
        return summed

    def replicate_log_odds(self, read: StackedPatients) -> Values:
        """State what moves every replicate: shape (n_models, n_patients, n_replicates).

        The numbers of a patient do not depend on who else is asked for, to the last bit.
        """
        n_terms = len(self.terms)
        inputs = np.empty((len(self._centre), len(read.matrix), 4 * n_terms))
        inputs[..., :n_terms] = np.where(read.missing, 0.0, read.matrix - self._centre[:, None])
        for position, share in enumerate(read.burden, start=1):
            inputs[..., position * n_terms : (position + 1) * n_terms] = read.missing * share[:, None]
        # A product a patient: a larger one rounds in another way, and OpenBLAS would start threads for it.
        products: Values = np.matmul(inputs[:, :, None], self._weights[:, None])
        return products[:, :, 0]

    def surplus(self, read: StackedPatients, infusion: int) -> Values:
        """State what each field, if missing, adds to the log-odds of a replicate beyond its expected value.

        Parameters
        ----------
        read : StackedPatients
        infusion : int
            Position of a patient.

        Returns
        -------
        surplus : ndarray of shape (n_models, n_fields, n_replicates)
        """
        share = read.burden[:, infusion]
        # Of low, high and unknown burden, a patient is of the first two or of the last.
        part = slice(2, 3) if share[2] else slice(0, 2)
        return (share[part] @ self._surplus[part]).reshape(self._surplus_shape)


def stackable(models: Sequence[RiskModel]) -> bool:
    """Say whether models can be stacked: the same terms, and as many replicates each.

    Parameters
    ----------
    models : sequence of RiskModel

    Returns
    -------
    stackable : bool
        False without a linear part anywhere, or without replicates of one model.
    """
    linear = [model.linear for model in models if model.linear is not None]
    replicates = {0 if model.replicates is None else len(model.replicates) for model in models}
    return len({_kind(each) for each in linear}) == 1 and len(replicates) == 1 and min(replicates) > 0


def _kind(linear: LinearPart) -> tuple[tuple[str, ...], bool]:
    return linear.terms, linear.gradual
