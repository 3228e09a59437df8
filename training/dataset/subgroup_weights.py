"""Censoring weights of one group of patients, estimated in the group itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from training.dataset.outcome_dataset import OutcomeData
from training.statistics.censoring_weights import horizon_dropped

FEWEST_FOLLOWED = 1
"""Infusions of a group that must be followed to the headline horizon for weights of its own."""


def why_unweighted(data: OutcomeData, at: NDArray[np.int64]) -> str:
    """Say why no weights can tell the share of a group that has the event; empty where they can.

    Parameters
    ----------
    data : OutcomeData
    at : ndarray of shape (n_group,)
        Positions of the group's infusions.

    Returns
    -------
    reason : str
        No follow-up to the headline horizon, or fewer than one in ten uncensored there.
    """
    seen, headline = data.observation, data.horizons_days[0]
    return horizon_dropped(
        seen.day[at], seen.event[at], horizon_days=headline, fewest_at_risk=FEWEST_FOLLOWED
    )


def group_weights(data: OutcomeData, at: NDArray[np.int64]) -> Values:
    """Weigh a group's labels by the group's own follow-up.

    Weights of the whole cohort would be right only if all groups had the same follow-up: where one center
    follows its patients for years and another for months, they make the risks look too high in the first
    and too low in the second. With its own weights, the weighted share of events is the Aalen-Johansen
    estimate of the group.

    Parameters
    ----------
    data : OutcomeData
    at : ndarray of shape (n_group,)
        Positions of the group's infusions.

    Returns
    -------
    weight : ndarray of shape (n_group, 1)
        At the headline horizon.
    """
    return data.scoring_set(at).weight[:, :1]
