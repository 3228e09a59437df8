"""The curves of a validation that the model card shows, too coarse to reveal a single patient."""

from __future__ import annotations

import numpy as np

from features.columns import Values
from serving.model.validation_curves import Calibration, Curve, DecisionCurve, Numbers
from training.dataset.cohort_summary import RANGE_QUANTILES
from training.statistics.metrics import net_benefit
from training.validation.cross_validation import Validation
from training.validation.curves import FEWEST_IN_GROUP, CalibrationCurve, calibration_curve

MOST_POINTS = 25
"""Points of a smooth curve: enough to draw it."""
DECIMALS = 3
"""More would reveal, from the steps between thresholds, risks and outcomes of single infusions."""
HISTOGRAM_BINS = np.linspace(0, 1, 21)
HISTOGRAM_ROUNDED_TO = 5
"""Counts of the histogram are rounded down to it, so that fewer than five are shown as none; rounding the
others too keeps the one that is hidden from being what is missing in the sum."""
THRESHOLDS = np.arange(1, 51) / 100
"""Risks from which a center might act; above one half it would act on very few patients."""


def card_calibration(validation: Validation, *, horizon_days: int) -> Calibration | None:
    """Bring the calibration of out-of-fold risks to the form of the bundle.

    Parameters
    ----------
    validation : Validation
    horizon_days : int
        Headline horizon of the model.

    Returns
    -------
    calibration : Calibration or None
        None where the validation does not know the horizon.
    """
    if horizon_days not in validation.horizons_days:
        return None
    curve = calibration_curve(validation, position=validation.horizons_days.index(horizon_days))
    first, last = np.quantile(curve.risk, RANGE_QUANTILES)
    grid = np.unique(np.linspace(first, last, MOST_POINTS).round(DECIMALS))
    observed, low, high = (
        _rounded(np.interp(grid, curve.risk, values)) for values in (curve.observed, curve.low, curve.high)
    )
    large = curve.group_n >= FEWEST_IN_GROUP
    return Calibration(
        risk=_numbers(grid),
        observed=observed,
        low=low,
        high=high,
        group_risk=_numbers(curve.group_risk[large]),
        group_observed=_numbers(curve.group_observed[large]),
        group_n=tuple(int(count) for count in curve.group_n[large]),
        histogram=_histogram(curve),
    )


def card_decision_curve(validation: Validation, *, horizon_days: int) -> DecisionCurve | None:
    """State the net benefit of out-of-fold risks at every threshold.

    Parameters
    ----------
    validation : Validation
    horizon_days : int
        Headline horizon of the model.

    Returns
    -------
    curve : DecisionCurve or None
        Averaged over repeats as every measure is; None where the validation does not know the horizon.
    """
    if horizon_days not in validation.horizons_days:
        return None
    position = validation.horizons_days.index(horizon_days)
    label, weight = validation.folds.label[:, position], validation.folds.weight[None, :, position]
    risks = validation.risk[:, :, position]
    model = [np.mean([net_benefit(at)(risk, label, weight)[0] for risk in risks]) for at in THRESHOLDS]
    treat_all = [net_benefit(at)(np.ones(len(label)), label, weight)[0] for at in THRESHOLDS]
    return DecisionCurve(_numbers(THRESHOLDS), _rounded(np.array(model)), _rounded(np.array(treat_all)))


def _histogram(curve: CalibrationCurve) -> tuple[int, ...]:
    counts, _ = np.histogram(curve.risk, bins=HISTOGRAM_BINS)
    return tuple(int(count) // HISTOGRAM_ROUNDED_TO * HISTOGRAM_ROUNDED_TO for count in counts)


def _numbers(values: Values) -> Numbers:
    return tuple(values.round(DECIMALS).tolist())


def _rounded(values: Values) -> Curve:
    """Keep what is finite; JSON knows no NaN."""
    rounded = values.round(DECIMALS) + 0.0  # Minus zero becomes zero.
    return tuple(value if np.isfinite(value) else None for value in rounded.tolist())
