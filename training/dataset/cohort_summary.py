"""The training cohort in aggregates that tell nothing of a single patient."""

from __future__ import annotations

import numpy as np

from features.cohort import Cohort
from features.field import specs
from features.predictors import DOSE_INPUTS
from features.product_names import PRODUCT_NAME
from features.schema import Patient
from serving.model.cohort_summary import CohortSummary
from serving.model.masked_bundle import masked_cohort
from serving.model.patient_groups import ALIKE_ROUNDED_TO, FEWEST_ALIKE, profile_key, profiles

FEWEST_PATIENTS = 10
"""A percentile over fewer patients would tell too much of each."""
ROUNDED_TO = 10
"""Counts of options are rounded down to it."""
FEWEST_RANGES = 5
"""Numeric columns whose ranges have to agree before two cohorts count as the same patients."""
RANGE_QUANTILES = (0.025, 0.975)


def cohort_summary(cohort: Cohort, *, home_center: int = 0) -> CohortSummary:
    """Summarize a cohort.

    Parameters
    ----------
    cohort : Cohort
    home_center : int
        As in `FitConfig`.

    Returns
    -------
    summary : CohortSummary
        Percentiles over at least ten patients, to two significant digits; counts rounded down to tens, those
        of patients alike to fives.
    """
    names = [name for name in specs(Patient) if name not in DOSE_INPUTS]
    kinds = {name: specs(Patient)[name].kind for name in names}
    return CohortSummary(
        name=cohort.name,
        sha256=cohort.sha256,
        synthetic=cohort.synthetic,
        n_infusions=len(cohort),
        n_patients=cohort.n_patients,
        n_centers=len({center for center in cohort.center if center}),
        ranges={
            name: limits
            for name in names
            if kinds[name] in ("number", "integer") and (limits := _range(cohort, name)) is not None
        },
        options={
            **{name: _counts(cohort, name) for name in names if kinds[name] in ("choice", "boolean")},
            **_product_names(cohort),
        },
        missing={name: round(float(np.isnan(cohort.patients[name]).mean()), 2) for name in names},
        alike=alike_counts(cohort),
        home_center=home_center,
    )


def same_patients(summary: CohortSummary, cohort: Cohort) -> bool:
    """Whether a cohort has the patients of a summary in another file, type of file or order.

    Parameters
    ----------
    summary : CohortSummary
        Of a training cohort; its digest is not compared, since a file that is saved again has another one.
    cohort : Cohort

    Returns
    -------
    same : bool
        True if sizes and the distribution of every predictor agree, whatever the follow-up. False if the
        summary has the ranges of fewer than `FEWEST_RANGES` columns: small cohorts may agree by chance.
    """
    if len(summary.ranges) < FEWEST_RANGES or summary.n_infusions != len(cohort):
        return False
    return _distribution(summary) == _distribution(cohort_summary(cohort))


def _distribution(summary: CohortSummary) -> tuple[object, ...]:
    sizes = summary.synthetic, summary.n_infusions, summary.n_patients
    # A bundle may have been written without the shares that are small counts.
    missing = masked_cohort(summary).missing
    return (*sizes, {name: tuple(limits) for name, limits in summary.ranges.items()}, missing)


def alike_counts(cohort: Cohort) -> dict[str, int]:
    """Count the infusions of every profile.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    counts : dict of str to int
        By `serving.model.patient_groups.profile_key`, rounded down to `ALIKE_ROUNDED_TO`. A profile of fewer
        than `FEWEST_ALIKE` patients is not there: several infusions of one patient would tell of that one. An
        infusion with a column of the profile missing is like no other.
    """
    patients: dict[str, list[str]] = {}
    for patient, groups in zip(cohort.patient_id.tolist(), profiles(cohort.patients), strict=True):
        if groups is not None:
            patients.setdefault(profile_key(groups), []).append(patient)
    return {
        key: len(identifiers) // ALIKE_ROUNDED_TO * ALIKE_ROUNDED_TO
        for key, identifiers in sorted(patients.items())
        if len(set(identifiers)) >= FEWEST_ALIKE
    }


def _product_names(cohort: Cohort) -> dict[str, dict[str, int]]:
    """Count infusions by the name of their product; a name of fewer than ten patients is not there."""
    counts = {}
    for name in sorted({str(name) for name in cohort.product_name} - {""}):
        named = cohort.product_name == name
        if len(np.unique(cohort.patient_id[named])) >= FEWEST_PATIENTS:
            counts[name] = int(named.sum()) // ROUNDED_TO * ROUNDED_TO
    return {PRODUCT_NAME: counts} if counts else {}


def _range(cohort: Cohort, name: str) -> tuple[float, float] | None:
    column = cohort.patients[name]
    known = ~np.isnan(column)
    if len(np.unique(cohort.patient_id[known])) < FEWEST_PATIENTS:
        return None
    low, high = np.quantile(column[known], RANGE_QUANTILES)
    return float(f"{low:.2g}"), float(f"{high:.2g}")


def _counts(cohort: Cohort, name: str) -> dict[str, int]:
    field, column = specs(Patient)[name], cohort.patients[name]
    options = field.options if field.kind == "choice" else ("false", "true")
    return {
        option: int((column == code).sum()) // ROUNDED_TO * ROUNDED_TO for code, option in enumerate(options)
    }
