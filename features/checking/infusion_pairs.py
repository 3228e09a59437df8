"""Infusions of one patient that follow one another in a cohort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.cohort import Cohort
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class InfusionPairs(ShortRepr):
    """Positions of an infusion and of the next one of the same patient in the file.

    Attributes
    ----------
    earlier, later : ndarray of shape (n_pairs,)
        Positions in the cohort.
    consecutive : ndarray of bool, shape (n_pairs,)
        Whether the infusion numbers follow one another, so that ``next_infusion_day`` of the earlier row is
        the day of the later one.
    """

    earlier: NDArray[np.int64]
    later: NDArray[np.int64]
    consecutive: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.earlier)

    def rows(self, cohort: Cohort, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Give the rows of the file of both infusions of the chosen pairs, each once."""
        both = np.concatenate([self.earlier[chosen], self.later[chosen]])
        return np.asarray(np.unique(cohort.rows[both]), dtype=np.int64)


def infusion_pairs(cohort: Cohort) -> InfusionPairs:
    """Pair each infusion with the next one of the same patient.

    Parameters
    ----------
    cohort : Cohort
        Checked: no patient has an infusion number twice.

    Returns
    -------
    pairs : InfusionPairs
        By patient and infusion number, whatever the order of the rows; none of patients with one infusion.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": "a", "infusion_number": n} for n in (4, 1, 2)] + [{"patient_id": "b"}]
    >>> pairs = infusion_pairs(cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0])))
    >>> pairs.earlier, pairs.later, pairs.consecutive
    (array([1, 2]), array([2, 0]), array([ True, False]))
    """
    order = np.lexsort((cohort.infusion_number, cohort.patient_id)).astype(np.int64)
    earlier, later = order[:-1], order[1:]
    same = cohort.patient_id[earlier] == cohort.patient_id[later]
    earlier, later = earlier[same], later[same]
    follows = cohort.infusion_number[later] == cohort.infusion_number[earlier] + 1
    return InfusionPairs(earlier, later, np.asarray(follows, dtype=np.bool_))
