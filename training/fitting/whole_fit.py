"""Fits to all infusions of an outcome, as functions that another process can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.short_repr import ShortRepr
from serving.model.composed_risk import Composition
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from serving.model.without_sources import WithoutSource
from training.dataset.outcome_dataset import OutcomeData
from training.learners.learner import Learner
from training.validation.imputation_sensitivity import imputation_sensitivity


@dataclass(frozen=True, repr=False)
class WholeFit(ShortRepr):
    """A model of all infusions.

    Attributes
    ----------
    choice : object
        Of the learner.
    model : RiskModel
        Composed of nothing yet.
    evidence_note : Reason or None
    parameters : dict of str to float, int or str
    rng : numpy.random.Generator
        As far on as the choice left it, for the replicates.
    """

    choice: Any
    model: RiskModel
    evidence_note: Reason | None
    parameters: dict[str, float | int | str]
    rng: np.random.Generator


def fit_whole(learner: Learner, data: OutcomeData, rng: np.random.Generator) -> WholeFit:
    """Choose and fit on all infusions."""
    whole = data.training_set()
    choice = learner.choose(whole, rng)
    model = learner.fit(whole, choice)
    return WholeFit(choice, model, learner.evidence_note(model, choice), learner.parameters(choice), rng)


def fit_without_sources(
    learner: Learner, model: RiskModel, data: OutcomeData, choice: Any
) -> tuple[WithoutSource, ...]:
    """Fit on all infusions without each published source."""
    return learner.without_sources(model, data.training_set(), choice)


def measure_sensitivity(
    learner: Learner, model: RiskModel, data: OutcomeData, choice: Any, composition: Composition | None
) -> ImputationSensitivity | None:
    """Measure the sensitivity of all infusions to the imputation of missing inputs."""
    return imputation_sensitivity(learner, model, data.training_set(), choice, composition)
