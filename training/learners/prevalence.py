"""The baseline that knows no patient: the cumulative incidence of the training cohort, or its home center."""

from __future__ import annotations

import numpy as np

from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from training.dataset.training_set import TrainingSet
from training.statistics.penalized_logistic import penalized_logistic


class Prevalence:
    """Intercepts alone."""

    name = "prevalence"
    interval_note: Reason | None = None
    fewest_events = 0

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Nothing is to be chosen."""

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw nothing."""

    def fit(self, training: TrainingSet, choice: None) -> RiskModel:
        """Fit the intercepts."""
        none = np.zeros((len(training), 0))
        fit = penalized_logistic(
            none,
            training.label,
            training.answered_weight,
            horizons_days=training.horizons_days,
            mean=np.zeros(0),
            precision=np.zeros((0, 0)),
        )
        return RiskModel(training.outcome, self.name, training.horizons_days, reference=fit.intercepts)

    def refit(self, training: TrainingSet, choice: None, rng: np.random.Generator) -> RiskModel:
        """Fit the intercepts of a replicate."""
        return self.fit(training, choice)

    def skip_refit(self, choice: None, rng: np.random.Generator) -> None:
        """Draw nothing."""

    def evidence_note(self, model: RiskModel, choice: None) -> None:
        """No published effect has a part in it."""

    def without_sources(self, model: RiskModel, training: TrainingSet, choice: None) -> tuple[()]:
        """State none: it rests on no publication."""
        return ()

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: None, rng: np.random.Generator
    ) -> None:
        """Nothing is drawn: it takes no input."""

    def parameters(self, choice: None) -> dict[str, float | int | str]:
        """No parameters."""
        return {}
