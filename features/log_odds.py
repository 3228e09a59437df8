"""Log-odds and probabilities: arrays in, arrays out."""

from __future__ import annotations

import numpy as np

from features.columns import Values


def expit(log_odds: Values) -> Values:
    """Turn log-odds into a probability without overflow.

    Examples
    --------
    >>> expit(np.array([-800.0, 0.0, 800.0]))
    array([0. , 0.5, 1. ])
    """
    # Without scipy, which the code that travels with a model does without.
    shrunk = np.exp(-np.abs(log_odds))
    return np.asarray(np.where(log_odds >= 0, 1.0, shrunk) / (1 + shrunk))


def logit(probability: Values) -> Values:
    """Turn a probability in (0, 1) into log-odds."""
    return np.log(probability) - np.log1p(-probability)
