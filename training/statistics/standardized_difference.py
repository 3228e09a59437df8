"""Standardized mean differences: how far a variable differs between groups, however large they are."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from features.columns import Values


def mean_difference(first: ArrayLike, second: ArrayLike) -> float:
    """Standardize the difference of two means.

    Parameters
    ----------
    first, second : array-like of shape (n_infusions_of_group,)
        Values; NaN where missing, which counts for nothing.

    Returns
    -------
    difference : float
        Absolute difference of the means over the root of the mean variance, at least 0. NaN where a group has
        fewer than two values, or all values of both are equal; infinite where each group has one value, and
        not the same.

    References
    ----------
    Austin 2009, doi:10.1002/sim.3697

    Examples
    --------
    >>> mean_difference([1, 2, 3], [3, 4, 5, np.nan]), mean_difference([1, 1], [1, 1])
    (2.0, nan)
    >>> mean_difference([1, 1], [2, 2])
    inf
    """
    groups = [np.asarray(group, dtype=float) for group in (first, second)]
    known = [group[~np.isnan(group)] for group in groups]
    if min(map(len, known)) < 2:
        return float("nan")
    # Rounding gives the variance of equal decimals, such as 0.1, a value above 0.
    if not any(np.ptp(group) for group in known):
        return float("nan" if known[0][0] == known[1][0] else "inf")
    spread = float(np.sqrt(np.mean([group.var(ddof=1) for group in known])))
    return abs(float(known[0].mean() - known[1].mean())) / spread


def share_difference(first: ArrayLike, second: ArrayLike) -> float:
    """Standardize the difference of the shares of two or more categories.

    Parameters
    ----------
    first, second : array-like of shape (n_categories,)
        Infusions of each group by category, missing values left out.

    Returns
    -------
    difference : float
        Mahalanobis distance of the two vectors of shares, at least 0. For two categories this is the
        difference of the shares over the root of their mean variance. NaN where a group is empty or both
        have the same single category; infinite where they have no category in common.

    References
    ----------
    Austin 2009, doi:10.1002/sim.3697 (two categories). Yang & Dalton 2012, SAS Global Forum, paper 335 (more
    than two).

    Examples
    --------
    >>> round(share_difference([5, 5], [2, 8]), 4), share_difference([5, 0], [5, 0])
    (0.6626, nan)
    >>> share_difference([5, 0], [0, 5])
    inf
    """
    counts = np.array([first, second], dtype=float)
    counts = counts[:, counts.sum(axis=0) > 0]
    if (counts.sum(axis=1) == 0).any() or counts.shape[1] < 2:
        return float("nan")
    if not (counts > 0).all(axis=0).any():
        return float("inf")
    shares = counts / counts.sum(axis=1, keepdims=True)
    # One category follows from the others.
    gap, kept = (shares[0] - shares[1])[1:], shares[:, 1:]
    spread = np.mean([np.diag(share) - np.outer(share, share) for share in kept], axis=0)
    squared = float(gap @ np.linalg.pinv(spread) @ gap)
    return float(np.sqrt(max(squared, 0.0)))


def largest_mean_difference(groups: list[Values]) -> float:
    """Give the largest standardized mean difference of all pairs of groups; NaN if none can be computed."""
    return _largest([mean_difference(*pair) for pair in combinations(groups, 2)])


def largest_share_difference(groups: list[Values]) -> float:
    """Give the largest standardized difference of shares of all pairs of groups; NaN if there is none."""
    return _largest([share_difference(*pair) for pair in combinations(groups, 2)])


def _largest(differences: list[float]) -> float:
    known = [each for each in differences if not np.isnan(each)]
    return max(known, default=float("nan"))
