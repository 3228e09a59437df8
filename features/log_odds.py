"""Log-odds and probabilities: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from scipy import special

from features.columns import Values


def expit(log_odds: Values) -> Values:
    """Turn log-odds into a probability without overflow.

    Examples
    --------
    >>> expit(np.array([-800.0, 0.0, 800.0]))
    array([0. , 0.5, 1. ])
    """
    return np.asarray(special.expit(log_odds))


def logit(probability: Values) -> Values:
    """Turn a probability in (0, 1) into log-odds."""
    return np.log(probability) - np.log1p(-probability)
