"""What looks odd in a cohort without being wrong: told, never refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.cohort import Cohort
from features.duplicates import duplicates
from features.field import FieldSpec, specs
from features.problems import counted, row_ranges
from features.schema import FollowUp, Patient

MOSTLY_MISSING = 0.5
"""Share of missing values above which a column is remarked on."""

FEWEST_VALUES = 10
"""Values that a column needs before their size is remarked on."""

FEWEST_PERCENTAGES = 3
"""The same of a column in %: three fractions are odd enough."""

ONE_SLIP_IN = 20
"""So many values may hide one that was mistyped: a point too few would otherwise speak for all the others."""

USUAL_MEDIANS = {"crp_mg_l": 2.0, "creatinine_mg_dl": 0.2, "ldh_u_l": 60.0, "hemoglobin_g_dl": 4.0}
"""Medians below these are far below those of any published series: another unit is the likely reason."""


def remarks(cohort: Cohort) -> list[str]:
    """Say what looks odd in a cohort.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of str
        Sentences for whoever brought the file.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": str(n), "marrow_blasts_pct": 0.4, "last_contact_day": 100} for n in range(12)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00",
    ...                           present=frozenset({"patient_id", "marrow_blasts_pct", "last_contact_day"}))
    >>> print(remarks(cohort)[-1])
    marrow_blasts_pct is 1 or less in all 12 rows that have it: fractions instead of %?
    """
    return [
        *_absent(cohort),
        *_without_follow_up(cohort),
        *_mostly_missing(cohort),
        *_units(cohort),
        *_duplicates(cohort),
    ]


def missing_share(cohort: Cohort) -> dict[str, float]:
    """Share of rows without a value, for every column of `Patient` and `FollowUp`.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    shares : dict of str to float
        In schema order, 0 to 1. A derived dose per kg counts as given.
    """
    columns = {**cohort.patients.values, **cohort.follow_up.values}
    return {name: float(np.mean(np.isnan(values))) for name, values in columns.items()}


def _absent(cohort: Cohort) -> list[str]:
    shares = missing_share(cohort)
    required = [name for name, spec in specs(Patient).items() if _required(spec) and shares[name] == 1]
    outcomes = [name for name in ("crs_grade", "icans_grade", "last_contact_day") if shares[name] == 1]
    said = []
    if required:
        said.append(f"no row has {', '.join(required)}: predictors that every request must bring")
    if outcomes:
        said.append(f"no row has {', '.join(outcomes)}: outcomes that rest on them cannot be trained")
    return said


def _required(spec: FieldSpec) -> bool:
    return spec.required.startswith("yes")


def _without_follow_up(cohort: Cohort) -> list[str]:
    known = cohort.follow_up.matrix(specs(FollowUp))
    without = int(np.sum(np.isnan(known).all(axis=1)))
    return (
        [f"{without} of {len(cohort)} infusions have no follow-up at all"]
        if 0 < without < len(cohort)
        else []
    )


def _mostly_missing(cohort: Cohort) -> list[str]:
    """Name predictors that a few rows have; events are blank where none was seen and say nothing."""
    shares = missing_share(cohort)
    sparse = [f"{name} ({shares[name]:.0%})" for name in specs(Patient) if MOSTLY_MISSING < shares[name] < 1]
    return [f"missing in more than half of the rows: {', '.join(sparse)}"] if sparse else []


def _units(cohort: Cohort) -> list[str]:
    said = []
    for name, usual in USUAL_MEDIANS.items():
        values = _known(cohort, name)
        if len(values) >= FEWEST_VALUES and np.median(values) < usual:
            unit = specs(Patient)[name].unit
            said.append(f"{name} has a median of {np.median(values):.3g}: is it in {unit}?")
    percentages = [name for name, spec in specs(Patient).items() if spec.unit == "%"]
    said += [words for name in percentages if (words := _fractions(cohort, name))]
    known = _known(cohort, "hemoglobin_g_dl")
    low = len(known) >= FEWEST_VALUES and np.median(known) < 8 and known.max() < 11
    if low and not any("hemoglobin" in words for words in said):
        median = f"{np.median(known):.3g}"
        said.append(f"hemoglobin_g_dl has a median of {median} and none above 11: is it in mmol/L?")
    return said


def _fractions(cohort: Cohort, name: str) -> str | None:
    known = _known(cohort, name)
    low = int(np.sum(known <= 1))
    if len(known) < FEWEST_PERCENTAGES or not known.any() or len(known) - low > len(known) // ONE_SLIP_IN:
        return None
    share = f"all {low}" if low == len(known) else f"{low} of {len(known)}"
    return f"{name} is 1 or less in {share} rows that have it: fractions instead of %?"


def _known(cohort: Cohort, name: str) -> NDArray[np.float64]:
    values = cohort.patients[name]
    return values[~np.isnan(values)]


def _duplicates(cohort: Cohort) -> list[str]:
    """Count rows that repeat another patient's; which patients is for the file's owner to find."""
    groups = np.unique(cohort.patient_id, return_inverse=True)[1].astype(np.int64)
    repeated = np.flatnonzero(duplicates(cohort.patients, cohort.follow_up, groups))
    if len(repeated) == 0:
        return []
    rows = row_ranges(int(cohort.rows[place]) for place in repeated)
    told = f"{counted(len(repeated), 'row')} ({rows})"
    return [f"{told} alike in every value to a row of another patient_id: the same patient twice?"]
