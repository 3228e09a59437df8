"""Named numeric terms of the linear model, computed from patients."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from features.columns import Columns, Values
from features.disease_burden import BURDEN_FIELD, MRD_FIELD, burden_scale, known_burden_share
from features.earlier_terms import EARLIER
from features.field import specs
from features.local_terms import terms_of_unread
from features.product_terms import cd28_construct, is_product, own_product, relative_dose, split_dose
from features.products import PRODUCTS
from features.schema import Patient
from features.scores import easix
from features.term import Term, number, option, response, yes
from features.term_plan import TermPlan

UNKNOWN_RESPONSE_NONRESPONDERS = 1 / 3
"""Assumed share of non-responders where the response to blinatumomab or inotuzumab is not recorded."""

EARLY_RELAPSE_MONTHS = 6.0
"""Relapse within this many months of HSCT is early: the cut of the published effect (PMC10242498)."""
EARLY_RELAPSE_BLUR_MONTHS = 2.0
"""How gradually, in months about the cut, early becomes late."""

UNKNOWN_MONTHS_EARLY = 0.4
"""Assumed share of early relapses after HSCT where the months are not recorded."""

OWN_PRODUCT = "own_product"
"""The term of academic, other and unknown products: each is drawn from the spread of published ones."""


def product_term(product: str) -> str:
    """Name the term of a known product.

    Examples
    --------
    >>> product_term("obecabtagene")
    'product_obecabtagene'
    """
    return f"product_{product}"


def term_matrix(patients: Columns, names: tuple[str, ...]) -> Values:
    """Compute terms for patients.

    Parameters
    ----------
    patients : Columns of `Patient`
        As `features.predictors.predictors` makes them.
    names : tuple of str
        Names in `KNOWN_TERMS`.

    Returns
    -------
    matrix : ndarray of shape (n_infusions, n_terms)
        NaN where an input is missing; read-only, because the models of all outcomes share it.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> patients = predictors([{"marrow_blasts_pct": 62.0, "dose_1e6_per_kg": 2.0}])
    >>> term_matrix(patients, ("high_burden", "log2_relative_dose", "cns3"))
    array([[ 1.,  1., nan]])
    """
    known = patients.derived.get(names)
    if known is None:
        known = _plan(names).matrix(patients)
        known.flags.writeable = False
        patients.derived[names] = known
    return known


@cache
def _plan(names: tuple[str, ...]) -> TermPlan:
    return TermPlan([KNOWN_TERMS[name] for name in names])


def explanation_rows(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Name the inputs of each explanation row of the terms: a column, or a composite with its parts."""
    terms = [KNOWN_TERMS[name] for name in names]
    return {term.field: (term.field,) if term.field in specs(Patient) else term.inputs for term in terms}


def _disease_burden(patients: Columns) -> Values:
    return burden_scale(patients[BURDEN_FIELD], patients[MRD_FIELD], high=known_burden_share(patients))


def _fludarabine(patients: Columns) -> Values:
    dose = patients["fludarabine_mg_m2"]
    return np.where(np.isnan(dose), np.nan, (dose > 0).astype(float))


def _log2_easix(patients: Columns) -> Values:
    return np.log2(easix(patients["ldh_u_l"], patients["creatinine_mg_dl"], patients["platelets_1e9_l"]))


def _early_relapse(patients: Columns) -> Values:
    """How early after HSCT the leukemia came back: 1 at once, 0 late, and 0 without HSCT."""
    months, hsct = patients["months_from_hsct_to_relapse"], patients["prior_allo_hsct"]
    early = 1 / (1 + np.exp((months - EARLY_RELAPSE_MONTHS) / EARLY_RELAPSE_BLUR_MONTHS))
    return np.where(hsct == 1, np.where(np.isnan(early), UNKNOWN_MONTHS_EARLY, early), hsct)


def _inotuzumab_nonresponse(patients: Columns) -> Values:
    """1 without response to inotuzumab, 0 with one or never given, its assumed share where not recorded."""
    given = patients["prior_inotuzumab"]
    failed = patients.is_option("inotuzumab_response", "nonresponder")
    unknown = patients.is_option("inotuzumab_response", "unknown") == 1
    share = np.where(unknown | np.isnan(failed), UNKNOWN_RESPONSE_NONRESPONDERS, failed)
    return np.where(np.isnan(given), np.nan, np.where(given == 1, share, 0.0))


def _product_entry(product: str) -> Term:
    return Term(
        product_term(product),
        "product",
        f"{product}, against a typical product of its kind",
        (),
        lambda patients: is_product(patients, product),
        binary=True,
        optional=("product",),
    )


_ENTRIES = (
    Term(
        "disease_burden",
        BURDEN_FIELD,
        "from typical burden below 5 % marrow blasts to typical burden above",
        (BURDEN_FIELD,),
        _disease_burden,
        optional=(MRD_FIELD,),
    ),
    yes("extramedullary_disease", "extramedullary_disease", "extramedullary disease"),
    option("cns3", "cns_status", "cns3", "CNS3"),
    response(
        "blinatumomab_nonresponse",
        "prior_blinatumomab",
        "no response to blinatumomab, against never given",
        "nonresponder",
        "response_unknown",
        UNKNOWN_RESPONSE_NONRESPONDERS,
    ),
    response(
        "blinatumomab_response",
        "prior_blinatumomab",
        "response to blinatumomab, against never given",
        "responder",
        "response_unknown",
        1 - UNKNOWN_RESPONSE_NONRESPONDERS,
    ),
    yes("inotuzumab", "prior_inotuzumab", "inotuzumab given before"),
    Term(
        "inotuzumab_nonresponse",
        "inotuzumab_response",
        "no response to inotuzumab, against response",
        ("prior_inotuzumab",),
        _inotuzumab_nonresponse,
        binary=True,
        optional=("inotuzumab_response",),
    ),
    yes("refractory_to_last_line", "refractory_to_last_line", "refractory to the last line"),
    yes("prior_allo_hsct", "prior_allo_hsct", "allogeneic HSCT before"),
    Term(
        "early_relapse_after_hsct",
        "months_from_hsct_to_relapse",
        "relapse within 6 months of HSCT, against later or no HSCT",
        ("prior_allo_hsct",),
        _early_relapse,
        optional=("months_from_hsct_to_relapse",),
    ),
    yes("prior_car_t", "prior_car_t", "CAR T cells before"),
    number("prior_lines", "prior_lines", "one more line of therapy", lambda x: x),
    number("age", "age_years", "ten years of age", lambda x: x / 10),
    option("male", "sex", "male", "male"),
    number("ecog", "ecog", "one ECOG grade", lambda x: x),
    yes("neurologic_comorbidity", "neurologic_comorbidity", "neurologic comorbidity"),
    option("b_lbl", "diagnosis", "b_lbl", "B-lymphoblastic lymphoma"),
    yes("bridging", "bridging_therapy", "bridging therapy"),
    option("dual_target", "target_antigen", "cd19_cd22", "CD19 and CD22, against CD19 alone"),
    option("cd22_alone", "target_antigen", "cd22", "CD22 alone, against CD19 alone"),
    option("allogeneic", "cell_source", "allogeneic", "donor-derived cells"),
    Term(
        "cd28_construct",
        "costimulatory_domain",
        "CD28 costimulation, against 4-1BB",
        (),
        cd28_construct,
        binary=True,
        optional=("costimulatory_domain", "product"),
    ),
    Term(
        "split_dose",
        "split_dose",
        "dose in parts, against a single dose",
        (),
        split_dose,
        binary=True,
        optional=("split_dose", "product"),
    ),
    *map(_product_entry, PRODUCTS),
    Term(
        OWN_PRODUCT,
        "product",
        "academic, other or unknown product, against a typical product of its kind",
        (),
        own_product,
        binary=True,
        optional=("product",),
    ),
    Term(
        "log2_relative_dose",
        "dose_1e6_per_kg",
        "doubling of the dose per kg, relative to the usual dose of the product",
        ("dose_1e6_per_kg",),
        relative_dose,
        optional=("product",),
    ),
    Term(
        "fludarabine",
        "fludarabine_mg_m2",
        "fludarabine in lymphodepletion",
        ("fludarabine_mg_m2",),
        _fludarabine,
        binary=True,
    ),
    yes("tocilizumab_prophylaxis", "tocilizumab_prophylaxis", "tocilizumab prophylaxis"),
    Term(
        "log2_easix",
        "easix",
        "doubling of EASIX (LDH x creatinine / platelets)",
        ("ldh_u_l", "creatinine_mg_dl", "platelets_1e9_l"),
        _log2_easix,
    ),
    number("log2_ferritin", "ferritin_ug_l", "doubling of ferritin", np.log2),
    number("log2_crp", "crp_mg_l", "doubling of 1 + CRP in mg/L", lambda x: np.log2(1 + x)),
    yes("tp53_altered", "tp53_altered", "TP53 mutation or deletion"),
    yes("kmt2a_rearranged", "kmt2a_rearranged", "KMT2A rearrangement"),
    yes("ph_positive", "ph_positive", "BCR::ABL1"),
)

TERMS: Mapping[str, Term] = {term.name: term for term in _ENTRIES}
"""Every term that published evidence may speak of, by name."""

LOCAL_TERMS: Mapping[str, Term] = {term.name: term for term in terms_of_unread(_ENTRIES)}
"""Those of numbers that no other term reads: no study speaks of them, local patients alone do."""

KNOWN_TERMS: Mapping[str, Term] = {term.name: term for term in (*_ENTRIES, *LOCAL_TERMS.values(), *EARLIER)}
"""All of these, and terms of models that were released before: they answer as they did."""

LEVEL_TERMS = ("cd28_construct", "split_dose", *map(product_term, PRODUCTS), OWN_PRODUCT)
"""Terms of the product: their prior comes from published rates of products."""
