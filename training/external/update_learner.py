"""A released model in cross-validation: updated on the training part of each fold, or unchanged."""

from __future__ import annotations

import numpy as np

from serving.model.risk_model import RiskModel
from training.dataset.training_set import TrainingSet
from training.external.closed_testing import Choice, choose_update
from training.external.update_methods import prediction
from training.external.updated_model import updated_model

UPDATED, ORIGINAL = "updated", "original"
"""In the folds of an update: the updated model, and the released model without refitting."""


class Updater:
    """Updates a released model: what cross-validation repeats in every fold.

    Parameters
    ----------
    model : RiskModel
        As released.
    """

    def __init__(self, model: RiskModel) -> None:
        self._model = model

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> Choice:
        """Select the update by the closed test."""
        predicted = prediction(self._model, training.patients, training.horizons_days)
        return choose_update(predicted, training)

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw nothing."""

    def fit(self, training: TrainingSet, choice: Choice) -> RiskModel:
        """Apply the chosen update; it was fitted to the same set."""
        return updated_model(self._model, choice.update)


class Unchanged:
    """A released model as it is.

    Parameters
    ----------
    model : RiskModel
    """

    def __init__(self, model: RiskModel) -> None:
        self._model = model

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Choose nothing."""

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw nothing."""

    def fit(self, training: TrainingSet, choice: None) -> RiskModel:
        """Return the released model."""
        return self._model
