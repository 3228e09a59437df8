"""A typical patient of a cohort: a profile of medians and most frequent options that is no patient's row."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Values
from features.field import FieldSpec, specs
from features.predictors import DOSE_INPUTS, predictors
from features.rules import patient_contradictions
from features.schema import Patient, all_fields
from training.dataset.cohort_summary import FEWEST_PATIENTS


def typical_patient(patients: Columns) -> Columns | None:
    """Describe the typical patient of a cohort.

    Parameters
    ----------
    patients : Columns of `Patient`

    Returns
    -------
    typical : Columns of `Patient`, or None
        One row: the median of numbers to two significant digits, the most frequent option of the others.
        A field is missing that fewer than half of the infusions or fewer than ten of them have, or whose most
        frequent option fewer than ten have; so is one that contradicts another. None for fewer than ten
        infusions.

    Examples
    --------
    >>> rows = [{"age_years": 30.0 + place, "sex": "male"} for place in range(11)]
    >>> typical = typical_patient(predictors(rows))
    >>> typical["age_years"], typical.row(0)["sex"], typical["ldh_u_l"]
    (array([35.]), 'male', array([nan]))
    >>> typical_patient(predictors(rows[:9])) is None
    True
    """
    if len(patients) < FEWEST_PATIENTS:
        return None
    fields = {name: field for name, field in specs(Patient).items() if name not in DOSE_INPUTS}
    typical = {name: _typical(field, patients[name]) for name, field in fields.items()}
    encoded = {name: np.array([typical.get(name, np.nan)]) for name in specs(Patient)}
    row = Columns(Patient, encoded).row(0)
    for contradiction in patient_contradictions(row, dose=all_fields()["dose_1e6_per_kg"], dose_needed=False):
        row |= dict.fromkeys(contradiction.columns)
    return predictors([row])


def _typical(field: FieldSpec, column: Values) -> float:
    known = column[~np.isnan(column)]
    if len(known) < max(FEWEST_PATIENTS, len(column) / 2):
        return np.nan
    if field.kind in ("choice", "boolean"):
        options, counts = np.unique(known, return_counts=True)
        return float(options[counts.argmax()]) if counts.max() >= FEWEST_PATIENTS else np.nan
    median = float(np.median(known))
    return float(round(median)) if field.kind == "integer" else float(f"{median:.2g}")
