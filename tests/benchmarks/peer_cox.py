"""A peer that models time: the Fine-Gray subdistribution hazard, by ridge Cox regression."""

from __future__ import annotations

import lifelines
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.columns import Values
from tests.benchmarks.peer_task import Task, standardized
from training.dataset.outcome_dataset import OutcomeData
from training.statistics.censoring_weights import censoring_survival
from training.statistics.metrics import log_loss

COX_CS = (0.003, 0.01, 0.03, 0.1)
COX_CS_OF_MANY = (0.003, 0.03, 0.3)
"""Inverse penalties on the scale of scikit-learn's C."""
COX_FOLDS = 3
N_IMPUTATIONS, N_IMPUTATIONS_OF_MANY = 3, 2


def cox(task: Task, rng: np.random.Generator) -> Values:
    """Fit the subdistribution hazard by ridge Cox regression, the censoring days of the dead imputed.

    Ruan & Gray 2008, doi:10.1002/sim.3402: a competing death leaves the risk set when it would have been
    censored, drawn from the censoring distribution beyond the day of death. Risks are averaged.
    """
    rows = task.cohort
    n_imputations = N_IMPUTATIONS_OF_MANY if task.many else N_IMPUTATIONS
    imputed = [_subdistribution(task.data, rng) for _ in range(n_imputations)]
    candidates = COX_CS_OF_MANY if task.many else COX_CS
    fold = rng.permutation(len(rows)) % COX_FOLDS
    losses = [_cox_loss(task, rows, imputed[0], fold, c) for c in candidates]
    chosen = candidates[int(np.argmin(losses))]
    return np.mean([_cox_risk(rows, *times, task.test, task, chosen) for times in imputed], axis=0)


def _subdistribution(data: OutcomeData, rng: np.random.Generator) -> tuple[Values, NDArray[np.bool_]]:
    """Draw the day on which each of the dead would have been censored; the last day of all if never."""
    day, event = data.observation.day.copy(), data.observation.event
    censoring = censoring_survival(day, event)
    dead = np.flatnonzero(event == 2)
    level = rng.random(len(dead)) * censoring.before(np.nextafter(day[dead], np.inf))
    place = np.searchsorted(-censoring.survival, -level, side="left")
    days = np.append(censoring.days, np.inf)[place]
    day[dead] = np.maximum(day[dead], np.minimum(days, day.max() + 1))
    return day, event == 1


def _cox_loss(
    task: Task, rows: Values, times: tuple[Values, NDArray[np.bool_]], fold: Values, c: float
) -> float:
    day, relapsed = times
    risk = np.empty(len(rows))
    for number in range(COX_FOLDS):
        held_out = fold == number
        risk[held_out] = _cox_risk(
            rows[~held_out], day[~held_out], relapsed[~held_out], rows[held_out], task, c
        )
    label, weight = task.training.label[:, 0], task.training.weight[:, 0]
    return float(log_loss(np.clip(risk, 1e-3, 1 - 1e-3), label, weight[None])[0])


def _cox_risk(
    rows: Values, day: Values, relapsed: NDArray[np.bool_], test: Values, task: Task, c: float
) -> Values:
    rows, test = standardized(rows, test)
    names = [f"column {place}" for place in range(rows.shape[1])]
    frame = pd.DataFrame(rows, columns=names).assign(day=day, relapsed=relapsed)
    model = lifelines.CoxPHFitter(penalizer=1 / (c * len(rows))).fit(frame, "day", "relapsed")
    by_horizon = model.baseline_cumulative_hazard_.loc[: task.training.horizons_days[0]]
    # A fold of a small cohort may have no day at all before the horizon.
    baseline = float(by_horizon.iloc[-1, 0]) if len(by_horizon) else 0.0
    # lifelines states its baseline at the mean of the columns, which is 0.
    return -np.expm1(-baseline * np.exp(test @ model.params_.to_numpy()))
