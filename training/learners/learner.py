"""The learners by name, and what each of them must offer; a new one is one file and one entry."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from serving.model.without_sources import WithoutSource
from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import Evidence
from training.learners.anchored import Anchored
from training.learners.boosted_trees import Boosted
from training.learners.easix import Easix
from training.learners.evidence_only import Published
from training.learners.prevalence import Prevalence
from training.learners.ridge import Ridge


class Fitter(Protocol):
    """Chooses and fits: all that cross-validation needs."""

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> Any:
        """Choose what cannot be fitted, by cross-validation within the training set."""
        ...

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw the random numbers that `choose` draws, and choose nothing.

        So the next choice can begin, in another process, before this one is made.
        """
        ...

    def fit(self, training: TrainingSet, choice: Any) -> RiskModel:
        """Fit with a choice; deterministic."""
        ...


class Learner(Fitter, Protocol):
    """Fits a model of one outcome; choosing (a penalty, a number of rounds) and fitting are apart.

    ``interval_note`` says what is known to be wrong with the interval that its replicates give.
    ``fewest_events`` is the number of events, and of infusions without, below which it has nothing to learn
    from.
    """

    name: str
    interval_note: Reason | None
    fewest_events: int

    def refit(self, training: TrainingSet, choice: Any, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate on weighted patients, with all that the fit itself is uncertain about.

        The infusions are those that the choice was made on, in the same order.
        """
        ...

    def skip_refit(self, choice: Any, rng: np.random.Generator) -> None:
        """Draw the random numbers that `refit` draws, and fit nothing."""
        ...

    def evidence_note(self, model: RiskModel, choice: Any) -> Reason | None:
        """Say what the reader must know of published evidence and data; None where nothing."""
        ...

    def without_sources(
        self, model: RiskModel, training: TrainingSet, choice: Any
    ) -> tuple[WithoutSource, ...]:
        """Fit again without each published source; empty where the model rests on none.

        The model is the one of the same set and choice.
        """
        ...

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: Any, rng: np.random.Generator
    ) -> RiskModel | None:
        """Fit the linear part again to multiple imputations of missing terms, and average the fits.

        The model is the one of the same set and choice; all else of it stays. None where it has no linear
        part that is fitted to patients, or is never released.
        """
        ...

    def parameters(self, choice: Any) -> dict[str, float | int | str]:
        """State a choice for the record."""
        ...


BASELINES = ("prevalence", "easix", "published", "ridge", "xgboost")
"""What a model is compared with in the same folds, by name."""


def learners(evidence: Evidence) -> dict[str, Learner]:
    """Make every learner.

    Parameters
    ----------
    evidence : Evidence
        What those learn from that start from published effects.

    Returns
    -------
    learners : dict of str to Learner
        Those of `MODELS` and `BASELINES`, by name.

    Examples
    --------
    >>> from training.evidence.evidence_set import Evidence
    >>> sorted(learners(Evidence((), ())))
    ['anchored', 'easix', 'prevalence', 'published', 'ridge', 'xgboost']
    """
    made: tuple[Learner, ...] = (
        Anchored(evidence),
        Ridge(),
        Boosted(),
        Prevalence(),
        Easix(),
        Published(evidence),
    )
    return {learner.name: learner for learner in made}
