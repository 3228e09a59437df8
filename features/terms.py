"""Named numeric terms of the linear model, computed from patients, centered at a fixed reference profile."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from features.columns import Columns, Values
from features.project_files import EVIDENCE
from features.scores import easix

PROFILE_FILE = EVIDENCE / "reference_profile.csv"

BURDEN_FIELD = "marrow_blasts_pct"
"""The column of disease burden."""

HIGH_BURDEN_PCT = 5.0
"""Marrow blasts from which burden is called high: the cut of the published effects (M1 is below 5 %)."""

HIGH_BURDEN_SHARE = 0.6
"""Assumed share of adults infused with high burden; used where marrow blasts are missing."""

UNKNOWN_RESPONSE_NONRESPONDERS = 1 / 3
"""Assumed share of non-responders among those whose response to blinatumomab is not recorded."""


@dataclass(frozen=True)
class Term:
    """One numeric column of the linear model.

    Attributes
    ----------
    name : str
        Name of the term.
    field : str
        Row of the explanation it belongs to: a column of `Patient`, or a composite of its own.
    title : str
        What one unit of the term is, in words.
    inputs : tuple of str
        Columns of `Patient` it is computed from; all must be known, or the term is missing.
    compute : callable
        Encoded patients to an array of shape (n_infusions,), NaN where missing.
    binary : bool
        Whether it is yes (1) or no (0), so that its expected value is a probability.
    """

    name: str
    field: str
    title: str
    inputs: tuple[str, ...]
    compute: Callable[[Columns], Values]
    binary: bool = False


@dataclass(frozen=True)
class Expected:
    """Expected values of terms given disease burden, and where the terms are centered.

    Attributes
    ----------
    low_burden, high_burden : ndarray of shape (n_terms,)
        Expected value below and from 5 % marrow blasts.
    centre : ndarray of shape (n_terms,)
        Value of the reference profile.
    spread : ndarray of shape (n_terms,)
        Standard deviation in patients.
    """

    low_burden: Values
    high_burden: Values
    centre: Values
    spread: Values


def term_matrix(patients: Columns, names: tuple[str, ...]) -> Values:
    """Compute terms for patients.

    Parameters
    ----------
    patients : Columns of `Patient`
        As `features.predictors.predictors` makes them.
    names : tuple of str
        Names of terms.

    Returns
    -------
    matrix : ndarray of shape (n_infusions, n_terms)
        NaN where an input is missing.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> patients = predictors([{"marrow_blasts_pct": 62.0, "dose_1e6_per_kg": 2.0}])
    >>> term_matrix(patients, ("high_burden", "log2_dose_per_kg", "cns3"))
    array([[ 1.,  1., nan]])
    """
    return np.column_stack([TERMS[name].compute(patients) for name in names])


def fill_missing(matrix: Values, patients: Columns, *, low_burden: Values, high_burden: Values) -> Values:
    """Give missing terms their expected value given disease burden.

    One rule for fitting and answering; intervals draw about it (`serving.model.replicates`). Where marrow
    blasts are missing too, both burdens are weighed by `HIGH_BURDEN_SHARE`.

    Parameters
    ----------
    matrix : ndarray of shape (n_infusions, n_terms)
        From `term_matrix`.
    patients : Columns of `Patient`
        The same infusions.
    low_burden, high_burden : ndarray of shape (n_terms,)
        Expected values.

    Returns
    -------
    filled : ndarray of shape (n_infusions, n_terms)
        Without NaN.
    """
    high = high_burden_probability(patients)[:, None]
    return np.where(np.isnan(matrix), (1 - high) * low_burden + high * high_burden, matrix)


def high_burden_probability(patients: Columns) -> Values:
    """1 for high burden, 0 for low, the assumed share where marrow blasts are missing."""
    high = _high_burden(patients)
    return np.where(np.isnan(high), HIGH_BURDEN_SHARE, high)


@cache
def reference_profile(names: tuple[str, ...], file: Path = PROFILE_FILE) -> Expected:
    """Read the reference profile for the named terms.

    Raises
    ------
    ValueError
        If a term is not in the file.

    Examples
    --------
    >>> reference_profile(("age",)).centre
    array([4.])
    """
    with file.open(encoding="utf-8", newline="") as lines:
        rows = {row["term"]: row for row in csv.DictReader(lines)}
    absent = [name for name in names if name not in rows]
    if absent:
        message = f"{file.name} has no row for {', '.join(absent)}"
        raise ValueError(message)
    low, high, spread = (
        np.array([float(rows[name][column]) for name in names])
        for column in ("low_burden", "high_burden", "spread")
    )
    centre = (1 - HIGH_BURDEN_SHARE) * low + HIGH_BURDEN_SHARE * high
    return Expected(low_burden=low, high_burden=high, centre=centre, spread=spread)


def explanation_rows(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Name the inputs of each explanation row of the terms: a column, or a composite with its parts."""
    return {TERMS[name].field: TERMS[name].inputs for name in names}


def _number(name: str, field: str, title: str, change: Callable[[Values], Values]) -> Term:
    return Term(name, field, title, (field,), lambda patients: change(patients[field]))


def _yes(name: str, field: str, title: str) -> Term:
    return Term(name, field, title, (field,), lambda patients: patients[field], binary=True)


def _option(name: str, field: str, option: str, title: str) -> Term:
    return Term(name, field, title, (field,), lambda patients: patients.is_option(field, option), binary=True)


def _high_burden(patients: Columns) -> Values:
    blasts = patients[BURDEN_FIELD]
    return np.where(np.isnan(blasts), np.nan, (blasts >= HIGH_BURDEN_PCT).astype(float))


def _blinatumomab(option: str, share_when_unknown: float) -> Callable[[Columns], Values]:
    """1 for the response named; its assumed share where the response is not recorded."""

    def compute(patients: Columns) -> Values:
        named = patients.is_option("prior_blinatumomab", option)
        unknown = patients.is_option("prior_blinatumomab", "response_unknown") == 1
        return np.where(unknown, share_when_unknown, named)

    return compute


def _fludarabine(patients: Columns) -> Values:
    dose = patients["fludarabine_mg_m2"]
    return np.where(np.isnan(dose), np.nan, (dose > 0).astype(float))


def _log2_easix(patients: Columns) -> Values:
    return np.log2(easix(patients["ldh_u_l"], patients["creatinine_mg_dl"], patients["platelets_1e9_l"]))


_ENTRIES = (
    Term(
        "high_burden",
        BURDEN_FIELD,
        "5 % marrow blasts or more",
        (BURDEN_FIELD,),
        _high_burden,
        binary=True,
    ),
    _number("log_marrow_blasts", BURDEN_FIELD, "doubling of 1 + % marrow blasts", lambda x: np.log2(1 + x)),
    _yes("extramedullary_disease", "extramedullary_disease", "extramedullary disease"),
    _option("cns3", "cns_status", "cns3", "CNS3"),
    Term(
        "blinatumomab_nonresponse",
        "prior_blinatumomab",
        "no response to blinatumomab, against never given",
        ("prior_blinatumomab",),
        _blinatumomab("nonresponder", UNKNOWN_RESPONSE_NONRESPONDERS),
        binary=True,
    ),
    Term(
        "blinatumomab_response",
        "prior_blinatumomab",
        "response to blinatumomab, against never given",
        ("prior_blinatumomab",),
        _blinatumomab("responder", 1 - UNKNOWN_RESPONSE_NONRESPONDERS),
        binary=True,
    ),
    _yes("inotuzumab", "prior_inotuzumab", "inotuzumab given before"),
    _yes("prior_allo_hsct", "prior_allo_hsct", "allogeneic HSCT before"),
    _yes("prior_car_t", "prior_car_t", "CAR T cells before"),
    _number("prior_lines", "prior_lines", "one more line of therapy", lambda x: x),
    _number("age", "age_years", "ten years of age", lambda x: x / 10),
    _option("male", "sex", "male", "male"),
    _number("ecog", "ecog", "one ECOG grade", lambda x: x),
    _option("b_lbl", "diagnosis", "b_lbl", "B-lymphoblastic lymphoma"),
    _yes("bridging", "bridging_therapy", "bridging therapy"),
    _option("dual_target", "target_antigen", "cd19_cd22", "CD19 and CD22, against CD19 alone"),
    _option("cd22_alone", "target_antigen", "cd22", "CD22 alone, against CD19 alone"),
    _option("cd28", "costimulatory_domain", "cd28", "CD28 costimulation"),
    _option("allogeneic", "cell_source", "allogeneic", "donor-derived cells"),
    _number("log2_dose_per_kg", "dose_1e6_per_kg", "doubling of the dose per kg", np.log2),
    Term(
        "fludarabine",
        "fludarabine_mg_m2",
        "fludarabine in lymphodepletion",
        ("fludarabine_mg_m2",),
        _fludarabine,
        binary=True,
    ),
    _yes("tocilizumab_prophylaxis", "tocilizumab_prophylaxis", "tocilizumab prophylaxis"),
    Term(
        "log2_easix",
        "easix",
        "doubling of EASIX (LDH x creatinine / platelets)",
        ("ldh_u_l", "creatinine_mg_dl", "platelets_1e9_l"),
        _log2_easix,
    ),
    _number("log2_ferritin", "ferritin_ug_l", "doubling of ferritin", np.log2),
    _number("log2_crp", "crp_mg_l", "doubling of 1 + CRP in mg/L", lambda x: np.log2(1 + x)),
    _yes("tp53_altered", "tp53_altered", "TP53 mutation or deletion"),
    _yes("kmt2a_rearranged", "kmt2a_rearranged", "KMT2A rearrangement"),
    _yes("ph_positive", "ph_positive", "BCR::ABL1"),
)

TERMS: Mapping[str, Term] = {term.name: term for term in _ENTRIES}
"""Every term by name."""
