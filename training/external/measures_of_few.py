"""What can be measured of a model in a cohort with few events, none, or nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.columns import Values
from features.measures import GAIN
from serving.model.interval_ends import INTERVAL_LEVEL
from serving.model.measured import Measured
from training.statistics.rate_interval import rate_interval

NEED_EVENTS = ("brier_scaled", "auroc", "calibration_in_the_large", "calibration_slope", "ici", GAIN)
"""Measures that compare patients with and without the event; with fewer than `FEWEST_EVENTS` of either they
would be noise, and some do not exist."""

RATIO = "observed_expected"
"""The measure that few events allow with an interval."""


def measures_of_few(
    measures: Mapping[str, Measured], risk: Values, label: Values, weight: Values, *, patients: int
) -> dict[str, Measured]:
    """Keep the measures that few events allow.

    They have no interval, since draws of few events would hardly differ. Observed : expected events have that
    of the observed rate among independent patients, which is exact without any event, too.

    Parameters
    ----------
    measures : mapping of str to Measured
        At one horizon.
    risk, label, weight : ndarray of shape (n_infusions,)
        Predicted risk, 0 or 1, and 0 or more, at this horizon.
    patients : int
        With the event, or known event-free.

    Returns
    -------
    measures : dict of str to Measured
        Those of `NEED_EVENTS` without a value.

    Examples
    --------
    >>> cohort = np.full(30, 0.5), np.zeros(30), np.ones(30)
    >>> found = measures_of_few({RATIO: Measured(0.0)}, *cohort, patients=30)
    >>> round(found[RATIO].high, 2)
    0.19
    """
    kept = {
        name: Measured(None) if name in NEED_EVENTS else Measured(each.value)
        for name, each in measures.items()
    }
    if patients:
        expected, observed = np.average(risk, weights=weight), np.average(label, weights=weight)
        size = min(float(patients), float(weight.sum() ** 2 / (weight**2).sum()))
        low, high = rate_interval(float(observed), size, level=INTERVAL_LEVEL)
        kept[RATIO] = Measured(kept[RATIO].value, float(low / expected), float(high / expected))
    return kept
