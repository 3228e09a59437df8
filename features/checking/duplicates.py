"""Infusions with equal values that belong to different patients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns

FEWEST_KNOWN = 5
"""Known predictors below which two infusions may be equal by chance."""


def duplicates(patients: Columns, follow_up: Columns, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark infusions that repeat one of another patient, value for value.

    Parameters
    ----------
    patients, follow_up : Columns
        Predictors and follow-up of the same infusions.
    groups : ndarray of shape (n_infusions,)
        Patient of each infusion, as a number.

    Returns
    -------
    repeated : ndarray of bool, shape (n_infusions,)
        False for the first of each kind, and where fewer than five predictors are known.

    Examples
    --------
    >>> from features.schema import FollowUp, Patient
    >>> row = {"age_years": 30.0, "sex": "male", "ecog": 1, "marrow_blasts_pct": 40.0, "prior_lines": 3}
    >>> patients = Columns.from_rows(Patient, [row, row, {**row, "age_years": 31.0}])
    >>> duplicates(patients, Columns.from_rows(FollowUp, [{}, {}, {}]), np.arange(3))
    array([False,  True, False])
    """
    known = np.column_stack(list(patients.values.values()))
    everything = np.column_stack([known, *follow_up.values.values()])
    enough_known = (~np.isnan(known)).sum(axis=1) >= FEWEST_KNOWN
    first: dict[bytes, int] = {}
    repeated = np.zeros(len(patients), dtype=bool)
    for position, row in enumerate(np.nan_to_num(everything, nan=-1.0)):
        owner = first.setdefault(row.tobytes(), int(groups[position]))
        repeated[position] = enough_known[position] and owner != groups[position]
    return repeated
