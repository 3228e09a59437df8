"""What answers say beside the risks, computed for many patients at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from features.bedside_scores import BEDSIDE_SCORES
from features.columns import Columns, Values
from features.short_repr import ShortRepr
from serving.answers.close_to_cut import CloseToCut
from serving.model.easix_model import INPUTS, easix_index
from serving.model.patient_groups import Group, profiles


@dataclass(frozen=True, repr=False)
class Surroundings(ShortRepr):
    """What answers say beside the risks, for many patients.

    Attributes
    ----------
    narrower : mapping of str to ndarray of shape (n_patients, n_fields)
        By outcome, as `serving.model.missing_costs.narrowing` states it; NaN for rows that are not used.
    easix : ndarray of shape (n_patients,)
        NaN where missing.
    scores : mapping of str to ndarray of shape (n_patients,)
        Points by score of `features.bedside_scores.BEDSIDE_SCORES`, NaN where missing.
    profiles : list of tuple of Group, or None
    close_to_cut : list of list of CloseToCut
        One list a patient.
    """

    narrower: Mapping[str, Values]
    easix: Values
    scores: Mapping[str, Values]
    profiles: list[tuple[Group, ...] | None]
    close_to_cut: list[list[CloseToCut]]

    def points(self, position: int) -> dict[str, float]:
        """Give the points of one patient by score; NaN where missing."""
        return {name: float(points[position]) for name, points in self.scores.items()}


def surroundings_of(
    patients: Columns, narrower: Mapping[str, Values], close: list[list[CloseToCut]]
) -> Surroundings:
    """Compute what answers say beside the risks.

    Parameters
    ----------
    patients : Columns of `Patient`
    narrower : mapping of str to ndarray
        By how much each missing value widens the interval, by outcome.
    close : list of list of CloseToCut
        Values near which a risk changes much, one list a patient.
    """
    scores = {
        name: _where_known(patients, score.inputs, score.compute) for name, score in BEDSIDE_SCORES.items()
    }
    easix = _where_known(patients, INPUTS, easix_index)
    return Surroundings(narrower, easix, scores, profiles(patients), close)


def _where_known(patients: Columns, inputs: Iterable[str], compute: Callable[[Columns], Values]) -> Values:
    """Compute a score, unless one of its inputs is missing of every patient: then it is NaN."""
    if any(np.isnan(patients[name]).all() for name in inputs):
        return np.full(len(patients), np.nan)
    return compute(patients)
