"""The interval of a risk: the model refitted on patients weighted at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from serving.model.forest import forest_of
from serving.model.replicates import Replicates
from serving.model.risk_model import RiskModel
from training.console.stopwatch import Stopwatch
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.training_set import TrainingSet
from training.learners.learner import Learner
from training.tasks.task import Shared, Task
from training.tasks.work import Work

AT_ONCE = 10
"""Replicates of one task: few enough for many workers, and enough that sending the task is nothing."""


@dataclass(frozen=True, repr=False)
class Refit(ShortRepr):
    """What differs between replicates.

    Attributes
    ----------
    intercepts, coefficients : ndarray of shape (n_horizons,), (n_terms,)
    trees : bytes or None
    n_fields : int
        Of the linear part.
    """

    intercepts: Values
    coefficients: Values
    trees: bytes | None
    n_fields: int


def replicate(
    learner: Learner,
    choice: Any,
    sets: Iterable[TrainingSet],
    rng: np.random.Generator,
    *,
    advance: Callable[[], None] = lambda: None,
) -> Replicates:
    """Refit a model on weighted sets, and draw missing inputs.

    Parameters
    ----------
    learner : Learner
    choice : object
        As the model itself was fitted with.
    sets : iterable of TrainingSet
        One a replicate, at least one: from `weighted_sets`.
    rng : numpy.random.Generator
    advance : callable
        Called after each refit.

    Returns
    -------
    replicates : Replicates
    """
    refitted = []
    for training in sets:
        refitted.append(_refit(learner.refit(training, choice, rng)))
        advance()
    return _joined(refitted, rng)


def replicated(
    learner: Shared,
    data: Shared,
    choice: Shared,
    n_replicates: int,
    rng: np.random.Generator,
    *,
    watch: Stopwatch,
) -> Work[Replicates]:
    """Refit a model on `weighted_sets` of a cohort, `AT_ONCE` in a task.

    Each task has the random numbers that it would have if all refits were made one after the other.

    Parameters
    ----------
    learner, data, choice : Shared
        Of `Learner`, of `OutcomeData`, and of what the model itself was fitted with.
    n_replicates : int
    rng : numpy.random.Generator
    watch : Stopwatch
        Counts the work on the learner.

    Returns
    -------
    work : Work
        Its result is what `replicate` returns.
    """
    outcome, tasks = data.value.outcome.name, []
    for first in range(0, n_replicates, AT_ONCE):
        count = min(AT_ONCE, n_replicates - first)
        key = f"{outcome}/{learner.value.name}/replicates from {first}"
        tasks.append(Task(key, refits, (learner, data, choice, deepcopy(rng), count), steps=count))
        for _ in range(count):
            _patient_weights(data.value.fitted, rng)
            learner.value.skip_refit(choice.value, rng)
    done = yield tasks
    watch.add_all(learner.value.name, done)
    return _joined([each for some in done for each in some.value], rng)


def refits(
    learner: Learner, data: OutcomeData, choice: Any, rng: np.random.Generator, count: int
) -> list[Refit]:
    """Make some of the replicates of a model."""
    return [_refit(learner.refit(each, choice, rng)) for each in weighted_sets(data, count, rng)]


def weighted_sets(data: OutcomeData, n_replicates: int, rng: np.random.Generator) -> Iterator[TrainingSet]:
    """Weigh the patients of a cohort at random, censoring weights estimated again.

    An exponential weight a patient, shared by the patient's infusions: the Bayesian bootstrap. Unlike a draw
    with replacement it leaves no patient out, so a replicate has the rows that the model was fitted on.

    Parameters
    ----------
    data : OutcomeData
    n_replicates : int
    rng : numpy.random.Generator

    Yields
    ------
    training : TrainingSet
        Mean weight 1 a patient; of all centers, where there is a home center.

    References
    ----------
    Rubin 1981, doi:10.1214/aos/1176345338
    """
    fitted = data.fitted
    for _ in range(n_replicates):
        drawn = _patient_weights(fitted, rng)
        yield fitted.training_set(multiplicity=(drawn / drawn.mean())[fitted.groups])


def skip_weights(data: OutcomeData, n_replicates: int, rng: np.random.Generator) -> None:
    """Draw the random numbers of `weighted_sets`, and weigh nothing."""
    for _ in range(n_replicates):
        _patient_weights(data.fitted, rng)


def _patient_weights(fitted: OutcomeData, rng: np.random.Generator) -> Values:
    return rng.exponential(size=int(fitted.groups.max()) + 1)


def _refit(model: RiskModel) -> Refit:
    linear, trees = model.linear, model.trees
    return Refit(
        _intercepts(model),
        linear.coefficients if linear is not None else np.zeros(0),
        trees.ubj if trees is not None else None,
        len(linear.fields) if linear is not None else 0,
    )


def _joined(refitted: list[Refit], rng: np.random.Generator) -> Replicates:
    return Replicates(
        intercepts=np.stack([each.intercepts for each in refitted]),
        coefficients=np.stack([each.coefficients for each in refitted]),
        missing=rng.random((len(refitted), refitted[0].n_fields)),
        forest=forest_of([each.trees for each in refitted if each.trees is not None]),
    )


def _intercepts(model: RiskModel) -> np.ndarray:
    """Log-odds without the sum of leaves, whose mean the reference holds."""
    return model.reference - (model.trees.mean_margin if model.trees is not None else 0.0)
