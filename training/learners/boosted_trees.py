"""Shallow XGBoost trees on the patient's columns, the number of rounds chosen by cross-validation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.log_odds import expit
from serving.model.risk_model import RiskModel
from serving.model.trees import TREE_COLUMNS, TreePart, raw_contributions, tree_matrix
from serving.model.validation_summary import Reason
from training.dataset.fit_config import FEWEST_EVENTS
from training.dataset.training_set import TrainingSet
from training.learners.hyperparameters import BOOSTED, BoostedSettings
from training.learners.prevalence import Prevalence
from training.statistics.folds import LARGEST_SEED, grouped_folds, skip_dealing, strata_of
from training.statistics.metrics import log_loss

if TYPE_CHECKING:
    import xgboost

# xgboost is imported where trees are grown: the process that only gives tasks to others does without.

ROUNDS = tuple(range(0, 151, 10))
"""Candidate numbers of rounds; none is one of them."""
INNER_FOLDS = 5

SETTINGS: dict[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    # Trees on parts of patients and columns differ more and average better: mean excess log loss over the
    # true risk in 8 synthetic cohorts of 200 patients, relapse .060 with, .076 without; CRS .036 and .040.
    "subsample": 0.6,
    "colsample_bynode": 0.4,
    "seed": 20260101,
    # Unset it is estimated from the labels and shifts the margin; 0.5 is log-odds 0.
    "base_score": 0.5,
    "nthread": 1,
}

ROUNDED = "rounded columns of trees"
"""Under which they are kept beside the columns they are derived of."""


@dataclass(frozen=True)
class BoostedChoice:
    """Chosen number of boosting rounds; zero is allowed."""

    rounds: int


class Boosted:
    """XGBoost on all horizons at once: one f(x), an intercept a horizon.

    Parameters
    ----------
    settings : BoostedSettings
    """

    name = "xgboost"
    interval_note: Reason | None = Reason(
        "resampling_only",
        "intervals of boosted trees reflect resampling, not shrinkage toward the average: in synthetic "
        "cohorts of 60 and 120 patients, 37 to 55 % of them contained the true risk, not 90 %",
    )
    fewest_events = FEWEST_EVENTS

    def __init__(self, settings: BoostedSettings = BOOSTED) -> None:
        self._settings = settings

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> BoostedChoice:
        """Choose the number of rounds with the best held-out log loss."""
        fold = grouped_folds(
            strata_of(training.label, training.weight), training.groups, folds=INNER_FOLDS, rng=rng
        )
        losses = np.zeros(len(ROUNDS))
        for number in range(fold.max() + 1):
            losses += _held_out_losses(training, held_out=fold == number, settings=self._settings)
        return BoostedChoice(ROUNDS[int(np.argmin(losses))])

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw what one dealing of folds draws."""
        skip_dealing(rng)

    def fit(self, training: TrainingSet, choice: BoostedChoice) -> RiskModel:
        """Fit with the chosen number of rounds."""
        return self._fitted(training, choice, seed=SETTINGS["seed"])

    def refit(self, training: TrainingSet, choice: BoostedChoice, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate: other parts of patients and columns a tree."""
        return self._fitted(training, choice, seed=int(rng.integers(LARGEST_SEED)), explained=False)

    def skip_refit(self, choice: BoostedChoice, rng: np.random.Generator) -> None:
        """Draw a seed."""
        rng.integers(LARGEST_SEED)

    def _fitted(
        self, training: TrainingSet, choice: BoostedChoice, *, seed: int, explained: bool = True
    ) -> RiskModel:
        import xgboost

        intercepts = _intercepts(training)
        booster = xgboost.train(
            {**_grown(self._settings), "seed": seed},
            _stacked(training, intercepts),
            num_boost_round=choice.rounds,
        )
        trees = tree_part(booster, training, explained=explained)
        return RiskModel(
            training.outcome,
            self.name,
            training.horizons_days,
            reference=intercepts + trees.mean_margin,
            trees=trees,
        )

    def evidence_note(self, model: RiskModel, choice: BoostedChoice) -> None:
        """No published effect has a part in it."""

    def without_sources(self, model: RiskModel, training: TrainingSet, choice: BoostedChoice) -> tuple[()]:
        """State none: it rests on no publication."""
        return ()

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: BoostedChoice, rng: np.random.Generator
    ) -> None:
        """Nothing is drawn: trees take a missing value as it is."""

    def parameters(self, choice: BoostedChoice) -> dict[str, float | int | str]:
        """State the trees."""
        return {
            "rounds": choice.rounds,
            "max_depth": self._settings.max_depth,
            "learning_rate": self._settings.learning_rate,
        }


def tree_part(booster: xgboost.Booster, training: TrainingSet, *, explained: bool) -> TreePart:
    """State contributions against their mean over the infusions that count.

    Parameters
    ----------
    booster : xgboost.Booster
    training : TrainingSet
        What it was fitted to.
    explained : bool
        Whether anybody reads contributions. Nobody does of replicates: theirs are stated against 0, which
        changes no risk, and spares explaining every infusion of every replicate.

    Returns
    -------
    trees : TreePart
    """
    mean = np.zeros(len(TREE_COLUMNS))
    if explained:
        counted = training.weight.sum(axis=1) > 0
        mean = raw_contributions(booster, training.patients.take(counted)).mean(axis=0)
    return TreePart(bytes(booster.save_raw("ubj")), mean)


def _grown(settings: BoostedSettings) -> dict[str, Any]:
    """Say how trees are grown, as XGBoost takes it."""
    return {**SETTINGS, **asdict(settings)}


def _held_out_losses(
    training: TrainingSet, *, held_out: np.ndarray, settings: BoostedSettings = BOOSTED
) -> Values:
    """Sum the held-out loss after each of `ROUNDS`."""
    import xgboost

    kept, tested = training.take(~held_out), training.take(held_out)
    intercepts = _intercepts(kept)
    booster = xgboost.train(_grown(settings), _stacked(kept, intercepts), num_boost_round=max(ROUNDS))
    test, label, weight = _stacked(tested, intercepts), tested.label.T.ravel(), tested.weight.T.ravel()
    before = np.repeat(intercepts, len(tested))
    margins = [
        booster.predict(test, output_margin=True, iteration_range=(0, rounds)) if rounds else before
        for rounds in ROUNDS
    ]
    losses = [log_loss(expit(margin.astype(float)), label, weight[None])[0] for margin in margins]
    return np.nan_to_num(np.array(losses)) * weight.sum()


def _stacked(training: TrainingSet, intercepts: Values) -> xgboost.DMatrix:
    """One row an infusion and horizon, the horizon's intercept as margin.

    Values are rounded, since the trees keep some of them as thresholds and a bundle holds no patient's value.
    """
    import xgboost

    n_infusions, n_horizons = training.label.shape
    return xgboost.DMatrix(
        np.tile(rounded_columns(training.patients), (n_horizons, 1)),
        label=training.label.T.ravel(),
        weight=training.weight.T.ravel() / n_horizons,
        base_margin=np.repeat(intercepts, n_infusions),
        nthread=1,
    )


def rounded_columns(patients: Columns) -> NDArray[np.float32]:
    """Round what trees see of patients, once for all weightings of them; read-only."""
    known = patients.derived.get(ROUNDED)
    if known is None:
        known = two_digits(tree_matrix(patients))
        known.flags.writeable = False
        patients.derived[ROUNDED] = known
    return known


def two_digits(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round to two significant digits; NaN stays.

    Examples
    --------
    >>> two_digits(np.array([538.0, 0.0123, 0.0, np.nan], dtype=np.float32))
    array([5.4e+02, 1.2e-02, 0.0e+00,     nan], dtype=float32)
    """
    size = np.floor(np.log10(np.where(values > 0, values, 1.0)))
    scale = 10.0 ** (1 - size)
    return (np.round(values * scale) / scale).astype(np.float32)


def _intercepts(training: TrainingSet) -> Values:
    return Prevalence().fit(training, None).reference
