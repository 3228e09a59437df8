"""The published evidence alone: no local patient has a part in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.columns import Columns
from features.schema import Patient
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from serving.model.without_sources import WithoutSource
from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import Evidence
from training.evidence.prior import Prior
from training.learners.anchored import Anchored, AnchoredChoice


class Published:
    """The anchored model before it has seen a patient: every candidate at its prior mass.

    Parameters
    ----------
    evidence : Evidence
        Published effects and base rates.
    """

    name = "published"
    interval_note: Reason | None = None
    fewest_events = 0

    def __init__(self, evidence: Evidence) -> None:
        self._anchored = Anchored(evidence)

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> AnchoredChoice:
        """Nothing is to be chosen."""
        return self._anchored.choose(without_patients(training), rng)

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw nothing."""

    def fit(self, training: TrainingSet, choice: AnchoredChoice) -> RiskModel:
        """State the prior as a model."""
        return replace(self._anchored.fit(without_patients(training), choice), method=self.name)

    def refit(self, training: TrainingSet, choice: AnchoredChoice, rng: np.random.Generator) -> RiskModel:
        """Draw a model from the prior."""
        return replace(self._anchored.refit(without_patients(training), choice, rng), method=self.name)

    def skip_refit(self, choice: AnchoredChoice, rng: np.random.Generator) -> None:
        """Draw what a replicate of the prior draws."""
        self._anchored.skip_refit(choice, rng)

    def evidence_note(self, model: RiskModel, choice: AnchoredChoice) -> Reason | None:
        """Say where the evidence has no effect, or no rate."""
        return self._anchored.evidence_note(model, choice)

    def without_sources(
        self, model: RiskModel, training: TrainingSet, choice: AnchoredChoice
    ) -> tuple[WithoutSource, ...]:
        """State the prior without each source as a model."""
        return self._anchored.without_sources(model, without_patients(training), choice)

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: AnchoredChoice, rng: np.random.Generator
    ) -> None:
        """Nothing is drawn: no patient has a part in it."""

    def prior(self, outcome: str, horizons_days: tuple[int, ...]) -> Prior:
        """State what is published of an outcome."""
        return self._anchored.prior(outcome, horizons_days)

    def parameters(self, choice: AnchoredChoice) -> dict[str, float | int | str]:
        """No parameters."""
        return {}


def without_patients(training: TrainingSet) -> TrainingSet:
    """Leave everybody out: outcome and horizons stay."""
    return training.take(np.zeros(0, dtype=np.int64))


def empty_set(outcome: str, horizons_days: tuple[int, ...]) -> TrainingSet:
    """Make a training set without patients, for a model of published evidence alone.

    Examples
    --------
    >>> len(empty_set("relapse", (365, 90)))
    0
    """
    nothing = np.zeros((0, len(horizons_days)))
    patients = Columns.from_rows(Patient, [])
    return TrainingSet(outcome, horizons_days, patients, nothing, nothing, np.zeros(0, dtype=np.int64))
