"""Shallow trees on what the linear part leaves over: interactions and thresholds, if the cohort shows any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.log_odds import expit
from features.short_repr import ShortRepr
from features.terms import TERMS
from serving.model.trees import TREE_COLUMNS, TreePart
from training.dataset.training_set import TrainingSet
from training.learners.boosted_trees import rounded_columns, tree_part
from training.learners.hyperparameters import ANCHORED, AnchoredSettings
from training.statistics.penalized_logistic import observed_log_odds

if TYPE_CHECKING:
    import xgboost

# xgboost is imported where trees are grown: the process that only gives tasks to others does without.

ROUNDS = (0, 5, 10, 20, 30, 40, 60, 80, 100)
"""Candidate numbers of rounds; none is one of them."""
SHARES = (1.0, 0.5)
"""Candidate shares of the linear part that the trees start from: among thousands of patients its many small
coefficients are noise to the trees."""
MANY = 1000
"""Infusions from which all of these are tried, on more than one dealing of folds; below only `FEW_ROUNDS`."""
FEW_ROUNDS = 40
DEALINGS_OF_MANY = 2
"""Dealings of folds that the choice is averaged over in large cohorts: on one, chance hides one
interaction in six (severe CRS with interactions, 4,000 patients)."""
FEWEST_EVENTS = 25
"""With fewer events, or infusions without, no interaction can be separated from chance: none is fitted."""
TOLERANCE_ERRORS, FEW_TOLERANCE_ERRORS, TOLERANT = 0.25, 1.0, 500
"""No trees are taken where they gain less than this many standard errors, and fewer rounds where they lose
less: a quarter from 500 infusions on, a whole one below."""
DOUBTED_ERRORS = 2.0
"""The same where the data give most weight to no effect at all: an interaction of predictors that have no
effect of their own is so rare that chance is the likelier reason."""
OTHER_COLUMNS = 0.25
"""Chance of a column that studies do not speak of to be looked at, against one that has a term of them."""
COARSER = 2
"""Factor by which trees of a replicate are fewer and learn faster: the interval needs their
spread, not their last digit, and every answer asks 200 replicates."""

SETTINGS: dict[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "min_child_weight": 1.0,
    "subsample": 0.7,
    "colsample_bynode": 0.5,
    "seed": 20260101,
    # Unset it is estimated from the labels and shifts the margin; 0.5 is log-odds 0.
    "base_score": 0.5,
    "nthread": 1,
}


@dataclass(frozen=True)
class TreeChoice:
    """How many trees, upon how much of the linear part.

    Attributes
    ----------
    rounds : int
        One of `ROUNDS`; 0 for none.
    share : float
        One of `SHARES`; 1 without trees.
    """

    rounds: int = 0
    share: float = 1.0


def worth_looking(training: TrainingSet) -> bool:
    """Whether there are events enough, at the headline horizon, to look for more than a sum of terms."""
    seen = training.weight[:, 0] > 0
    events = int((training.label[seen, 0] == 1).sum())
    return min(events, int(seen.sum()) - events) >= FEWEST_EVENTS


@dataclass(frozen=True, repr=False)
class CrossFit(ShortRepr):
    """One dealing of folds, and the linear part fitted without each.

    Attributes
    ----------
    fold : ndarray of shape (n_infusions,)
    margin : ndarray of shape (n_infusions, n_horizons)
        Log-odds of the linear part, each from fits that did not see the infusion's fold.
    """

    fold: NDArray[np.int64]
    margin: Values


def dealings(training: TrainingSet) -> int:
    """Say on how many dealings of folds the trees are chosen."""
    return DEALINGS_OF_MANY if len(training) >= MANY else 1


def choose_trees(
    training: TrainingSet,
    fits: Sequence[CrossFit],
    *,
    doubted: bool = False,
    settings: AnchoredSettings = ANCHORED,
) -> TreeChoice:
    """Choose by cross-validation, the fewest rounds that are about as good as the best.

    Parameters
    ----------
    training : TrainingSet
    fits : sequence of CrossFit
        As many as `dealings` says.
    doubted : bool
        Whether the linear part gives most weight to no effect at all.
    settings : AnchoredSettings

    Returns
    -------
    choice : TreeChoice
        No rounds where trees do no better than chance.
    """
    many = len(training) >= MANY
    rounds = [number for number in ROUNDS if many or number <= FEW_ROUNDS]
    shares = SHARES if many else SHARES[:1]
    tried = [(share, number) for share in shares for number in rounds]
    loss = np.mean(
        [
            np.concatenate([_held_out(training, fit, share, rounds, settings) for share in shares])
            for fit in fits
        ],
        axis=0,
    )
    errors = TOLERANCE_ERRORS if len(training) >= TOLERANT else FEW_TOLERANCE_ERRORS
    errors = DOUBTED_ERRORS if doubted else errors
    best = int(np.argmin(loss.sum(axis=1)))
    # Half of the linear part and no trees is no candidate; the whole of it without trees comes first.
    of_share = [
        candidate for candidate, (share, number) in enumerate(tried) if share == tried[best][0] and number
    ]
    for candidate in (0, *of_share):
        if candidate == best or _as_good(loss[candidate] - loss[best], training.groups, errors=errors):
            share, number = tried[candidate]
            return TreeChoice(number, share)
    return TreeChoice()


def shared(margin: Values, training: TrainingSet, share: float) -> Values:
    """Draw log-odds to those of the cohort's own risk, leaving a share of how patients differ."""
    centre = observed_log_odds(training.label, training.weight)
    return centre + share * (margin - centre)


def shared_intercepts(intercepts: Values, training: TrainingSet, share: float) -> Values:
    """Draw intercepts as `shared` draws log-odds."""
    return intercepts + (1 - share) * (observed_log_odds(training.label, training.weight) - intercepts)


def fit_trees(
    training: TrainingSet,
    margin: Values,
    *,
    rounds: int,
    seed: int,
    coarser: int = 1,
    explained: bool = True,
    settings: AnchoredSettings = ANCHORED,
) -> TreePart:
    """Fit trees upon a cross-fitted margin.

    Parameters
    ----------
    training : TrainingSet
    margin : ndarray of shape (n_infusions, n_horizons)
        As in `choose_trees`, already drawn by its share; one that had seen the labels would leave nothing
        over.
    rounds : int
    seed : int
        Of the parts of patients and columns that each tree sees.
    coarser : int
        Factor by which trees are fewer and learn faster.
    explained : bool
        As in `tree_part`.
    settings : AnchoredSettings

    Returns
    -------
    trees : TreePart
    """
    import xgboost

    grown = {**_grown(settings), "seed": seed, "learning_rate": settings.learning_rate * coarser}
    booster = xgboost.train(grown, _matrix(training, margin), num_boost_round=max(1, round(rounds / coarser)))
    return tree_part(booster, training, explained=explained)


def _grown(settings: AnchoredSettings) -> dict[str, Any]:
    """Say how trees are grown, as XGBoost takes it."""
    chosen = {name: getattr(settings, name) for name in ("max_depth", "learning_rate", "reg_lambda")}
    return {**SETTINGS, **chosen}


def _held_out(
    training: TrainingSet,
    fit: CrossFit,
    share: float,
    rounds: list[int],
    settings: AnchoredSettings = ANCHORED,
) -> Values:
    """Weighted log loss of every infusion, held out, after each number of rounds: (n_rounds, n_infusions)."""
    import xgboost

    margin, fold = shared(fit.margin, training, share), fit.fold
    loss = np.zeros((len(rounds), len(training)))
    for number in range(int(fold.max()) + 1):
        kept, held_out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        matrix = _matrix(training.take(kept), margin[kept])
        booster = xgboost.train(_grown(settings), matrix, num_boost_round=max(rounds))
        loss[:, held_out] = _losses(booster, training.take(held_out), margin[held_out], rounds)
    return loss


def _as_good(worse: Values, groups: NDArray[np.int64], *, errors: float) -> bool:
    """Whether a difference in loss is within a part of its standard error over patients."""
    by_patient = np.bincount(groups, weights=worse)
    return bool(by_patient.sum() <= errors * np.sqrt((by_patient**2).sum()))


def _losses(booster: xgboost.Booster, tested: TrainingSet, margin: Values, rounds: list[int]) -> Values:
    n_infusions, n_horizons = tested.label.shape
    matrix = _matrix(tested, margin)
    losses = []
    for number in rounds:
        log_odds = (
            booster.predict(matrix, output_margin=True, iteration_range=(0, number)).astype(float)
            if number
            else margin.T.ravel()
        )
        risk = np.clip(expit(log_odds.reshape(n_horizons, n_infusions).T), 1e-12, 1 - 1e-12)
        loss = -tested.label * np.log(risk) - (1 - tested.label) * np.log1p(-risk)
        losses.append((tested.weight * loss).sum(axis=1) / n_horizons)
    return np.stack(losses)


@cache
def _chances() -> Values:
    """Chance of each tree column to be looked at."""
    used = {name for term in TERMS.values() for name in (term.field, *term.reads)}
    parts = {name for term in TERMS.values() if len(term.inputs) > 1 for name in term.inputs}
    return np.array([1.0 if column.field in used - parts else OTHER_COLUMNS for column in TREE_COLUMNS])


def _matrix(training: TrainingSet, margin: Values) -> xgboost.DMatrix:
    """One row an infusion and horizon, values rounded: a bundle holds no patient's value as a threshold."""
    import xgboost

    n_horizons = training.label.shape[1]
    return xgboost.DMatrix(
        np.tile(rounded_columns(training.patients), (n_horizons, 1)),
        label=training.label.T.ravel(),
        weight=training.weight.T.ravel() / n_horizons,
        base_margin=margin.T.ravel(),
        feature_weights=_chances(),
        nthread=1,
    )
