"""The fits of a cross-validation as tasks: one for every learner, repeat and fold."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.short_repr import ShortRepr
from training.dataset.outcome_dataset import OutcomeData
from training.learners.learner import Fitter
from training.tasks.task import Done, Shared, Task
from training.validation.shared_folds import Folds


@dataclass(frozen=True, repr=False)
class FoldRisk(ShortRepr):
    """Risks by the model of one fold.

    Attributes
    ----------
    held_out : ndarray of shape (n_held_out, n_horizons)
        Of the infusions that it never saw.
    fitted : ndarray of shape (n_others, n_horizons)
        Of those that it was fitted to.
    """

    held_out: Values
    fitted: Values


def fold_tasks(
    learners: Mapping[str, Fitter],
    data: Shared,
    folds: Folds,
    rngs: Mapping[str, np.random.Generator],
) -> dict[str, list[Task]]:
    """Make the tasks that predict every infusion by models that never saw its patient.

    Each has the random numbers that it would have if all were made one after the other.

    Parameters
    ----------
    learners : mapping of str to Fitter
    data : Shared
        Of `OutcomeData`.
    folds : Folds
    rngs : mapping of str to numpy.random.Generator
        Of each learner; as far on afterwards as after all choices.

    Returns
    -------
    tasks : dict of str to list of Task
        By learner; those of the first repeat come first.
    """
    known: OutcomeData = data.value
    shared = {name: Shared(learner) for name, learner in learners.items()}
    number = Shared(folds.number)
    tasks: dict[str, list[Task]] = {name: [] for name in learners}
    for repeat, numbers in enumerate(folds.number):
        for fold in range(int(numbers.max()) + 1):
            training = known.training_set(np.flatnonzero(numbers != fold))
            for name, learner in learners.items():
                key = f"{known.outcome.name}/{name}/repeat {repeat}/fold {fold}"
                arguments = (shared[name], data, number, repeat, fold, deepcopy(rngs[name]))
                tasks[name].append(Task(key, fold_risk, arguments))
                learner.skip_choice(training, rngs[name])
    return tasks


def fold_risk(
    learner: Fitter,
    data: OutcomeData,
    number: NDArray[np.int64],
    repeat: int,
    fold: int,
    rng: np.random.Generator,
) -> FoldRisk:
    """Choose and fit without a fold, and predict it, and those that were fitted to.

    Parameters
    ----------
    learner : Fitter
    data : OutcomeData
    number : ndarray of shape (n_repeats, n_infusions)
        Fold in which each infusion is held out.
    repeat, fold : int
    rng : numpy.random.Generator
        For the choice.

    Returns
    -------
    risk : FoldRisk
    """
    held_out, others = (np.flatnonzero((number[repeat] == fold) == inside) for inside in (True, False))
    training = data.training_set(others)
    model = learner.fit(training, learner.choose(training, rng))
    risks = (model.risk_by(data.patients.take(part), data.horizons_days) for part in (held_out, others))
    return FoldRisk(*risks)


def joined_risks(done: list[Done], data: OutcomeData, folds: Folds) -> tuple[Values, Values]:
    """Put the risks of all folds of a learner together.

    Returns
    -------
    held_out : ndarray of shape (n_repeats, n_infusions, n_horizons)
    fitted : ndarray of shape (n_folds, n_repeats, n_infusions, n_horizons)
        Risks by the model of each fold of the infusions that it was fitted to; NaN where it was not.
    """
    shape = (*folds.number.shape, len(data.horizons_days))
    held_out, risks = np.empty(shape), iter(done)
    fitted = np.full((int(folds.number.max()) + 1, *shape), np.nan)
    for repeat, numbers in enumerate(folds.number):
        for fold in range(int(numbers.max()) + 1):
            risk: FoldRisk = next(risks).value
            held_out[repeat, numbers == fold] = risk.held_out
            fitted[fold, repeat, numbers != fold] = risk.fitted
    return held_out, fitted
