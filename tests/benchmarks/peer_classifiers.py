"""Peers that see who had the event by the headline horizon: regressions, trees and additive models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xgboost
from interpret.glassbox import ExplainableBoostingClassifier
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegressionCV

from features.columns import Values
from features.log_odds import logit
from tests.benchmarks.peer_task import Peer, Task, seed_from, share, standardized
from training.statistics.metrics import log_loss

RIDGE_CS = np.logspace(-4, 1, 11)
ELASTIC_NET_CS = np.logspace(-2.5, 0.5, 7)
L1_SHARE = 0.5

DEPTHS = (1, 2, 3)
ROUNDS = ((250, 150), (1000, 300), (np.inf, 500))
"""Most boosting rounds below so many patients."""
BOOSTING: Mapping[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "learning_rate": 0.05,
    "subsample": 0.7,
    "colsample_bynode": 0.5,
    "nthread": 1,
    "base_score": 0.5,
}

N_TREES, N_TREES_TO_CHOOSE = 300, 50
N_TREES_OF_MANY, N_TREES_TO_CHOOSE_OF_MANY = 150, 40
LEAVES = (5, 10, 20)

EBM_SETTINGS: Mapping[str, Any] = {
    # Faster steps on coarser bins take about 1 second where the defaults take 26, and lose nothing: excess
    # log loss .0131 by the defaults (with four bags) and .0107 so at 4,000 patients, .0228 and .0250 at
    # 1,000, relapse with interactions.
    "outer_bags": 4,
    "learning_rate": 0.05,
    "max_bins": 64,
    "max_interaction_bins": 16,
    "smoothing_rounds": 20,
    "interaction_smoothing_rounds": 20,
    "early_stopping_rounds": 30,
    "n_jobs": 1,
}


def ridge(task: Task, rng: np.random.Generator) -> Values:
    """Choose the penalty by cross-validated log loss."""
    return _logistic(task, rng, Cs=RIDGE_CS, l1_ratios=(0,), solver="newton-cholesky")


def elastic_net(task: Task, rng: np.random.Generator) -> Values:
    """Do the same with half of the penalty on absolute values."""
    settings = {"solver": "saga", "max_iter": 200, "tol": 1e-3}
    return _logistic(task, rng, Cs=ELASTIC_NET_CS, l1_ratios=(L1_SHARE,), **settings)


def boosted(task: Task, rng: np.random.Generator) -> Values:
    """Choose depth and rounds, none included, by the mean held-out loss after each round."""
    most = next(rounds for up_to, rounds in ROUNDS if len(task.data) < up_to)
    folds = task.folds(rng)
    curves = {depth: _held_out_curve(task, folds, depth, most, rng) for depth in DEPTHS}
    depth = min(DEPTHS, key=lambda candidate: curves[candidate].min())
    rounds = int(np.argmin(curves[depth]))
    known_share = share(task.label, task.weight)
    booster = xgboost.train(
        {**BOOSTING, "max_depth": depth, "seed": seed_from(rng)},
        _boosting_rows(task.rows, task.label, task.weight, known_share),
        num_boost_round=rounds,
    )
    margin = np.full(len(task.test), logit(known_share), dtype=np.float32)
    return booster.predict(xgboost.DMatrix(task.test, base_margin=margin, nthread=1)).astype(np.float64)


def random_forest(task: Task, rng: np.random.Generator) -> Values:
    """Choose the smallest leaf by out-of-bag loss of a few trees, then grow the rest."""
    few, every = (N_TREES_TO_CHOOSE_OF_MANY, N_TREES_OF_MANY) if task.many else (N_TREES_TO_CHOOSE, N_TREES)
    forests = [
        RandomForestClassifier(
            few, min_samples_leaf=leaf, oob_score=True, warm_start=True, random_state=seed_from(rng)
        ).fit(task.rows, task.label, sample_weight=task.weight)
        for leaf in LEAVES
    ]
    best = forests[int(np.argmin([_out_of_bag_loss(forest, task) for forest in forests]))]
    best.set_params(n_estimators=every, oob_score=False)
    return best.fit(task.rows, task.label, sample_weight=task.weight).predict_proba(task.test)[:, 1]


def ebm(n_pairs: int) -> Peer:
    """Make an explainable boosting machine without tuning, with main effects and so many pairs."""

    def fit(task: Task, rng: np.random.Generator) -> Values:
        model = ExplainableBoostingClassifier(
            **EBM_SETTINGS, interactions=n_pairs, random_state=seed_from(rng)
        )
        return model.fit(task.rows, task.label, sample_weight=task.weight).predict_proba(task.test)[:, 1]

    return fit


def _logistic(task: Task, rng: np.random.Generator, **settings: Any) -> Values:
    rows, test = standardized(task.rows, task.test)
    model = LogisticRegressionCV(
        cv=task.folds(rng),
        scoring="neg_log_loss",
        use_legacy_attributes=False,
        random_state=seed_from(rng),
        **settings,
    )
    return model.fit(rows, task.label, sample_weight=task.weight).predict_proba(test)[:, 1]


def _held_out_curve(task: Task, folds: list[Any], depth: int, most: int, rng: np.random.Generator) -> Values:
    """Sum the held-out losses after 0, 1, 2 ... rounds."""
    total = np.zeros(most + 1)
    for fitted, held_out in folds:
        known_share = share(task.label[fitted], task.weight[fitted])
        rows, tested = (
            _boosting_rows(task.rows[part], task.label[part], task.weight[part], known_share)
            for part in (fitted, held_out)
        )
        losses: dict[str, Any] = {}
        xgboost.train(
            {**BOOSTING, "max_depth": depth, "seed": seed_from(rng)},
            rows,
            num_boost_round=most,
            evals=[(tested, "held_out")],
            evals_result=losses,
            verbose_eval=False,
        )
        weight = task.weight[held_out]
        none = log_loss(np.full(len(held_out), known_share), task.label[held_out], weight[None])
        total += weight.sum() * np.concatenate([none, losses["held_out"]["logloss"]])
    return total


def _boosting_rows(
    rows: Values, label: NDArray[np.int64], weight: Values, known_share: float
) -> xgboost.DMatrix:
    margin = np.full(len(rows), logit(known_share), dtype=np.float32)
    return xgboost.DMatrix(rows, label, weight=weight, base_margin=margin, nthread=1)


def _out_of_bag_loss(forest: RandomForestClassifier, task: Task) -> float:
    risk = np.clip(forest.oob_decision_function_[:, 1], 1e-3, 1 - 1e-3)
    return float(log_loss(np.nan_to_num(risk, nan=0.5), task.label, task.weight[None])[0])
