"""The replicates of a model, for its interval: refitted on drawn patients, missing inputs drawn by burden."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.disease_burden import BURDEN_FIELD, HIGH_BURDEN_SHARE
from features.terms import KNOWN_TERMS
from serving.model.forest import Forest
from serving.model.linear_part import LinearPart
from serving.model.normal_quantile import normal_quantile

FARTHEST = 1e-9
"""Uniform draws are kept this far from 0 and 1, where the normal quantile is infinite."""


@dataclass(frozen=True)
class Replicates:
    """The model refitted on resampled patients, for the interval.

    Attributes
    ----------
    intercepts : ndarray of shape (n_replicates, n_horizons)
    coefficients : ndarray of shape (n_replicates, n_terms)
        No columns without a linear part.
    missing : ndarray of shape (n_replicates, n_fields)
        Uniform draws in (0, 1), one for each of `LinearPart.fields`: where the field is not known, the
        replicate takes the value drawn by it. No columns without a linear part.
    forest : Forest, optional
        The trees of all replicates; None where no replicate has a tree.
    """

    intercepts: Values
    coefficients: Values
    missing: Values
    forest: Forest | None = None

    def __len__(self) -> int:
        return len(self.intercepts)


class ReplicateTerms:
    """The linear parts of all replicates, ready for patients.

    What a missing term adds to the log-odds of a replicate depends on the patient by burden alone, so it is
    computed here once for low, high and unknown burden, and an answer is four small products.

    Parameters
    ----------
    linear : LinearPart
    replicates : Replicates
    """

    def __init__(self, linear: LinearPart, replicates: Replicates) -> None:
        self._linear = linear
        self._coefficients = replicates.coefficients
        self._belongs = np.array([[parent == field for field in linear.fields] for parent in linear.parents])
        self._low, self._high, self._unknown = (
            replicates.coefficients * (drawn_terms(linear, replicates.missing, high=high) - linear.centre)
            for high in (0.0, 1.0, np.nan)
        )

    @property
    def fields(self) -> tuple[str, ...]:
        """Rows of the explanation that terms belong to."""
        return self._linear.fields

    @property
    def weights(self) -> Values:
        """What known terms, and missing ones at low, high and unknown burden, are multiplied by.

        Shape (4 x n_terms, n_replicates).
        """
        return np.concatenate([self._coefficients, self._low, self._high, self._unknown], axis=1).T

    def log_odds(self, patients: Columns) -> Values:
        """Sum of coefficient x (term - centre) of each replicate: shape (n_infusions, n_replicates)."""
        matrix, (low, high, unknown) = self._linear.matrix(patients), self._burden(patients)
        missing = np.isnan(matrix)
        known = np.where(missing, 0.0, matrix - self._linear.centre)
        return (
            _product(known, self._coefficients)
            + _product(missing * low, self._low)
            + _product(missing * high, self._high)
            + _product(missing * unknown, self._unknown)
        )

    def missing_rows(self, patients: Columns) -> NDArray[np.bool_]:
        """Mark the rows of `LinearPart.fields` that an input is missing of: shape (n_infusions, n_fields)."""
        missing: NDArray[np.bool_] = np.isnan(self._linear.matrix(patients)) @ self._belongs
        return missing

    def surplus(self, patients: Columns, infusion: NDArray[np.int64], row: NDArray[np.int64]) -> Values:
        """State what a missing row adds to the log-odds of each replicate beyond its expected value.

        Parameters
        ----------
        patients : Columns of `Patient`
        infusion, row : ndarray of shape (n_pairs,)
            Positions of an infusion, and of a row of `LinearPart.fields` that is missing of it.

        Returns
        -------
        surplus : ndarray of shape (n_pairs, n_replicates)
        """
        share = np.stack(self._burden(patients))[:, infusion, :]
        return np.asarray((share * self.surpluses[:, row]).sum(axis=0))

    def _burden(self, patients: Columns) -> tuple[Values, Values, Values]:
        """How far each patient is of low, of high and of unknown burden: shape (n_infusions, 1) each."""
        high = self._linear.high_burden_probability(patients)[:, None]
        unknown = np.isnan(patients[BURDEN_FIELD])[:, None]
        return np.where(unknown, 0.0, 1 - high), np.where(unknown, 0.0, high), unknown.astype(float)

    @cached_property
    def surpluses(self) -> Values:
        """What a missing row adds beyond its expected value, by low, high and unknown burden.

        Shape (3, n_fields, n_replicates).
        """
        linear, by_burden = self._linear, []
        drawn = (self._low, self._high, self._unknown)
        for contributions, high in zip(drawn, (0.0, 1.0, HIGH_BURDEN_SHARE), strict=True):
            expected = (1 - high) * linear.low_burden + high * linear.high_burden
            beyond = contributions - self._coefficients * (expected - linear.centre)
            by_burden.append((beyond @ self._belongs).T)
        return np.stack(by_burden)


def drawn_terms(linear: LinearPart, missing: Values, *, high: float) -> Values:
    """Draw every term of a patient of whom only the burden is known, or not even that.

    A yes/no term is 1 where its uniform draw lies below its probability; of two options of one field the
    second is 1 where the draw lies as near to 1, so that never both are. A numeric term is its expected value
    and as many spreads as the normal quantile of the draw. All are given disease burden: where marrow blasts
    are missing, it is high where their draw lies below `HIGH_BURDEN_SHARE`, and the draw stretched over its
    part of (0, 1) gives the blasts themselves.

    Parameters
    ----------
    linear : LinearPart
    missing : ndarray of shape (n_replicates, n_fields)
        Uniform draws, as `Replicates` holds them.
    high : float
        1 for high burden, 0 for low, NaN where it is not known.

    Returns
    -------
    drawn : ndarray of shape (n_replicates, n_terms)
        Not centered.
    """
    uniform = missing[:, [linear.fields.index(parent) for parent in linear.parents]]
    burden = np.full((len(missing), 1), HIGH_BURDEN_SHARE if np.isnan(high) else high)
    if np.isnan(high) and BURDEN_FIELD in linear.fields:
        marrow = missing[:, [linear.fields.index(BURDEN_FIELD)]]
        burden = (marrow < HIGH_BURDEN_SHARE).astype(float)
        of_burden = np.array(linear.parents) == BURDEN_FIELD
        uniform = np.where(of_burden, _within_burden(marrow), uniform)
    expected = (1 - burden) * linear.low_burden + burden * linear.high_burden
    yes = np.where(_from_above(linear), 1 - uniform, uniform) < expected
    number = expected + linear.spread * normal_quantile(np.clip(uniform, FARTHEST, 1 - FARTHEST))
    return np.where([KNOWN_TERMS[name].binary for name in linear.terms], yes, number)


def _within_burden(marrow: Values) -> Values:
    """Stretch the draws of each burden over (0, 1)."""
    high = marrow < HIGH_BURDEN_SHARE
    return np.where(high, marrow / HIGH_BURDEN_SHARE, (marrow - HIGH_BURDEN_SHARE) / (1 - HIGH_BURDEN_SHARE))


def _from_above(linear: LinearPart) -> list[bool]:
    """Mark the second yes/no term of each field."""
    options = [
        (parent, KNOWN_TERMS[name].binary) for parent, name in zip(linear.parents, linear.terms, strict=True)
    ]
    return [(parent, True) in options[:position] for position, (parent, _) in enumerate(options)]


def _product(patients: Values, replicates: Values) -> Values:
    """Multiply by replicates; written so that one row and a batch agree to 1e-9."""
    summed: Values = np.einsum("np,bp->nb", patients, replicates, optimize=False)
    return summed
