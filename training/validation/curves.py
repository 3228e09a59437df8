"""What figures of validation draw: the curve of calibration with its band, groups of risks, the ROC curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from training.statistics.metrics import smooth_calibration
from training.validation.bootstrap_intervals import INTERVAL_PERCENTILES
from training.validation.cross_validation import Validation

FEWEST_IN_GROUP = 10
"""Patients behind each point of a figure; a point of fewer would tell too much of each."""
MOST_GROUPS = 10


@dataclass(frozen=True, repr=False)
class CalibrationCurve(ShortRepr):
    """Observed against predicted risk at one horizon.

    Attributes
    ----------
    risk : ndarray of shape (n_points,)
        Predicted, rising.
    observed, low, high : ndarray of shape (n_points,)
        The smooth curve whose mean distance from the diagonal is the ICI, and its 90 % band over the
        patient bootstrap. NaN where it does not exist.
    group_risk, group_observed : ndarray of shape (n_groups,)
        Means of groups of at least `FEWEST_IN_GROUP` infusions alike in risk.
    group_n : ndarray of shape (n_groups,)
        Infusions in each group.
    """

    risk: Values
    observed: Values
    low: Values
    high: Values
    group_risk: Values
    group_observed: Values
    group_n: Values


@dataclass(frozen=True, repr=False)
class RocCurve(ShortRepr):
    """Sensitivity against false positive rate, both rising from 0 to 1.

    Attributes
    ----------
    false_positive, sensitivity : ndarray of shape (n_thresholds + 1,)
        Weighted by the inverse probability of censoring.
    """

    false_positive: Values
    sensitivity: Values


def calibration_curve(validation: Validation, *, position: int = 0) -> CalibrationCurve:
    """Smooth out-of-fold risks against what happened.

    Parameters
    ----------
    validation : Validation
    position : int
        Horizon, by its position.

    Returns
    -------
    curve : CalibrationCurve
        Of the risks averaged over repeats.

    References
    ----------
    Austin & Steyerberg 2019, doi:10.1002/sim.8281
    """
    order = np.argsort(validation.mean_risk[:, position], kind="stable")
    risk = validation.mean_risk[order, position]
    label, weight = validation.folds.label[order, position], validation.folds.weight[order, position]
    curves = smooth_calibration(risk, label, np.vstack([weight, weight * validation.folds.draws[:, order]]))
    low, high = _band(curves[1:])
    return CalibrationCurve(risk, curves[0], low, high, *_groups(risk, label, weight))


def roc_curve(risk: Values, label: Values, weight: Values) -> RocCurve:
    """Trace sensitivity and false positive rate over all thresholds.

    Parameters
    ----------
    risk, label, weight : ndarray of shape (n_infusions,)

    Returns
    -------
    curve : RocCurve
        The area under it is `training.statistics.metrics.auroc`.

    Examples
    --------
    >>> curve = roc_curve(np.array([0.1, 0.4, 0.4, 0.8]), np.array([0.0, 0, 1, 1]), np.ones(4))
    >>> curve.false_positive, curve.sensitivity
    (array([0. , 0. , 0.5, 1. ]), array([0. , 0.5, 1. , 1. ]))
    """
    order = np.argsort(-risk, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(risk[order])), len(risk) - 1)
    cases = np.cumsum((weight * label)[order])[ends]
    controls = np.cumsum((weight * (1 - label))[order])[ends]
    return RocCurve(_from_zero_to_one(controls), _from_zero_to_one(cases))


def _band(curves: Values) -> tuple[Values, Values]:
    """Percentiles over the draws in which the curve exists."""
    existing = curves[~np.isnan(curves).any(axis=1)]
    if len(existing) == 0:
        nowhere = np.full(curves.shape[1], np.nan)
        return nowhere, nowhere
    low, high = np.percentile(existing, INTERVAL_PERCENTILES, axis=0)
    return low, high


def _groups(risk: Values, label: Values, weight: Values) -> tuple[Values, Values, Values]:
    """Weighted means of groups alike in size, and their sizes; ``risk`` is rising."""
    count = max(1, min(MOST_GROUPS, len(risk) // FEWEST_IN_GROUP))
    groups = [group for group in np.array_split(np.arange(len(risk)), count) if weight[group].sum() > 0]
    means = [
        (*np.average([risk[group], label[group]], axis=1, weights=weight[group]), len(group))
        for group in groups
    ]
    group_risk, observed, group_n = np.array(means, dtype=float).reshape(-1, 3).T
    return group_risk, observed, group_n


def _from_zero_to_one(running: Values) -> Values:
    return np.concatenate([[0.0], running / running[-1]])
