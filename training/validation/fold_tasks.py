"""The fits of a cross-validation as tasks: one for every learner, repeat and fold."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from training.dataset.outcome_dataset import OutcomeData
from training.learners.learner import Fitter
from training.tasks.task import Done, Shared, Task
from training.validation.shared_folds import Folds


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
                tasks[name].append(Task(key, held_out_risk, arguments))
                learner.skip_choice(training, rngs[name])
    return tasks


def held_out_risk(
    learner: Fitter,
    data: OutcomeData,
    number: NDArray[np.int64],
    repeat: int,
    fold: int,
    rng: np.random.Generator,
) -> Values:
    """Choose and fit without a fold, and predict it.

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
    risk : ndarray of shape (n_held_out, n_horizons)
    """
    held_out = np.flatnonzero(number[repeat] == fold)
    training = data.training_set(np.flatnonzero(number[repeat] != fold))
    model = learner.fit(training, learner.choose(training, rng))
    return model.risk_by(data.patients.take(held_out), data.horizons_days)


def joined_risks(done: list[Done], data: OutcomeData, folds: Folds) -> Values:
    """Put the risks of all folds of a learner together: shape (n_repeats, n_infusions, n_horizons)."""
    risk, risks = np.empty((*folds.number.shape, len(data.horizons_days))), iter(done)
    for repeat, numbers in enumerate(folds.number):
        for fold in range(int(numbers.max()) + 1):
            risk[repeat, numbers == fold] = next(risks).value
    return risk
