"""The learners by name, and what each of them must offer; a new one is one file and one entry."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from serving.risk_model import RiskModel
from training.boosted import Boosted
from training.outcome_data import TrainingSet
from training.prevalence import Prevalence
from training.ridge import Ridge


class Learner(Protocol):
    """Fits a model of one outcome; choosing (a penalty, a number of rounds) and fitting are apart.

    ``interval_note`` says what is known to be wrong with the interval that its replicates give.
    """

    name: str
    interval_note: str

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> Any:
        """Choose what cannot be fitted, by cross-validation within the training set."""
        ...

    def fit(self, training: TrainingSet, choice: Any) -> RiskModel:
        """Fit with a choice; deterministic."""
        ...

    def refit(self, training: TrainingSet, choice: Any, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate on resampled patients, with all that the fit itself is uncertain about."""
        ...

    def parameters(self, choice: Any) -> dict[str, float | int | str]:
        """State a choice for the record."""
        ...


LEARNERS: dict[str, Learner] = {learner.name: learner for learner in (Ridge(), Boosted())}
"""Models that can be released."""

BASELINES: dict[str, Learner] = {"prevalence": Prevalence()}
"""What a model is compared with in the same folds."""
