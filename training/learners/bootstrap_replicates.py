"""The interval of a risk: the model refitted on patients weighted at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from serving.model.replicates import Replicates
from serving.model.risk_model import RiskModel
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.training_set import TrainingSet
from training.learners.learner import Learner


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
    models = []
    for training in sets:
        models.append(learner.refit(training, choice, rng))
        advance()
    n_fields = len(models[0].linear.fields) if models[0].linear is not None else 0
    return Replicates(
        intercepts=np.stack([_intercepts(model) for model in models]),
        coefficients=np.stack(
            [model.linear.coefficients if model.linear is not None else np.zeros(0) for model in models]
        ),
        missing=rng.random((len(models), n_fields)),
        trees=tuple(model.trees.ubj for model in models if model.trees is not None),
    )


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
    n_patients = int(fitted.groups.max()) + 1
    for _ in range(n_replicates):
        drawn = rng.exponential(size=n_patients)
        yield fitted.training_set(multiplicity=(drawn / drawn.mean())[fitted.groups])


def _intercepts(model: RiskModel) -> np.ndarray:
    """Log-odds without the sum of leaves, whose mean the reference holds."""
    return model.reference - (model.trees.mean_margin if model.trees is not None else 0.0)
