"""What answers say beside the risks, computed for many patients at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.bedside_scores import BEDSIDE_SCORES
from features.columns import Columns, Values
from features.short_repr import ShortRepr
from serving.answers.close_to_cut import CloseToCut
from serving.model.easix_model import easix_index
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
    scores = {name: score.compute(patients) for name, score in BEDSIDE_SCORES.items()}
    return Surroundings(narrower, easix_index(patients), scores, profiles(patients), close)
