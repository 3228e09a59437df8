"""The linear parts of all models of a bundle in one block: a patient is read once for all outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.disease_burden import BURDEN_FIELD, high_burden_probability
from features.short_repr import ShortRepr
from features.terms import KNOWN_TERMS, term_matrix
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
    unknown : ndarray of bool, shape (n_patients,)
        Whether its burden is not known.
    matrix : ndarray of shape (n_patients, n_terms)
        NaN where missing.
    """

    missing: NDArray[np.bool_]
    high: Values
    unknown: NDArray[np.bool_]
    matrix: Values


class StackedTerms:
    """Linear parts side by side; a model without one has coefficients of 0.

    Parameters
    ----------
    models : sequence of RiskModel
        With as many replicates each; `stackable` ones.
    used : ndarray of bool, shape (n_fields,)
        Fields that have an effect in any of the models or their replicates.
    moves : ndarray of shape (n_models, n_sources, n_terms)
        By how much coefficients differ without each source.
    """

    def __init__(self, models: Sequence[RiskModel], used: NDArray[np.bool_], moves: Values) -> None:
        linear = [model.linear for model in models]
        known = next(each for each in linear if each is not None)
        self.terms, self.fields, self.gradual = known.terms, known.fields, known.gradual
        self._used = np.flatnonzero(used)
        # The terms of a field are missing together, so that one of them says so.
        first = np.array([known.parents.index(field) for field in known.fields])
        self._first = first[self._used]
        # Terms in the order of their fields, and where each field begins.
        rows = np.array([known.fields.index(parent) for parent in known.parents])
        in_order = bool((np.diff(rows) >= 0).all())
        self._order = slice(None) if in_order else np.argsort(rows, kind="stable")
        self._starts = np.searchsorted(np.sort(rows), np.arange(len(known.fields)))
        coefficients, published, centre, low, high = (
            np.stack([np.zeros(len(known.terms)) if each is None else getattr(each, name) for each in linear])
            for name in ("coefficients", "published", "centre", "low_burden", "high_burden")
        )
        self._coefficients = np.stack([coefficients, published])[:, :, None]
        self._centre, self._low, self._high = centre[:, None], low[:, None], high[:, None]
        self._n_replicates = len(models[0].replicates or ())
        replicates = _replicate_coefficients(models, (len(known.terms), self._n_replicates))
        self._weights = np.concatenate([replicates, moves.transpose(0, 2, 1)], axis=2)[:, None]
        terms = [model.replicate_terms for model in models]
        nothing = np.zeros((3, len(known.fields), self._n_replicates))
        of_models = np.stack([nothing if each is None else each.surpluses for each in terms], axis=2)
        self._surplus = np.ascontiguousarray(of_models[:, self._used])

    def read(self, patients: Columns) -> StackedPatients:
        """Compute terms and burden of patients."""
        matrix = term_matrix(patients, self.terms)
        high = high_burden_probability(patients, gradual=self.gradual)
        return StackedPatients(np.isnan(matrix), high, np.isnan(patients[BURDEN_FIELD]), matrix)

    def centered(self, read: StackedPatients) -> Values:
        """Terms less their centre, missing ones as expected: shape (n_models, n_patients, n_terms).

        The numbers of `LinearPart.centered`, to the last bit.
        """
        share = read.high[:, None]
        expected = (1 - share) * self._low + share * self._high
        return np.asarray(np.where(read.missing, expected, read.matrix) - self._centre)

    def contributions(self, centered: Values) -> tuple[Values, Values]:
        """State what terms and fields contribute to the log-odds.

        Parameters
        ----------
        centered : ndarray of shape (n_models, n_patients, n_terms)
            As the method of this name gives it.

        Returns
        -------
        by_term, by_field : ndarray of shape (2, n_models, n_patients, n_terms or n_fields)
            All of it, and its published part.
        """
        by_term = centered * self._coefficients
        by_field: Values = np.add.reduceat(by_term[..., self._order], self._starts, axis=3)
        return by_term, by_field

    def products(self, centered: Values) -> tuple[Values, Values]:
        """State what moves the replicates, and the log-odds without each source, missing terms as expected.

        The numbers of a patient do not depend on who else is asked for, to the last bit.

        Parameters
        ----------
        centered : ndarray of shape (n_models, n_patients, n_terms)
            As the method of this name gives it.

        Returns
        -------
        replicates : ndarray of shape (n_models, n_patients, n_replicates)
        moves : ndarray of shape (n_models, n_patients, n_sources)
        """
        # A product a patient: a larger one rounds in another way, and OpenBLAS would start threads for it.
        products = np.matmul(centered[:, :, None], self._weights)[:, :, 0]
        return products[..., : self._n_replicates], products[..., self._n_replicates :]

    def missing_log_odds(self, read: StackedPatients, infusion: int) -> Values:
        """State what all missing fields of a patient add beyond their expected values.

        Shape (n_models, n_replicates).
        """
        share, by_burden = self._of_burden(read, infusion)
        missing = read.missing[infusion, self._first]
        weights = np.multiply.outer(share, missing).reshape(-1)
        added: Values = np.dot(weights, by_burden.reshape(len(weights), -1))
        return added.reshape(by_burden.shape[2:])

    def surplus(
        self, read: StackedPatients, infusion: int, *, room: int
    ) -> tuple[NDArray[np.intp], Values, Values]:
        """State what the missing fields of a patient add to the log-odds beyond their expected values.

        Parameters
        ----------
        read : StackedPatients
        infusion : int
            Position of the patient.
        room : int
            Rows to leave free for what is sorted together with these.

        Returns
        -------
        fields : ndarray of shape (n_missing,)
            Positions of the used fields that are missing.
        rows : ndarray of shape (room + n_missing * n_models, n_replicates)
            The first ones are not filled in.
        surplus : ndarray of shape (n_missing, n_models, n_replicates)
            The last ones of these rows.
        """
        missing = np.flatnonzero(read.missing[infusion, self._first])
        share, by_burden = self._of_burden(read, infusion)
        of_all = np.dot(share, by_burden.reshape(len(share), -1)).reshape(by_burden.shape[1:])
        rows = np.empty((room + len(missing) * of_all.shape[1], of_all.shape[2]))
        surplus = rows[room:].reshape(len(missing), *of_all.shape[1:])
        # With another mode, take fills in a copy first.
        of_all.take(missing, axis=0, out=surplus, mode="clip")
        return self._used[missing], rows, surplus

    def _of_burden(self, read: StackedPatients, infusion: int) -> tuple[tuple[float, ...], Values]:
        """Of low, high and unknown burden, a patient is of the first two or of the last."""
        if read.unknown[infusion]:
            return (1.0,), self._surplus[2:]
        high = read.high.item(infusion)
        return (1 - high, high), self._surplus[:2]


def _replicate_coefficients(models: Sequence[RiskModel], shape: tuple[int, int]) -> Values:
    """Coefficients of all replicates: shape (n_models, n_terms, n_replicates)."""
    nothing = np.zeros(shape)
    return np.stack(
        [
            nothing if each.linear is None or each.replicates is None else each.replicates.coefficients.T
            for each in models
        ]
    )


def stackable(models: Sequence[RiskModel]) -> bool:
    """Say whether models can be stacked: the same terms, and as many replicates each.

    Parameters
    ----------
    models : sequence of RiskModel

    Returns
    -------
    stackable : bool
        False without a linear part anywhere, without replicates of one model, or where the terms of a field
        can be missing one without the other.
    """
    linear = [model.linear for model in models if model.linear is not None]
    replicates = {0 if model.replicates is None else len(model.replicates) for model in models}
    alike = len({_kind(each) for each in linear}) == 1 and len(replicates) == 1 and min(replicates) > 0
    return alike and _missing_together(linear[0])


def _kind(linear: LinearPart) -> tuple[tuple[str, ...], bool]:
    return linear.terms, linear.gradual


def _missing_together(linear: LinearPart) -> bool:
    """Whether the terms of each field read the same columns."""
    read = {(KNOWN_TERMS[name].field, KNOWN_TERMS[name].reads) for name in linear.terms}
    return len(read) == len(linear.fields)
