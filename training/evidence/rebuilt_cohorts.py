"""Published cohorts rebuilt from their medians and proportions, to compare the model with what they saw.

Nobody publishes single patients. A cohort is rebuilt by drawing each characteristic on its own: a number
about its published median, a yes or no by its published share, disease burden high or low by its published
share. What a paper does not state is left missing, and the model takes its expected value. Patients are made
up.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from features.columns import Columns
from features.disease_burden import HIGH_BURDEN_PCT
from features.field import specs
from features.predictors import predictors
from features.products import PRODUCTS, usual_dose
from features.project_files import EVIDENCE
from features.schema import Patient
from features.usual_values import USUAL

PROFILES_FILE = EVIDENCE / "cohort_profiles.csv"

REBUILT_PATIENTS = 200
"""Enough that a mean risk is steady to two hundredths of itself."""
REBUILD_SEED = 20260101

HIGH_BURDEN = "high_burden"
"""What a profile calls the share of patients with 5 % marrow blasts or more."""
MEDIAN_HIGH_PCT, HIGH_DECADES = 36.0, 0.45
MEDIAN_LOW_PCT, LOW_DECADES = 0.3, 0.9
"""Blasts of patients with high burden, and MRD of those with low burden: median, and standard deviation of
the logarithm in decades (assumed; the middle of what adult series print)."""

AGE_SPREAD_YEARS = 14.0
"""Standard deviation of age within a cohort of adults; within one of children it is in proportion."""
DEFAULT_SPREAD = 0.5
"""Standard deviation of the natural logarithm of any other number."""


@dataclass(frozen=True)
class Characteristic:
    """One published characteristic of a cohort.

    Attributes
    ----------
    field : str
        Column of `Patient`, or `HIGH_BURDEN`.
    option : str
        Of a choice; blank for a number and a yes or no.
    value : float
        Median of a number; share of patients otherwise.
    source : str
        Where it was read.
    """

    field: str
    option: str
    value: float
    source: str


@cache
def cohort_profiles() -> Mapping[str, tuple[Characteristic, ...]]:
    """Read what is published of each cohort, by its group."""
    profiles: dict[str, list[Characteristic]] = {}
    with PROFILES_FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            entry = Characteristic(row["field"], row["option"], float(row["value"]), row["source"])
            profiles.setdefault(row["cohort_group"], []).append(entry)
    return {name: tuple(entries) for name, entries in profiles.items()}


@cache
def rebuilt_cohort(cohort_group: str, product: str, cd28: float | None, split_dose: float | None) -> Columns:
    """Rebuild a cohort.

    Parameters
    ----------
    cohort_group : str
        Of the evidence files; one without a profile gives patients of whom only the product is known.
    product : str
        Known product, blank for academic ones.
    cd28, split_dose : float or None
        Share of patients; None where not stated.

    Returns
    -------
    patients : Columns of `Patient`
        `REBUILT_PATIENTS` made-up infusions; the same for the same cohort.

    Examples
    --------
    >>> patients = rebuilt_cohort("FELIX", "obecabtagene", 0.0, 1.0)
    >>> len(patients), bool(40 < np.median(patients["age_years"]) < 54)
    (200, True)
    """
    rng = np.random.default_rng(REBUILD_SEED)
    columns: dict[str, list[Any]] = {
        "product": [product or "academic"] * REBUILT_PATIENTS,
        "dose_1e6_per_kg": [usual_dose(product)] * REBUILT_PATIENTS,
    }
    if cd28 is not None and product not in PRODUCTS:
        columns["costimulatory_domain"] = _drawn(cd28, "cd28", "4_1bb", rng)
    if split_dose is not None:
        columns["split_dose"] = _drawn(split_dose, True, False, rng)
    for entry in cohort_profiles().get(cohort_group, ()):
        columns |= _column(entry, columns, rng)
    columns.setdefault("target_antigen", ["cd19"] * REBUILT_PATIENTS)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return predictors(rows)


def _column(
    entry: Characteristic, columns: Mapping[str, list[Any]], rng: np.random.Generator
) -> dict[str, list[Any]]:
    if entry.field == HIGH_BURDEN:
        return _burden(entry.value, rng)
    spec = specs(Patient)[entry.field]
    if spec.kind == "boolean":
        return {entry.field: _drawn(entry.value, True, False, rng)}
    if spec.kind == "choice":
        return {entry.field: _option(entry, columns.get(entry.field), rng)}
    assert spec.low is not None
    assert spec.high is not None
    normal = rng.normal(size=REBUILT_PATIENTS)
    if entry.field == "age_years":
        numbers = entry.value + min(AGE_SPREAD_YEARS, entry.value / 2.5) * normal
    else:
        spread = USUAL[entry.field].spread if entry.field in USUAL else DEFAULT_SPREAD
        numbers = entry.value * np.exp(spread * normal)
    numbers = np.clip(np.round(numbers) if spec.kind == "integer" else numbers, spec.low, spec.high)
    return {entry.field: numbers.tolist()}


def _burden(share: float, rng: np.random.Generator) -> dict[str, list[Any]]:
    """Blasts where burden is high, MRD and blasts below 5 % where it is low."""
    high = rng.random(REBUILT_PATIENTS) < share
    normal = rng.normal(size=REBUILT_PATIENTS)
    blasts = np.clip(MEDIAN_HIGH_PCT * 10 ** (HIGH_DECADES * normal), HIGH_BURDEN_PCT, 100.0)
    mrd = np.clip(MEDIAN_LOW_PCT * 10 ** (LOW_DECADES * normal), 0.0, HIGH_BURDEN_PCT - 0.1)
    return {
        "marrow_blasts_pct": np.where(high, blasts, np.round(mrd)).tolist(),
        "mrd_pct": [None if is_high else float(value) for is_high, value in zip(high, mrd, strict=True)],
    }


def _option(entry: Characteristic, known: list[Any] | None, rng: np.random.Generator) -> list[Any]:
    """Give an option to its share of those who have none of the other options named before."""
    options = list(known) if known is not None else [None] * REBUILT_PATIENTS
    free = [position for position, option in enumerate(options) if option is None]
    chosen = min(len(free), round(entry.value * REBUILT_PATIENTS))
    for position in rng.permutation(np.array(free, dtype=int))[:chosen].tolist():
        options[position] = entry.option
    return options


def _drawn(share: float, yes: Any, no: Any, rng: np.random.Generator) -> list[Any]:
    return [yes if draw < share else no for draw in rng.random(REBUILT_PATIENTS).tolist()]
