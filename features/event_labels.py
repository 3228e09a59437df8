"""What an observation says at a horizon: event, no event, or unknown because censored before."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from features.columns import Values


def labels(day: ArrayLike, event: ArrayLike, *, horizon_days: float, cause: int = 1) -> Values:
    """Label each infusion at a horizon.

    Parameters
    ----------
    day : array-like of shape (n_infusions,)
        Day of event or censoring, days from infusion.
    event : array-like of shape (n_infusions,)
        0 censored, 1 and 2 the events.
    horizon_days : float
        The time at which a risk is stated, days.
    cause : int
        The event of interest; any other event competes.

    Returns
    -------
    label : ndarray of shape (n_infusions,)
        1 for the event by the horizon; 0 when known free of it there, or after a competing event before it;
        NaN when censored before.

    References
    ----------
    Graf et al. 1999, PubMed 10474158 (labels at a horizon under censoring).

    Examples
    --------
    >>> labels([10, 10, 10, 40], [1, 2, 0, 1], horizon_days=30)
    array([ 1.,  0., nan,  0.])
    >>> labels([30, 30], [0, 1], horizon_days=30)
    array([0., 1.])
    """
    day, event = np.asarray(day, dtype=float), np.asarray(event)
    censored_before_horizon = (event == 0) & (day < horizon_days)
    event_by_horizon = (event == cause) & (day <= horizon_days)
    return np.where(censored_before_horizon, np.nan, event_by_horizon.astype(float))
