"""Groups of a cohort that a table compares: by an outcome, or by center."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.cohort import Cohort
from features.event_labels import labels
from features.problems import Refused
from features.short_repr import ShortRepr
from features.small_counts import FEWEST_SHOWN
from training.dataset.centers import centers_by_size, named_centers
from training.dataset.outcome_dataset import OutcomeData
from training.validation.center_label import center_title

BY_CENTER = "center"
"""Groups by center instead of by an outcome."""
FEWEST_NOT_KNOWN = 20
"""With fewer patients whose outcome is not known, the group has no column of its own in a masked table."""
NO_CENTER = (
    "the cohort names fewer than two centers: compare groups by an outcome with --by, "
    "or fill in the column center"
)


@dataclass(frozen=True, repr=False)
class Group(ShortRepr):
    """One group.

    Attributes
    ----------
    title : str
    members : ndarray of bool, shape (n_infusions,)
    compared : bool
        Whether standardized differences are computed of it; False where its outcome or center is not known.
    """

    title: str
    members: NDArray[np.bool_]
    compared: bool = True


def groups_by_outcome(data: OutcomeData, patient_id: NDArray[np.str_], *, mask: bool = True) -> list[Group]:
    """Part a cohort by an outcome at its headline horizon.

    Parameters
    ----------
    data : OutcomeData
    patient_id : ndarray of shape (n_infusions,)
        Of the cohort.
    mask : bool
        Whether infusions not known are joined with those without the event where they are of fewer than
        `FEWEST_NOT_KNOWN` patients: nearly all their counts would be masked, and the others' with them.

    Returns
    -------
    groups : list of Group
        With the event, without it (a competing event included), and not known: not graded or censored before.
        Groups without an infusion are left out.
    """
    days, seen = data.horizons_days[0], data.observation
    label = np.full(len(patient_id), np.nan)
    label[data.position] = labels(seen.day, seen.event, horizon_days=days)
    event, free = Group(f"Event by day {days}", label == 1), Group(f"No event by day {days}", label == 0)
    unknown = Group(f"Not known by day {days}", np.isnan(label), compared=False)
    few = 0 < len(np.unique(patient_id[unknown.members])) < FEWEST_NOT_KNOWN
    if mask and few:
        title = f"No event, or not known, by day {days}"
        groups = [event, Group(title, free.members | unknown.members)]
    else:
        groups = [event, free, unknown]
    return [group for group in groups if group.members.any()]


def groups_by_center(cohort: Cohort) -> list[Group]:
    """Part a cohort by center; centers have numbers, 1 for the one with most infusions, never names.

    Raises
    ------
    Refused
        If fewer than two centers are named.
    """
    names = named_centers(cohort.center)
    centers = centers_by_size(cohort.center)
    if len(centers) < 2:
        raise Refused(NO_CENTER)
    groups = [
        Group(center_title(number).capitalize(), names == center)
        for number, center in enumerate(centers, start=1)
    ]
    unknown = Group("Center not recorded", names == "", compared=False)
    return [*groups, unknown] if unknown.members.any() else groups


def large_enough(groups: list[Group], patient_id: NDArray[np.str_]) -> list[Group]:
    """Join groups until each has at least `FEWEST_SHOWN` patients.

    Parameters
    ----------
    groups : list of Group
    patient_id : ndarray of shape (n_infusions,)

    Returns
    -------
    groups : list of Group
        The smallest is joined with the next smallest as long as it is too small. None where fewer than two
        are left: there is nothing to compare.

    Examples
    --------
    >>> patients = np.array([f"P{number}" for number in range(20)])
    >>> at = np.arange(20)
    >>> groups = [Group("A", at < 10), Group("B", (at >= 10) & (at < 17)), Group("C", at >= 17)]
    >>> [group.title for group in large_enough(groups, patients)]
    ['A', 'B or c']
    """
    groups = list(groups)
    while len(groups) > 1:
        sizes = [len(np.unique(patient_id[group.members])) for group in groups]
        first, second = sorted(sorted(range(len(groups)), key=lambda at: (sizes[at], at))[:2])
        if min(sizes) >= FEWEST_SHOWN:
            break
        last = groups.pop(second)
        groups[first] = _joined(groups[first], last)
    return groups if len(groups) > 1 else []


def _joined(first: Group, second: Group) -> Group:
    title = f"{first.title} or {second.title[:1].lower()}{second.title[1:]}"
    return Group(title, first.members | second.members, first.compared or second.compared)
