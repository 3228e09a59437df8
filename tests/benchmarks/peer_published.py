"""Peers that know the literature: the evidence alone, recalibrated, or a ridge drawn toward it; and Firth.

They take published effects from the evidence that comes with the software, as any statistician could who read
it, and nothing of the way in which the anchored model joins it with patients.
"""

from __future__ import annotations

from functools import cache
from itertools import product as pairs
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.expected_terms import reference_profile
from features.log_odds import expit, logit
from features.outcomes import OUTCOMES
from features.terms import TERMS
from serving.model.risk_model import RiskModel
from tests.benchmarks.logistic_map import firth, logistic_map
from tests.benchmarks.peer_task import Task, share
from training.evidence.evidence_set import read_evidence
from training.evidence.prior_from_studies import published_prior
from training.learners.evidence_only import Published, empty_set
from training.statistics.metrics import log_loss

SHIFT_SPREAD, SLOPE_SPREAD = 1.0, 0.5
"""Weak priors of the recalibration: a base rate off by 1 log-odds, a slope of 1 give or take a half."""

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Candidate shares of the published effects toward which the ridge draws."""
SPREADS = (0.03, 0.1, 0.2, 0.4, 0.8)
"""Candidate standard deviations of a coefficient about them, log-odds per standard deviation of the term."""
INTERCEPT_PRECISION = 0.25

EVENTS_A_TERM = 5
"""Patients of the rarer class for each term that Firth's regression takes."""


def evidence_only(task: Task, rng: np.random.Generator) -> Values:
    """State the published model of this project, without a patient."""
    return expit(published_log_odds(task, task.test_patients))


def evidence_recalibrated(task: Task, rng: np.random.Generator) -> Values:
    """Refit intercept and slope of the published log-odds, both weakly penalized toward no change."""
    known, test = (
        published_log_odds(task, patients) for patients in (task.known_patients, task.test_patients)
    )
    middle = float(known.mean())
    fitted = logistic_map(
        np.column_stack([np.ones(len(known)), known - middle]),
        task.label.astype(np.float64),
        task.weight,
        mean=np.array([middle, 1.0]),
        precision=np.array([SHIFT_SPREAD, SLOPE_SPREAD]) ** -2.0,
    )
    return expit(fitted[0] + fitted[1] * (test - middle))


def ridge_toward_published(task: Task, rng: np.random.Generator) -> Values:
    """Draw coefficients toward a share of the published ones; share and penalty by cross-validation."""
    names = tuple(TERMS)
    profile = reference_profile(names)
    rows, test = (
        (each[:, : len(names)] - profile.centre) / profile.spread for each in (task.rows, task.test)
    )
    published = _published_effects(task.training.outcome) * profile.spread
    candidates = list(pairs(WEIGHTS, SPREADS))
    losses = np.sum(
        [
            [_held_out_loss(task, rows, dealt, weight * published, spread) for weight, spread in candidates]
            for dealt in task.folds(rng)
        ],
        axis=0,
    )
    weight, spread = candidates[int(np.argmin(losses))]
    beta = _ridge(task, rows, np.arange(len(rows)), weight * published, spread)
    return expit(beta[0] + test @ beta[1:])


def firth_regression(task: Task, rng: np.random.Generator) -> Values:
    """Fit Firth's regression of the terms published as strongest, as many as the events allow.

    The intercept is then fitted alone, so that the mean risk is the observed one (FLIC; Puhr et al. 2017,
    doi:10.1002/sim.7273).
    """
    names = tuple(TERMS)
    profile = reference_profile(names)
    strength = np.abs(_published_effects(task.training.outcome)) * profile.spread
    varies = np.flatnonzero(task.rows[:, : len(names)].std(axis=0) > 1e-8)
    n_terms = max(1, int(np.bincount(task.label, minlength=2).min()) // EVENTS_A_TERM)
    chosen = varies[np.argsort(-strength[varies], kind="stable")][:n_terms]
    rows, test = (
        (each[:, chosen] - profile.centre[chosen]) / profile.spread[chosen] for each in (task.rows, task.test)
    )
    independent = _independent(rows)
    rows, test = rows[:, independent], test[:, independent]
    label = task.label.astype(np.float64)
    beta = firth(np.column_stack([np.ones(len(rows)), rows]), label, task.weight)[1:]
    return expit(_intercept(rows @ beta, share(task.label, task.weight), task.weight) + test @ beta)


def published_log_odds(task: Task, patients: Columns) -> Values:
    """State the published log-odds at the headline horizon of the cohort: shape (n_infusions,)."""
    model = _published_model(task.training.outcome)
    return logit(model.risk_by(patients, task.training.horizons_days[:1])[:, 0])


def _held_out_loss(
    task: Task, rows: Values, dealt: tuple[NDArray[Any], NDArray[Any]], toward: Values, spread: float
) -> float:
    """Sum the log loss of the held-out rows of one fold."""
    fitted, held_out = dealt
    beta = _ridge(task, rows, fitted, toward, spread)
    risk = np.clip(expit(beta[0] + rows[held_out] @ beta[1:]), 1e-3, 1 - 1e-3)
    label, weight = task.label[held_out].astype(np.float64), task.weight[held_out]
    return float(weight.sum() * log_loss(risk, label, weight[None])[0])


def _ridge(task: Task, rows: Values, fitted: NDArray[Any], toward: Values, spread: float) -> Values:
    """Fit intercept and coefficients per standard deviation on some rows."""
    label, weight = task.label[fitted].astype(np.float64), task.weight[fitted]
    level = logit(np.array(np.clip(share(task.label[fitted], weight), 0.02, 0.98)))
    return logistic_map(
        np.column_stack([np.ones(len(label)), rows[fitted]]),
        label,
        weight,
        mean=np.append(level, toward),
        precision=np.append(INTERCEPT_PRECISION, np.full(len(toward), spread**-2.0)),
    )


def _independent(rows: Values) -> NDArray[np.int64]:
    """Pick columns, from the first on, that no earlier ones add up to."""
    kept: list[int] = []
    for column in range(rows.shape[1]):
        tried = np.column_stack([np.ones(len(rows)), rows[:, [*kept, column]]])
        if np.linalg.matrix_rank(tried, tol=1e-6) == tried.shape[1]:
            kept.append(column)
    return np.array(kept, dtype=np.int64)


def _intercept(moved: Values, observed: float, weight: Values) -> float:
    """Solve for the intercept at which the weighted mean risk is the observed one."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        short = np.average(expit(middle + moved), weights=weight) < observed
        low, high = (middle, high) if short else (low, middle)
    return (low + high) / 2


@cache
def _published_model(outcome: str) -> RiskModel:
    empty, learner = empty_set(outcome, OUTCOMES[outcome].horizons_days), Published(read_evidence())
    return learner.fit(empty, learner.choose(empty, np.random.default_rng(0)))


@cache
def _published_effects(outcome: str) -> Values:
    """State the published log odds ratio of every term, those of products from their rates."""
    horizons = OUTCOMES[outcome].horizons_days[:1]
    return published_prior(outcome, horizons, read_evidence()).mean
