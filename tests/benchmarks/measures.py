"""How far predicted risks are from true ones, without the noise of labels."""

from __future__ import annotations

import numpy as np

from features.columns import Values
from features.log_odds import expit, logit
from training.statistics.metrics import SAME_LOG_ODDS

SMALLEST_RISK = 1e-3
"""Predictions are drawn in to it, of all learners alike: a forest may say 0."""
NEWTON_STEPS = 50
FURTHEST_MOVE = 2.0
"""Largest change of a log-odds in one Newton step."""
SETTLED = 1e-10


def drawn_in(risk: Values) -> Values:
    """Keep predictions away from 0 and 1."""
    return np.clip(risk, SMALLEST_RISK, 1 - SMALLEST_RISK)


def excess_log_loss(true_risk: Values, risk: Values) -> float:
    """Mean log loss beyond that of the true risks: the mean Kullback-Leibler divergence.

    Parameters
    ----------
    true_risk, risk : ndarray of shape (n_patients,)
        In (0, 1); predictions are drawn in first.

    Returns
    -------
    excess : float
        0 or more.

    Examples
    --------
    >>> round(excess_log_loss(np.array([0.5]), np.array([0.25])), 6)
    0.143841
    """
    kept = drawn_in(risk)
    event = true_risk * np.log(true_risk / kept)
    none = (1 - true_risk) * np.log((1 - true_risk) / (1 - kept))
    return float((event + none).mean())


def slope_on_truth(true_risk: Values, risk: Values) -> float:
    """Compute the calibration slope with the true risks as labels.

    The coefficient of logit(risk) in a logistic model of the true risks, which are its labels: 1 is right,
    below 1 too extreme. NaN where all predictions are alike.

    Examples
    --------
    >>> true_risk = np.array([0.2, 0.5, 0.8])
    >>> round(slope_on_truth(true_risk, true_risk), 6)
    1.0
    """
    log_odds = logit(drawn_in(risk))
    if np.ptp(log_odds) < SAME_LOG_ODDS:
        return float("nan")
    spread = float(log_odds.std())
    design = np.column_stack([np.ones(len(risk)), (log_odds - log_odds.mean()) / spread])
    fitted_pair = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        fitted = expit(design @ fitted_pair)
        curvature = (design.T * (fitted * (1 - fitted))) @ design
        step = np.linalg.solve(curvature, design.T @ (true_risk - fitted))
        fitted_pair += step * min(1.0, FURTHEST_MOVE / max(float(np.abs(design @ step).max()), 1e-12))
        if np.abs(step).max() < SETTLED:
            break
    return float(fitted_pair[1]) / spread


def coverage_and_width(true_risk: Values, low: Values, high: Values) -> tuple[float, float]:
    """Share of true risks within their intervals, and the intervals' mean width.

    Examples
    --------
    >>> coverage_and_width(np.array([0.2, 0.9]), np.array([0.1, 0.1]), np.array([0.3, 0.5]))
    (0.5, 0.3)
    """
    covered = (low <= true_risk) & (true_risk <= high)
    return float(covered.mean()), float((high - low).mean())


def coverage_by_decile(true_risk: Values, low: Values, high: Values, risk: Values) -> Values:
    """Share of true risks within their intervals, by tenths of the predicted risk.

    Parameters
    ----------
    true_risk, low, high, risk : ndarray of shape (n_patients,)
        At least ten patients; equal risks are split in their order.

    Returns
    -------
    coverage : ndarray of shape (10,)
        Lowest risks first.

    Examples
    --------
    >>> risk = np.arange(20) / 20
    >>> coverage_by_decile(risk, np.zeros(20), np.full(20, 0.5), risk)
    array([1. , 1. , 1. , 1. , 1. , 0.5, 0. , 0. , 0. , 0. ])
    """
    covered = (low <= true_risk) & (true_risk <= high)
    tenths = np.array_split(np.argsort(risk, kind="stable"), 10)
    return np.array([covered[tenth].mean() for tenth in tenths])


def ratio_of_means(own: Values, peer: Values) -> tuple[float, float]:
    """Divide the mean of one by the mean of the other, measured on the same cohorts.

    Returns
    -------
    ratio : float
    error : float
        Its standard error by the delta method: with r the ratio, the standard error of the mean of
        ``own - r peer`` over the mean of ``peer``. NaN of one cohort.

    Examples
    --------
    >>> ratio, error = ratio_of_means(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    >>> ratio, error
    (0.5, 0.0)
    """
    ratio = float(own.mean() / peer.mean())
    if len(own) < 2:
        return ratio, float("nan")
    apart = own - ratio * peer
    return ratio, float(apart.std(ddof=1) / np.sqrt(len(own)) / peer.mean())
