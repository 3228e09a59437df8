"""The ends of a 90 % interval: percentiles of the replicates, stretched to the estimate itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.log_odds import expit
from features.short_repr import ShortRepr

INTERVAL_LEVEL = 0.9


def interval_ends(drawn: Values, estimate: Values) -> tuple[Values, Values]:
    """State the 90 % interval, stretched to the estimate where it lies outside.

    Percentiles interpolate linearly between neighbors, as `numpy.percentile` does, to the last bit. One sort
    of contiguous rows takes a tenth of its time.

    Parameters
    ----------
    drawn : ndarray of shape (..., n_replicates)
        At least one replicate.
    estimate : ndarray of shape (...)

    Returns
    -------
    low, high : ndarray of shape (...)
        NaN where a replicate is NaN.

    Examples
    --------
    >>> low, high = interval_ends(np.array([[0.3, 0.1, 0.2]]), np.array([0.5]))
    >>> low.round(2), high.round(2)
    (array([0.11]), array([0.5]))
    """
    return _ends_of_ordered(np.sort(drawn, axis=-1), estimate, of_log_odds=False)


def interval_ends_of_log_odds(drawn: Values, estimate: Values) -> tuple[Values, Values]:
    """State the interval of a risk by the log-odds of the replicates.

    Log-odds have the order of the risks, so that only those next to a percentile become risks.

    Parameters
    ----------
    drawn : ndarray of shape (..., n_replicates)
        Log-odds of at least one replicate; sorted in place.
    estimate : ndarray of shape (...)
        The risk.

    Returns
    -------
    low, high : ndarray of shape (...)
        As `interval_ends` gives them for the risks of the replicates.

    Examples
    --------
    >>> log_odds, risk = np.array([[-0.5, -2.0, 0.5]]), np.array([0.3])
    >>> np.allclose(interval_ends(expit(log_odds), risk), interval_ends_of_log_odds(log_odds, risk))
    True
    """
    drawn.sort(axis=-1)
    return _ends_of_ordered(drawn, estimate, of_log_odds=True)


def _ends_of_ordered(ordered: Values, estimate: Values, *, of_log_odds: bool) -> tuple[Values, Values]:
    """Interpolate between the neighbors of both percentiles, and stretch to the estimate."""
    plan = _plan(ordered.shape[-1])
    near = ordered.take(plan.neighbors, axis=-1)
    near = expit(near) if of_log_odds else near
    ends = near[..., 2:] - near[..., :2]
    ends *= plan.way
    ends += near.take(plan.nearer, axis=-1)
    # The largest is NaN where any replicate is.
    ends[np.isnan(ordered[..., -1])] = np.nan
    return np.minimum(ends[..., 0], estimate), np.maximum(ends[..., 1], estimate)


@dataclass(frozen=True, repr=False)
class _Plan(ShortRepr):
    """How both ends are interpolated among ordered replicates.

    Attributes
    ----------
    neighbors : ndarray of int, shape (4,)
        Positions of the lower neighbors of both ends, then of their upper ones.
    nearer : ndarray of int, shape (2,)
        Which of these four each end is interpolated from: the nearer one, as numpy does.
    way : ndarray of shape (2,)
        The share of the step between the neighbors that is added to it.
    """

    neighbors: NDArray[np.intp]
    nearer: NDArray[np.intp]
    way: Values


@cache
def _plan(n: int) -> _Plan:
    tail = 100 * (1 - INTERVAL_LEVEL) / 2
    position = (n - 1) * (np.array([tail, 100 - tail]) / 100)
    lower = position.astype(np.intp)
    way = position - lower
    from_upper = way >= 0.5
    return _Plan(
        neighbors=np.concatenate([lower, np.minimum(lower + 1, n - 1)]),
        nearer=np.where(from_upper, [2, 3], [0, 1]),
        way=np.where(from_upper, -(1 - way), way),
    )
