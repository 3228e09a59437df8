"""Draws shared by the parts of the synthetic generator: yes or no, one of several, clinical rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from features.columns import Values


def expit(log_odds: ArrayLike) -> Values:
    """Turn log odds into a probability.

    Examples
    --------
    >>> expit([0.0, np.log(3)])
    array([0.5 , 0.75])
    """
    return np.asarray(1 / (1 + np.exp(-np.asarray(log_odds, dtype=float))), dtype=np.float64)


def yes(probability: ArrayLike, rng: np.random.Generator) -> Values:
    """Draw 1 with the given probability, else 0, one for each element."""
    chance = np.asarray(probability, dtype=float)
    return (rng.random(chance.shape) < chance).astype(float)


def pick(probabilities: ArrayLike, rng: np.random.Generator) -> Values:
    """Draw the place of an option for each row.

    Parameters
    ----------
    probabilities : array-like of shape (n_infusions, n_options)
        Each row sums to 1.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    indices : ndarray of shape (n_infusions,)
        0 to n_options - 1, as choices are encoded in `Columns`.

    Examples
    --------
    >>> pick([[0, 1, 0], [0, 0, 1]], np.random.default_rng(0))
    array([1., 2.])
    """
    steps = np.cumsum(np.asarray(probabilities, dtype=float), axis=1)[:, :-1]
    passed = rng.random(len(steps))[:, None] >= steps
    return np.asarray(passed.sum(axis=1), dtype=np.float64)


def significant(values: Values, digits: int = 3) -> Values:
    """Round to significant digits.

    Examples
    --------
    >>> significant(np.array([0.123456, 410.4]))
    array([1.23e-01, 4.10e+02])
    """
    return np.array([float(f"{value:.{digits}g}") for value in values])


def whole_day(days: Values) -> Values:
    """Give the day on which something at a point in time is seen: rounded up.

    ``day <= horizon`` then says the same of the day as of the point in time.
    """
    return np.asarray(np.ceil(days), dtype=np.float64)


def rows_of(weights: ArrayLike, indices: Values) -> Values:
    """Look up a row of a table of probabilities for each infusion."""
    return np.asarray(np.asarray(weights)[indices.astype(int)], dtype=np.float64)
