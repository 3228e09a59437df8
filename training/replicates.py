"""The interval of a risk: the model refitted on patients drawn with replacement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from serving.replicates import Replicates
from serving.risk_model import RiskModel
from training.learners import Learner
from training.outcome_data import OutcomeData
from training.validation import patient_bootstrap


def replicate(
    learner: Learner,
    choice: Any,
    data: OutcomeData,
    rng: np.random.Generator,
    *,
    n_replicates: int,
    advance: Callable[[], None] = lambda: None,
) -> Replicates:
    """Refit a model on patient-bootstrap draws, censoring weights estimated anew, and draw missing inputs.

    Parameters
    ----------
    learner : Learner
    choice : object
        As the model itself was fitted with.
    data : OutcomeData
    rng : numpy.random.Generator
    n_replicates : int
    advance : callable
        Called after each refit.

    Returns
    -------
    replicates : Replicates
    """
    models = []
    for multiplicity in patient_bootstrap(data.groups, n_replicates, rng):
        drawn = np.flatnonzero(multiplicity)
        training = data.training_set(drawn, multiplicity=multiplicity[drawn])
        models.append(learner.refit(training, choice, rng))
        advance()
    n_fields = len(models[0].linear.fields) if models[0].linear is not None else 0
    return Replicates(
        intercepts=np.stack([_intercepts(model) for model in models]),
        coefficients=np.stack(
            [model.linear.coefficients if model.linear is not None else np.zeros(0) for model in models]
        ),
        missing=rng.random((n_replicates, n_fields)),
        trees=tuple(model.trees.ubj for model in models if model.trees is not None),
    )


def _intercepts(model: RiskModel) -> np.ndarray:
    """Log-odds without the sum of leaves, whose mean the reference holds."""
    return model.reference - (model.trees.mean_margin if model.trees is not None else 0.0)
