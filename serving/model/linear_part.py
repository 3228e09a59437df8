"""The linear part of a model: coefficients of centered terms, their prior, and what a missing term may be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from features.columns import Columns, Values
from features.disease_burden import high_burden_probability
from features.expected_terms import fill_missing
from features.terms import KNOWN_TERMS, term_matrix


@dataclass(frozen=True)
class LinearPart:
    """Coefficients of centered terms.

    Attributes
    ----------
    terms : tuple of str
        Names in `features.terms.KNOWN_TERMS`.
    centre, low_burden, high_burden : ndarray of shape (n_terms,)
        Where the terms are centered; what a missing one is expected to be given disease burden.
    spread : ndarray of shape (n_terms,)
        Standard deviation of a numeric term in patients of the same burden; a yes/no term has its own.
    coefficients : ndarray of shape (n_terms,)
        Log-odds per unit of the term.
    published : ndarray of shape (n_terms,)
        The part of each coefficient that comes from the literature; 0 without.
    prior_mean, prior_spread : ndarray of shape (n_terms,)
        Mean and standard deviation of the normal prior of each coefficient, log-odds per unit of the term.
    sources : tuple of tuple of str
        For each term the DOI, PMID, NCT or citation behind its prior.
    gradual : bool
        Whether a missing term's expected value goes gradually from that of low burden to that of high burden;
        models of the first versions have a step at 5 % marrow blasts.
    """

    terms: tuple[str, ...]
    centre: Values
    low_burden: Values
    high_burden: Values
    spread: Values
    coefficients: Values
    published: Values
    prior_mean: Values
    prior_spread: Values
    sources: tuple[tuple[str, ...], ...]
    gradual: bool = True

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """Row of the explanation that each term belongs to."""
        return tuple(KNOWN_TERMS[name].field for name in self.terms)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Rows of the explanation, in order of first appearance."""
        return tuple(dict.fromkeys(self.parents))

    def matrix(self, patients: Columns) -> Values:
        """Terms as they are: shape (n_infusions, n_terms), NaN where an input is missing."""
        return term_matrix(patients, self.terms)

    def high_burden_probability(self, patients: Columns) -> Values:
        """Say how far patients count as of high burden: shape (n_infusions,)."""
        return high_burden_probability(patients, gradual=self.gradual)

    def centered(self, patients: Columns) -> Values:
        """Terms less their centre: shape (n_infusions, n_terms), missing ones as expected given burden."""
        filled = fill_missing(
            self.matrix(patients),
            self.high_burden_probability(patients),
            low_burden=self.low_burden,
            high_burden=self.high_burden,
        )
        return filled - self.centre
