"""Shallow trees on what the linear part leaves over: interactions and thresholds, if the cohort shows any."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from features.columns import Values
from serving.risk_model import expit
from serving.trees import TreePart, raw_contributions, tree_matrix
from training.boosted import two_digits
from training.outcome_data import TrainingSet

ROUNDS = (0, 5, 10, 15, 20, 30, 40, 60)
"""Candidate numbers of rounds; none is one of them. The replicates hold as many trees each, and a bundle 200
replicates: more rounds than these cost more on answering than they bring."""
FEWEST_EVENTS = 25
"""With fewer events, or infusions without, no interaction can be told from chance, and none is looked for."""
TOLERANCE_ERRORS = 0.25
"""Fewer rounds are taken where they lose at most this many standard errors to the best number. A whole error
finds half of what there is: excess log loss with interactions, 1,000 patients, .0194 by none of the trees,
.0194 with 1, .0185 with a quarter, and without any interaction no more than .0002 worse."""

SETTINGS: dict[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    # Pairs of predictors may act together; more than that a few hundred patients cannot show.
    "max_depth": 2,
    "learning_rate": 0.2,
    "min_child_weight": 3.0,
    # Leaves much drawn to zero and few columns a node: each tree adds little, and 60 are enough.
    "reg_lambda": 20.0,
    "subsample": 0.7,
    "colsample_bynode": 0.3,
    "seed": 20260101,
    # Unset it is estimated from the labels and shifts the margin; 0.5 is log-odds 0.
    "base_score": 0.5,
    "nthread": 1,
}


def worth_looking(training: TrainingSet) -> bool:
    """Whether there are events enough, at the headline horizon, to look for more than a sum of terms."""
    seen = training.weight[:, 0] > 0
    events = int((training.label[seen, 0] == 1).sum())
    return min(events, int(seen.sum()) - events) >= FEWEST_EVENTS


def choose_rounds(training: TrainingSet, margin: Values, fold: NDArray[np.int64]) -> int:
    """Choose the number of rounds by cross-validation, the fewest that are as good as the best.

    Parameters
    ----------
    training : TrainingSet
    margin : ndarray of shape (n_infusions, n_horizons)
        Log-odds of the linear part, each from fits that did not see the infusion's fold.
    fold : ndarray of shape (n_infusions,)

    Returns
    -------
    rounds : int
        One of `ROUNDS`; 0 where trees are not told from chance.
    """
    loss = np.zeros((len(ROUNDS), len(training)))
    for number in range(int(fold.max()) + 1):
        kept, held_out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        matrix = _matrix(training.take(kept), margin[kept])
        booster = xgboost.train(SETTINGS, matrix, num_boost_round=max(ROUNDS))
        loss[:, held_out] = _losses(booster, training.take(held_out), margin[held_out])
    best = int(np.argmin(loss.sum(axis=1)))
    for place in range(best):
        worse = loss[place] - loss[best]
        by_patient = np.bincount(training.groups, weights=worse)
        if by_patient.sum() <= TOLERANCE_ERRORS * np.sqrt((by_patient**2).sum()):
            return ROUNDS[place]
    return ROUNDS[best]


def fit_trees(training: TrainingSet, margin: Values, *, rounds: int, seed: int) -> TreePart:
    """Fit trees upon a cross-fitted margin.

    Parameters
    ----------
    training : TrainingSet
    margin : ndarray of shape (n_infusions, n_horizons)
        As in `choose_rounds`; a margin that had seen the labels would leave nothing over.
    rounds : int
    seed : int
        Of the parts of patients and columns that each tree sees.

    Returns
    -------
    trees : TreePart
    """
    booster = xgboost.train({**SETTINGS, "seed": seed}, _matrix(training, margin), num_boost_round=rounds)
    counted = training.weight.sum(axis=1) > 0
    contributions = raw_contributions(booster, training.patients.take(counted))
    return TreePart(bytes(booster.save_raw("ubj")), contributions.mean(axis=0))


def _losses(booster: xgboost.Booster, tested: TrainingSet, margin: Values) -> Values:
    """Weighted log loss of every infusion after each of `ROUNDS`: shape (n_rounds, n_infusions)."""
    n_infusions, n_horizons = tested.label.shape
    matrix = _matrix(tested, margin)
    found = []
    for rounds in ROUNDS:
        log_odds = (
            booster.predict(matrix, output_margin=True, iteration_range=(0, rounds)).astype(float)
            if rounds
            else margin.T.ravel()
        )
        risk = np.clip(expit(log_odds.reshape(n_horizons, n_infusions).T), 1e-12, 1 - 1e-12)
        loss = -tested.label * np.log(risk) - (1 - tested.label) * np.log1p(-risk)
        found.append((tested.weight * loss).sum(axis=1) / n_horizons)
    return np.stack(found)


def _matrix(training: TrainingSet, margin: Values) -> xgboost.DMatrix:
    """One row an infusion and horizon, values rounded: a bundle holds no patient's value as a threshold."""
    n_horizons = training.label.shape[1]
    return xgboost.DMatrix(
        np.tile(two_digits(tree_matrix(training.patients)), (n_horizons, 1)),
        label=training.label.T.ravel(),
        weight=training.weight.T.ravel() / n_horizons,
        base_margin=margin.T.ravel(),
        nthread=1,
    )
