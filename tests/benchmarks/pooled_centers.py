"""A candidate, ``pooled=tests.benchmarks.pooled_centers:Pooled``, that takes a cohort for one center."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from serving.model.risk_model import RiskModel
from training.dataset.training_set import TrainingSet
from training.learners.anchored import Anchored, AnchoredChoice


class Pooled(Anchored):
    """The anchored learner without levels of centers, as for a cohort that names none."""

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> AnchoredChoice:
        """Choose without centers."""
        return super().choose(_pooled(training), rng)

    def fit(self, training: TrainingSet, choice: AnchoredChoice) -> RiskModel:
        """Fit without centers."""
        return super().fit(_pooled(training), choice)

    def refit(self, training: TrainingSet, choice: AnchoredChoice, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate without centers."""
        return super().refit(_pooled(training), choice, rng)


def _pooled(training: TrainingSet) -> TrainingSet:
    return replace(training, centers=None)
