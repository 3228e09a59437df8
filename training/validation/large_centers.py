"""Centers that are large enough to be predicted by a model of the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.dataset.training_set import TrainingSet

FEWEST_OF_EACH = 3
"""Patients with the event, and patients free of it, that a center must have: with fewer too many bootstrap
draws have none."""


def large_centers(named: NDArray[np.str_], whole: TrainingSet) -> tuple[list[str], str]:
    """Name the centers that are large enough, the largest first, and state how many they are.

    Parameters
    ----------
    named : ndarray of shape (n_infusions,)
        Center of each infusion; empty where not recorded.
    whole : TrainingSet
        The same infusions.

    Returns
    -------
    centers : list of str
        Labeled ``center 1`` and so on, in this order.
    note : str
    """
    centers, sizes = np.unique(named[named != ""], return_counts=True)
    known, event = whole.weight[:, 0] > 0, whole.label[:, 0] == 1
    large = []
    for position in np.argsort(-sizes, kind="stable"):
        here = named == centers[position]
        enough = (
            n_patients(whole, here) >= FEWEST_PATIENTS,
            n_patients(whole, here & known & event) >= FEWEST_OF_EACH,
            n_patients(whole, here & known & ~event) >= FEWEST_OF_EACH,
        )
        if all(enough):
            large.append(str(centers[position]))
    note = (
        f"{len(large)} of {len(centers)} centers have at least {FEWEST_PATIENTS} patients, "
        f"{FEWEST_OF_EACH} with the event and {FEWEST_OF_EACH} without"
    )
    return large, note


def n_patients(infusions: TrainingSet, which: NDArray[np.bool_]) -> int:
    """Count the patients of some infusions."""
    return len(np.unique(infusions.groups[which]))
