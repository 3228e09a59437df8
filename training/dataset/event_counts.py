"""How many events and event-free patients there really are, where patients have several infusions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.cohort import Cohort
from features.event_labels import labels
from features.observation import Observation


def distinct_events(
    cohort: Cohort, kept: NDArray[np.int64], seen: Observation, *, horizon_days: float
) -> int:
    """Count events by a horizon, one that falls into the follow-up of two infusions of a patient once.

    Such an event belongs to the later infusion. An event counts for an earlier one only when it came before
    the next infusion, or when no later infusion of the patient has one; where the day of the next infusion
    is not known it is taken as the later one's.

    Parameters
    ----------
    cohort : Cohort
    kept : ndarray of shape (n_kept,)
        Positions of the infusions that are observed.
    seen : Observation
        Of these infusions.
    horizon_days : float
        Events after it do not count.

    Returns
    -------
    count : int
    """
    happened = (seen.event == 1) & (seen.day <= horizon_days)
    next_day = cohort.follow_up["next_infusion_day"][kept]
    patients = cohort.patient_id[kept]
    order = np.lexsort((-cohort.infusion_number[kept], patients))
    count, patient, later = 0, "", False
    for position in order:
        if patients[position] != patient:
            patient, later = str(patients[position]), False
        if happened[position]:
            count += not later or bool(seen.day[position] <= next_day[position])
            later = True
    return count


def event_free_patients(seen: Observation, groups: NDArray[np.int64], *, horizon_days: float) -> int:
    """Count patients with an infusion known to be free of the event at a horizon.

    Parameters
    ----------
    seen : Observation
    groups : ndarray of shape (n_infusions,)
        Patient of each infusion.
    horizon_days : float

    Returns
    -------
    count : int
    """
    free = labels(seen.day, seen.event, horizon_days=horizon_days) == 0
    return len(np.unique(groups[free]))
