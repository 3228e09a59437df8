"""The Aalen-Johansen estimator of cumulative incidence, for tests of weighted estimates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from training.figures.cumulative_incidence import weighted_incidence


def aalen_johansen(day: Values, event: NDArray[np.int64]) -> tuple[Values, Values]:
    """Estimate the cumulative incidence of event 1, event 2 competing, 0 censored.

    Parameters
    ----------
    day, event : ndarray of shape (n_infusions,)

    Returns
    -------
    days, incidence : ndarray of shape (n_steps,)
        From day 0, where it is 0, to the last day of an event.

    Examples
    --------
    >>> days, incidence = aalen_johansen(np.array([1.0, 2, 3, 4]), np.array([1, 0, 1, 0]))
    >>> days, incidence
    (array([0., 1., 3.]), array([0.   , 0.25 , 0.625]))
    """
    steps = np.unique(day[event > 0])
    return weighted_incidence(day, event, steps, np.ones((len(day), len(steps))))
