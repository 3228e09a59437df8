"""How far the replicates of a model disagree about a patient: of other draws of the cohort, and its prior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from serving.model.risk_model import RiskModel
from training.statistics.metrics import NET_BENEFIT_THRESHOLDS
from training.validation.bootstrap_intervals import INTERVAL_PERCENTILES

UNSTABLE_SHARE = 0.1
"""A patient on the other side of a threshold in more than this share of replicates is not stably placed."""

INFUSIONS = 2048
"""Infusions whose replicate risks are computed together: leaves of every tree are numbers of their own."""


@dataclass(frozen=True)
class Quartiles:
    """Median over patients with the 25th and 75th percentile."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Instability:
    """Instability of the risks at one horizon, over patients.

    Attributes
    ----------
    absolute_error : Quartiles
        Of the mean distance of a patient's replicate risks from the risk.
    interval_width : Quartiles
        Of the width of a patient's 90 % interval.
    reclassified : mapping of float to float
        By threshold: share of patients on the other side of it in more than a tenth of the replicates.
    """

    absolute_error: Quartiles
    interval_width: Quartiles
    reclassified: Mapping[float, float]


def instability(
    risk: Values, replicate_risks: Values, *, thresholds: tuple[float, ...] = NET_BENEFIT_THRESHOLDS
) -> Instability:
    """Sum up how far the replicates disagree with the model.

    Parameters
    ----------
    risk : ndarray of shape (n_infusions,)
        Of the model, in [0, 1].
    replicate_risks : ndarray of shape (n_infusions, n_replicates)
        Of the same infusions, by the model refitted on resampled patients.
    thresholds : tuple of float
        Risks at which a center might act.

    Returns
    -------
    instability : Instability

    References
    ----------
    Riley & Collins 2023, doi:10.1002/bimj.202200302

    Examples
    --------
    >>> result = instability(np.array([0.2, 0.4]), np.array([[0.1, 0.3], [0.4, 0.6]]), thresholds=(0.25,))
    >>> round(result.absolute_error.median, 3), result.reclassified
    (0.1, {0.25: 0.5})
    """
    return Instability(
        absolute_error=_quartiles(mean_absolute_error(risk, replicate_risks)),
        interval_width=_quartiles(interval_width(replicate_risks)),
        reclassified={
            threshold: float(np.mean(other_side(risk, replicate_risks, threshold=threshold) > UNSTABLE_SHARE))
            for threshold in thresholds
        },
    )


def headline_replicates(model: RiskModel, patients: Columns) -> Values:
    """Compute the headline risks of the replicates, some infusions at a time.

    Parameters
    ----------
    model : RiskModel
        With replicates.
    patients : Columns of `Patient`

    Returns
    -------
    replicate_risks : ndarray of shape (n_infusions, n_replicates)
    """
    parts = [
        model.replicate_risks(patients.take(np.arange(at, min(at + INFUSIONS, len(patients)))))[:, :, 0]
        for at in range(0, max(1, len(patients)), INFUSIONS)
    ]
    return np.concatenate(parts)


def mean_absolute_error(risk: Values, replicate_risks: Values) -> Values:
    """Mean distance of each patient's replicate risks from the risk: shape (n_infusions,)."""
    distance: Values = np.abs(replicate_risks - risk[:, None])
    return distance.mean(axis=1)


def interval_width(replicate_risks: Values) -> Values:
    """Width of each patient's 90 % interval of replicate risks: shape (n_infusions,)."""
    low, high = np.percentile(replicate_risks, INTERVAL_PERCENTILES, axis=1)
    return high - low


def other_side(risk: Values, replicate_risks: Values, *, threshold: float) -> Values:
    """Share of replicates that put each patient on the other side of a threshold: shape (n_infusions,).

    A risk at the threshold is above it, as for the net benefit.
    """
    moved = (replicate_risks >= threshold) != (risk >= threshold)[:, None]
    return moved.mean(axis=1)


def _quartiles(values: Values) -> Quartiles:
    lower, median, upper = np.percentile(values, [25, 50, 75])
    return Quartiles(float(median), float(lower), float(upper))
