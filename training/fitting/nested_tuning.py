"""A learner whose settings are searched for inside its training set, so that cross-validation is nested.

The search is part of choosing, as a penalty or a number of rounds is: in every fold of a validation it is
repeated without the held-out patients. The metrics of a tuned learner include its search.
That the better of tuned and default is taken afterwards, by those same figures, is in neither's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from serving.model.without_sources import WithoutSource
from training.dataset.fit_config import TUNED
from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import Evidence
from training.fitting.optuna_study import Search, Setting, Settings, Trial, best
from training.learners.anchored import Anchored
from training.learners.boosted_trees import Boosted
from training.learners.hyperparameters import ANCHORED, BOOSTED, AnchoredSettings, BoostedSettings
from training.learners.learner import Learner
from training.statistics.folds import LARGEST_SEED, grouped_folds, strata_of
from training.statistics.metrics import log_loss
from training.validation.provenance import code_version

INNER_FOLDS = 5
N_SEEDS = 3
FAILED = "failed numerically"
"""In place of the log loss of a trial."""
SPACES: Mapping[str, Mapping[str, tuple[Setting, ...]]] = {
    "anchored": {
        "max_depth": (1, 2, 3),
        "learning_rate": (0.03, 0.05, 0.1, 0.2),
        "reg_lambda": (1.0, 3.0, 10.0, 30.0),
        "prior_scale": (0.5, 0.7, 1.0, 1.4, 2.0),
    },
    "xgboost": {
        "max_depth": (1, 2, 3, 4),
        "learning_rate": (0.02, 0.05, 0.1, 0.2),
        "reg_lambda": (0.3, 1.0, 3.0, 10.0, 30.0),
        "min_child_weight": (1.0, 2.0, 5.0, 10.0),
    },
}
"""Values that each setting may take, the default among them: about a factor of two apart, since a few hundred
patients cannot tell finer ones."""
DEFAULTS: Mapping[str, Settings] = {"anchored": asdict(ANCHORED), "xgboost": asdict(BOOSTED)}


@dataclass(frozen=True)
class TunedChoice:
    """Settings, and what their learner chose with them.

    Attributes
    ----------
    trials : tuple of Trial
        All that were made.
    learner : Learner
        With the settings of the best.
    choice : Any
        Of that learner.
    """

    trials: tuple[Trial, ...]
    learner: Learner
    choice: Any

    @property
    def settings(self) -> Settings:
        """Those of the best trial."""
        return best(list(self.trials)).settings


class Tuned:
    """A learner with its settings searched for.

    Parameters
    ----------
    model : str
        Entry of `SPACES`.
    evidence : Evidence
        What the anchored model starts from.
    search : Search
    """

    def __init__(self, model: str, evidence: Evidence, search: Search) -> None:
        self._model, self._make, self._search = model, makers(evidence)[model], search
        self._recipe = recipe(model, evidence)
        plain = self._make(DEFAULTS[model])
        self.name = f"{TUNED}{model}"
        self.interval_note, self.fewest_events = plain.interval_note, plain.fewest_events

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> TunedChoice:
        """Search by the held-out loss of inner folds, then choose as the learner does."""
        seed, dealing, last = (int(number) for number in rng.integers(LARGEST_SEED, size=N_SEEDS))
        strata = strata_of(training.label, training.weight)
        folds = grouped_folds(strata, training.groups, folds=INNER_FOLDS, rng=np.random.default_rng(dealing))
        trials = self._search.run(
            f"{training.outcome} / {self.name} / {fingerprint(training, seed, self._recipe)}",
            SPACES[self._model],
            DEFAULTS[self._model],
            lambda settings: held_out_loss(self._make(settings), training, folds, seed=seed),
            seed=seed,
        )
        learner = self._make(best(trials).settings)
        return TunedChoice(tuple(trials), learner, learner.choose(training, np.random.default_rng(last)))

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw the seeds of a search, its folds and the choice after it."""
        rng.integers(LARGEST_SEED, size=N_SEEDS)

    def fit(self, training: TrainingSet, choice: TunedChoice) -> RiskModel:
        """Fit with the settings found."""
        return choice.learner.fit(training, choice.choice)

    def refit(self, training: TrainingSet, choice: TunedChoice, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate; the settings stay."""
        return choice.learner.refit(training, choice.choice, rng)

    def skip_refit(self, choice: TunedChoice, rng: np.random.Generator) -> None:
        """Draw what the learner draws."""
        choice.learner.skip_refit(choice.choice, rng)

    def evidence_note(self, model: RiskModel, choice: TunedChoice) -> Reason | None:
        """Say what the learner says."""
        return choice.learner.evidence_note(model, choice.choice)

    def without_sources(
        self, model: RiskModel, training: TrainingSet, choice: TunedChoice
    ) -> tuple[WithoutSource, ...]:
        """State what the learner states."""
        return choice.learner.without_sources(model, training, choice.choice)

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: TunedChoice, rng: np.random.Generator
    ) -> RiskModel | None:
        """Fit again as the learner does; the settings stay."""
        return choice.learner.with_drawn_inputs(model, training, choice.choice, rng)

    def parameters(self, choice: TunedChoice) -> dict[str, float | int | str]:
        """State the settings beside what the learner states."""
        return {
            **choice.learner.parameters(choice.choice),
            **choice.settings,
            "trials": len(choice.trials),
            "inner_log_loss": best(list(choice.trials)).loss,
            "inner_log_loss_default": FAILED if choice.trials[0].failed else choice.trials[0].loss,
        }


def makers(evidence: Evidence) -> dict[str, Callable[[Settings], Learner]]:
    """Make learners from settings, by name."""
    return {"anchored": partial(_anchored, evidence), "xgboost": _boosted}


def _anchored(evidence: Evidence, settings: Settings) -> Learner:
    return Anchored(evidence, AnchoredSettings(**_exact(settings)))


def _boosted(settings: Settings) -> Learner:
    return Boosted(BoostedSettings(**_exact(settings)))


def _exact(settings: Settings) -> dict[str, Any]:
    return dict(settings)


def held_out_loss(learner: Learner, training: TrainingSet, folds: NDArray[np.int64], *, seed: int) -> float:
    """Measure the log loss of infusions held out, averaged over horizons; within the home center if any.

    Parameters
    ----------
    learner : Learner
    training : TrainingSet
    folds : ndarray of shape (n_infusions,)
    seed : int
        For the choices of the learner; all settings have the same.

    Returns
    -------
    loss : float
    """
    rng, risk = np.random.default_rng(seed), np.empty_like(training.label)
    for number in range(int(folds.max()) + 1):
        kept, held_out = np.flatnonzero(folds != number), np.flatnonzero(folds == number)
        part = training.take(kept)
        model = learner.fit(part, learner.choose(part, rng))
        risk[held_out] = model.risk_by(training.patients.take(held_out), training.horizons_days)
    horizons, weight = range(training.label.shape[1]), training.answered_weight
    return float(
        np.mean([log_loss(risk[:, at], training.label[:, at], weight[None, :, at])[0] for at in horizons])
    )


def recipe(model: str, evidence: Evidence) -> str:
    """State all that a trial's loss depends on beside patients and seed: evidence, values, folds, code."""
    return repr((evidence, SPACES[model], DEFAULTS[model], INNER_FOLDS, code_version()))


def fingerprint(training: TrainingSet, seed: int, stated: str) -> str:
    """Tell searches apart, so that no trial of another is taken for one of this.

    Parameters
    ----------
    training : TrainingSet
    seed : int
    stated : str
        From `recipe`.

    Returns
    -------
    digest : str
        24 hexadecimal digits, of all infusions together: nothing can be read from it.
    """
    digest = hashlib.sha256(repr((training.outcome, training.horizons_days, seed, stated)).encode())
    for values in (training.label, training.weight, training.groups):
        digest.update(np.ascontiguousarray(values).tobytes())
    if training.centers is not None:
        digest.update(repr((training.centers.n_named, training.centers.home)).encode())
        digest.update(training.centers.number.tobytes())
    for name in sorted(training.patients.values):
        digest.update(np.ascontiguousarray(training.patients[name]).tobytes())
    return digest.hexdigest()[:24]
