"""Differences between the risks of two patients by the same replicates, and how much of them is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from features.columns import Values
from serving.model.explanation import Explanation
from serving.model.risk_model import stretched_percentiles

LEAST_MOVED = 1e-9
"""Log-odds; a smaller sum of moves is rounding, since one row and a batch agree to as much."""


def paired_differences(
    risk: Values, replicates: Values, *, others: Sequence[int], base: int
) -> tuple[Values, Values, Values]:
    """State how much higher the risks of patients are than that of one of them.

    Every replicate gives its own difference: the same fit, and the same draws of what is missing. So what is
    uncertain about both patients alike does not widen the interval.

    Parameters
    ----------
    risk : ndarray of shape (n_patients,)
    replicates : ndarray of shape (n_patients, n_replicates)
        The risks by each replicate.
    others : sequence of int
        Positions of the patients that are compared.
    base : int
        Position of the patient with whom they are compared.

    Returns
    -------
    difference, low, high : ndarray of shape (n_others,)
        Difference of the risks and its 90 % interval, stretched to the difference where it lies outside;
        exactly 0 for the same position.

    Examples
    --------
    >>> risk, replicates = np.array([0.2, 0.1]), np.array([[0.1, 0.2, 0.3], [0.05, 0.1, 0.15]])
    >>> difference, low, high = paired_differences(risk, replicates, others=[1, 0], base=0)
    >>> difference.tolist(), low.round(3).tolist(), high.round(3).tolist()
    ([-0.1, 0.0], [-0.145, 0.0], [-0.055, 0.0])
    """
    at = list(others)
    difference = risk[at] - risk[base]
    low, high = stretched_percentiles(replicates[at] - replicates[base], difference)
    return difference, low, high


def published_share(explanations: Iterable[Explanation], *, other: int, base: int) -> float | None:
    """State how much of what moves the log-odds from one patient to another is published.

    The rows of the explanations differ by `d`, of that `p` in their published part. The share is

        1 - sum of abs(d - p) / sum of abs(d)

    and 0 where that is negative: a local part that cancels a published one is counted in full.

    Parameters
    ----------
    explanations : iterable of Explanation
        Of the model, and of all that its risk is composed of.
    other, base : int
        Positions of the two patients.

    Returns
    -------
    share : float or None
        0 to 1; None where nothing moves.

    Examples
    --------
    >>> rows = np.array([[0.0, 0.0], [0.3, 0.1]])
    >>> parts = {"fields": ("age_years", "ecog"), "contributions": rows, "published": rows * [1.0, 0.0]}
    >>> explanation = Explanation(reference=np.zeros(1), published_terms=rows, **parts)
    >>> published_share([explanation], other=1, base=0), published_share([explanation], other=0, base=0)
    (0.75, None)
    """
    moved = local = 0.0
    for each in explanations:
        total = each.contributions[other] - each.contributions[base]
        published = each.published[other] - each.published[base]
        moved += float(np.abs(total).sum())
        local += float(np.abs(total - published).sum())
    return None if moved < LEAST_MOVED else max(0.0, 1 - local / moved)
