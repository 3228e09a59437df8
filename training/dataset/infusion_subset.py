"""One outcome of a cohort, restricted to some of its infusions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from training.dataset.outcome_dataset import OutcomeData


def of_infusions(data: OutcomeData, kept: NDArray[np.int64]) -> OutcomeData:
    """Restrict an outcome, and all that it is composed of, to rows of the cohort.

    Parameters
    ----------
    data : OutcomeData
    kept : ndarray of shape (n_kept,)
        Rows of the cohort; those without anything known of the outcome have no part.

    Returns
    -------
    data : OutcomeData
        Counts stay those of all infusions.
    """
    if np.array_equal(data.position, kept):
        return data
    at = np.flatnonzero(np.isin(data.position, kept))
    return replace(
        data,
        patients=data.patients.take(at),
        observation=data.observation.take(at, counts=data.observation.counts),
        groups=np.unique(data.groups[at], return_inverse=True)[1].astype(np.int64),
        position=data.position[at],
        center=data.center[at],
        parts={name: of_infusions(part, kept) for name, part in data.parts.items()},
    )
