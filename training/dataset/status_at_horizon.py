"""Counts what became of the infusions of a cohort by a horizon."""

from __future__ import annotations

import numpy as np

from features.event_labels import labels
from features.observation import Observation
from serving.model.status_at_horizon import HorizonCounts


def horizon_counts(seen: Observation, *, horizon_days: int) -> HorizonCounts:
    """Count events, competing events, those free of both and those lost before a horizon.

    Parameters
    ----------
    seen : Observation
        An infusion with an unknown outcome is not counted.
    horizon_days : int

    Returns
    -------
    counts : HorizonCounts
        They add up to the infusions with a known outcome.

    Examples
    --------
    >>> event, day, known = np.array([1, 2, 0, 0]), np.array([9.0, 20.0, 12.0, 40.0]), np.ones(4, dtype=bool)
    >>> seen = Observation(event, day, known, further_therapy=~known, counts={})
    >>> horizon_counts(seen, horizon_days=30)
    HorizonCounts(events=1, competing=1, free=1, censored=1)
    """
    label = labels(seen.day, seen.event, horizon_days=horizon_days)
    competed = seen.known & (seen.event == 2) & (seen.day <= horizon_days)
    return HorizonCounts(
        events=int((seen.known & (label == 1)).sum()),
        competing=int(competed.sum()),
        free=int((seen.known & (label == 0) & ~competed).sum()),
        censored=int((seen.known & np.isnan(label)).sum()),
    )
