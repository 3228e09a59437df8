"""The replicates of a released model updated as tasks, some in each."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np

from serving.model.forest import joined_forest
from serving.model.replicates import Replicates
from serving.model.risk_model import RiskModel
from training.console.stopwatch import Stopwatch
from training.dataset.outcome_dataset import OutcomeData
from training.external.closed_testing import Choice
from training.external.update_methods import NONE
from training.external.updated_model import updated_replicates
from training.learners.bootstrap_replicates import AT_ONCE, skip_weights, weighted_sets
from training.tasks.task import Shared, Task
from training.tasks.work import Work


def replicates_updated(
    model: RiskModel, choice: Choice, data: Shared, rng: np.random.Generator, *, key: str, watch: Stopwatch
) -> Work[Replicates]:
    """Update the replicates of a model, `AT_ONCE` in a task, on patients weighted at random.

    Each task has the random numbers that it would have if all were updated one after the other.

    Parameters
    ----------
    model : RiskModel
        As released, with replicates.
    choice : Choice
    data : Shared
        Of `OutcomeData`, whose patients chose the update.
    rng : numpy.random.Generator
    key : str
        Of the update, in the keys of tasks.
    watch : Stopwatch
        Counts the work on ``key``.

    Returns
    -------
    work : Work
        Its result is what `updated_replicates` returns.
    """
    before = model.replicates
    assert before is not None
    if choice.update.kind == NONE:
        return before
    name, tasks = f"{data.value.outcome.name}/{key}/replicates", []
    for first in range(0, len(before), AT_ONCE):
        some = _some(before, first)
        arguments = (replace(model, replicates=some), choice, data, deepcopy(rng))
        tasks.append(Task(f"{name} from {first}", update_some, arguments, steps=len(some)))
        skip_weights(data.value, len(some), rng)
    done = yield tasks
    watch.add_all(key, done)
    updated: list[Replicates] = [each.value for each in done]
    return replace(
        before,
        intercepts=np.concatenate([each.intercepts for each in updated]),
        coefficients=np.concatenate([each.coefficients for each in updated]),
        forest=None
        if before.forest is None
        else joined_forest([each.forest for each in updated if each.forest]),
    )


def update_some(model: RiskModel, choice: Choice, data: OutcomeData, rng: np.random.Generator) -> Replicates:
    """Update the replicates that a model has, on as many weighted sets."""
    assert model.replicates is not None
    return updated_replicates(model, choice, weighted_sets(data, len(model.replicates), rng))


def _some(replicates: Replicates, first: int) -> Replicates:
    """Pick some replicates."""
    which = slice(first, first + AT_ONCE)
    return replace(
        replicates,
        intercepts=replicates.intercepts[which],
        coefficients=replicates.coefficients[which],
        missing=replicates.missing[which],
        forest=None if replicates.forest is None else replicates.forest.of_boosters(which),
    )
