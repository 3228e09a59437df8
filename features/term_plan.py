"""The values of many terms at once: those of coded columns are looked up, the others are computed.

`Term.compute` defines a term. A term that reads only choices and yes-or-no columns takes few values, so it is
computed once for every combination of their codes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.schema import Patient
from features.term import Term

MOST_COLUMNS = 2
"""Coded columns of a term that is looked up."""

NO_COLUMN = ""
"""In place of the second column of a term that reads one."""


class TermPlan:
    """Computes several terms.

    Parameters
    ----------
    terms : sequence of Term

    Examples
    --------
    >>> from features.predictors import predictors
    >>> from features.term import number, option
    >>> decades = number("age", "age_years", "ten years of age", lambda years: years / 10)
    >>> plan = TermPlan([option("male", "sex", "male", "male"), decades])
    >>> plan.matrix(predictors([{"sex": "male", "age_years": 30.0}, {}]))
    array([[ 1.,  3.],
           [nan, nan]])
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        looked_up = [at for at, term in enumerate(terms) if _is_looked_up(term)]
        self._n_terms, self._looked_up = len(terms), np.array(looked_up, dtype=np.intp)
        self._lookup = _Lookup([terms[at] for at in looked_up])
        computed = [(at, term) for at, term in enumerate(terms) if at not in looked_up]
        inputs = tuple(dict.fromkeys(name for _, term in computed for name in term.inputs))
        self._columns = (*self._lookup.columns, *inputs)
        """Coded columns, then those that terms cannot be computed without."""
        n_coded = len(self._lookup.columns)
        self._computed = [
            (at, term, frozenset(n_coded + inputs.index(name) for name in term.inputs))
            for at, term in computed
        ]

    def matrix(self, patients: Columns) -> Values:
        """Compute the terms of patients.

        Parameters
        ----------
        patients : Columns of `Patient`

        Returns
        -------
        matrix : ndarray of shape (n_patients, n_terms)
            As `Term.compute` gives it, term by term; NaN where an input is missing.
        """
        matrix = np.empty((self._n_terms, len(patients)))
        columns = patients.stacked(self._columns)
        missing = np.isnan(columns)
        matrix[self._looked_up] = self._lookup.values(columns, missing)
        unknown = set(np.flatnonzero(missing.all(axis=1)).tolist())
        for at, term, inputs in self._computed:
            # Without an input the term is missing: nothing to compute.
            matrix[at] = term.compute(patients) if inputs.isdisjoint(unknown) else np.nan
        return np.ascontiguousarray(matrix.T)


class _Lookup:
    """Terms of coded columns: their values, one table after the other, and where each begins.

    Parameters
    ----------
    terms : sequence of Term

    Attributes
    ----------
    columns : tuple of str
        Which the terms read.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self.columns = tuple(dict.fromkeys(name for term in terms for name in term.reads))
        coded = (*self.columns, NO_COLUMN)
        self._missing = np.array([_n_codes(name) - 1 for name in self.columns], dtype=float)[:, None]
        reads = [(*term.reads, NO_COLUMN)[:MOST_COLUMNS] for term in terms]
        self._first, self._second = (
            np.array([coded.index(each[part]) for each in reads], dtype=np.intp)
            for part in range(MOST_COLUMNS)
        )
        tables = [_table(term, each) for term, each in zip(terms, reads, strict=True)]
        self._values = np.concatenate([np.zeros(0), *tables])
        self._begin = np.cumsum([0, *map(len, tables)], dtype=np.intp)[:-1, None]
        self._stride = np.array([_n_codes(second) for _, second in reads], dtype=np.intp)[:, None]

    def values(self, columns: Values, missing: NDArray[np.bool_]) -> Values:
        """Look up every term, of arrays whose first rows are the columns: shape (n_terms, n_patients)."""
        n = len(self.columns)
        codes = np.zeros((n + 1, columns.shape[1]), dtype=np.intp)
        codes[:n] = np.where(missing[:n], self._missing, columns[:n])
        positions = codes.take(self._first, axis=0)
        positions *= self._stride
        positions += self._begin
        positions += codes.take(self._second, axis=0)
        return np.asarray(self._values.take(positions))


def _is_looked_up(term: Term) -> bool:
    coded = all(specs(Patient)[name].kind in ("choice", "boolean") for name in term.reads)
    return coded and 0 < len(term.reads) <= MOST_COLUMNS


def _n_codes(column: str) -> int:
    """Count the codes of a column, a missing value included."""
    if column == NO_COLUMN:
        return 1
    spec = specs(Patient)[column]
    return 1 + (len(spec.options) if spec.kind == "choice" else 2)


def _table(term: Term, reads: Sequence[str]) -> Values:
    """Compute a term for every combination of the codes of two columns, the last of each a missing value."""
    codes = np.indices([_n_codes(name) for name in reads]).reshape(len(reads), -1)
    nothing = np.full(codes.shape[1], np.nan)
    known = {
        name: np.where(code == _n_codes(name) - 1, np.nan, code)
        for name, code in zip(reads, codes, strict=True)
        if name != NO_COLUMN
    }
    return term.compute(Columns(Patient, {**dict.fromkeys(specs(Patient), nothing), **known}))
