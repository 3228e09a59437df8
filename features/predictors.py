"""The predictors of a model: the columns of `Patient` with the dose per kg derived where it can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.columns import Columns, Values
from features.schema import Patient

DOSE = "dose_1e6_per_kg"
"""The column that is derived where it can be."""

DOSE_INPUTS = ("dose_total_1e6", "weight_kg")
"""Columns that only serve to derive it; no model sees them beside it."""


def predictors(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Encode checked rows of `Patient` values.

    Parameters
    ----------
    rows : sequence of mapping
        Values by column, None or absent where missing.

    Returns
    -------
    patients : Columns
        Where ``dose_1e6_per_kg`` is missing it is ``dose_total_1e6 / weight_kg``, NaN if either is missing.

    Examples
    --------
    >>> predictors([{"dose_total_1e6": 70.0, "weight_kg": 35.0}])["dose_1e6_per_kg"]
    array([2.])
    """
    patients = Columns.from_rows(Patient, rows)
    patients[DOSE][:] = _known_or_derived(patients)
    return patients


def with_derived_dose(patients: Columns) -> Columns:
    """Derive ``dose_1e6_per_kg`` where it is missing, as `predictors` does."""
    return Columns(Patient, {**patients.values, DOSE: _known_or_derived(patients)})


def _known_or_derived(patients: Columns) -> Values:
    dose, (total, weight) = patients[DOSE], (patients[name] for name in DOSE_INPUTS)
    return np.where(np.isnan(dose), total / weight, dose)
