"""What a peer is given, and the small steps that peers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from features.columns import Columns, Values
from features.terms import TERMS, term_matrix
from serving.model.trees import tree_matrix
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.training_set import TrainingSet

MANY = 500
"""Patients from which on there are fewer folds, candidates and trees, since the choice is easier there."""
FOLDS, FOLDS_OF_MANY = 5, 3
MARKED_FROM = 0.05
"""Share of missing values from which on a column has another that marks them."""


@dataclass(frozen=True)
class Task:
    """What a peer is given: infusions of known outcome, and the test patients' rows.

    Attributes
    ----------
    rows, test : ndarray of shape (n_known, n_columns), (n_test, n_columns)
        Without gaps: missing values are the median of the cohort, and a column with many of them has another
        that marks them.
    cohort : ndarray of shape (n_infusions, n_columns)
        The same of the whole cohort.
    label, weight : ndarray of shape (n_known,)
    data : OutcomeData
        The whole cohort, for those who model time.
    training : TrainingSet
        The same with labels and weights.
    known_patients, test_patients : Columns of `Patient`
        Of `rows` and `test`.
    """

    rows: Values
    test: Values
    cohort: Values
    label: NDArray[np.int64]
    weight: Values
    data: OutcomeData
    training: TrainingSet
    known_patients: Columns
    test_patients: Columns

    @property
    def many(self) -> bool:
        """Whether there are enough patients for fewer folds."""
        return len(self.data) >= MANY

    def folds(self, rng: np.random.Generator) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Deal the known infusions into folds: positions to fit and to hold out."""
        n_folds = min(FOLDS_OF_MANY if self.many else FOLDS, int(np.bincount(self.label).min()))
        dealt = StratifiedKFold(n_folds, shuffle=True, random_state=seed_from(rng))
        return list(dealt.split(self.rows, self.label))


Peer = Callable[[Task, np.random.Generator], Values]
"""Fits a cohort and gives the risks of the test patients: shape (n_test,)."""


def task_of(data: OutcomeData, test: Columns, inputs: str) -> Task:
    """Pick the infusions of known outcome at the headline horizon, as terms or as raw columns."""
    training = data.training_set()
    known = training.weight[:, 0] > 0
    cohort, later = without_gaps(matrix(training.patients, inputs), matrix(test, inputs))
    return Task(
        rows=cohort[known],
        test=later,
        cohort=cohort,
        label=training.label[known, 0].astype(np.int64),
        weight=training.weight[known, 0],
        data=data,
        training=training,
        known_patients=training.patients.take(known),
        test_patients=test,
    )


def matrix(patients: Columns, inputs: str) -> Values:
    """Compute the terms of the linear model, or the patient's columns as they are, choices one-hot."""
    if inputs == "terms":
        return term_matrix(patients, tuple(TERMS))
    return tree_matrix(patients).astype(np.float64)


def without_gaps(cohort: Values, test: Values) -> tuple[Values, Values]:
    """Fill gaps by the median of the cohort; mark those of columns with many, which may be informative.

    Examples
    --------
    >>> without_gaps(np.array([[1.0], [np.nan], [3.0]]), np.array([[np.nan]]))[1]
    array([[2., 1.]])
    """
    missing = np.isnan(cohort)
    if not missing.any() and not np.isnan(test).any():
        return cohort, test
    median = [
        np.median(column[~np.isnan(column)]) if (~np.isnan(column)).any() else 0.0 for column in cohort.T
    ]
    marked = missing.mean(axis=0) >= MARKED_FROM
    filled = [
        np.column_stack([np.where(np.isnan(each), median, each), np.isnan(each)[:, marked]])
        for each in (cohort, test)
    ]
    return filled[0], filled[1]


def standardized(rows: Values, test: Values) -> tuple[Values, Values]:
    """Scale to the training rows; columns that are constant there are left out."""
    varies = rows.std(axis=0) > 1e-8
    mean, spread = rows[:, varies].mean(axis=0), rows[:, varies].std(axis=0)
    return (rows[:, varies] - mean) / spread, (test[:, varies] - mean) / spread


def share(label: NDArray[np.int64], weight: Values) -> float:
    """State the weighted share of events."""
    return float((weight * label).sum() / weight.sum())


def seed_from(rng: np.random.Generator) -> int:
    """Draw a seed for a library that wants one."""
    return int(rng.integers(2**31 - 1))
