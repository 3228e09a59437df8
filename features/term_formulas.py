"""The terms as formulas in text, for a reader or another program; `features.terms` computes them."""

from __future__ import annotations

from collections.abc import Mapping

from features.disease_burden import (
    BLUR_DECADES,
    BURDEN_FIELD,
    HIGH_BURDEN_PCT,
    HIGH_LOG10,
    LOW_LOG10,
    LOWEST_BLASTS_PCT,
    LOWEST_MRD_PCT,
    MRD_FIELD,
)
from features.local_terms import local_formula
from features.products import CD28, PRODUCTS, SPLIT_DOSE, USUAL_DOSE, USUAL_DOSE_1E6_PER_KG
from features.terms import (
    EARLY_RELAPSE_BLUR_MONTHS,
    EARLY_RELAPSE_MONTHS,
    LOCAL_TERMS,
    OWN_PRODUCT,
    UNKNOWN_MONTHS_EARLY,
    product_term,
)

GRAMMAR = (
    "A formula names fields of a patient. log2 and log10 are logarithms, exp is the exponential, max the "
    "larger of two numbers; yes counts as 1 and no as 0; (a if condition else b) is a where the condition "
    "holds and b otherwise. known(field) says whether a field is given, and missing is no value. Where a "
    "field that it names is missing, so is its value, unless the formula asks known() of that field."
)
"""How the formulas are read; each is also an expression of Python."""

_COUNTED = f"max({BURDEN_FIELD}, {LOWEST_BLASTS_PCT:g})"
_BLASTS = f"log10({_COUNTED})"
HIGH_BURDEN_FORMULA = f"1 / (1 + exp(-log10({_COUNTED} / {HIGH_BURDEN_PCT:g}) / {BLUR_DECADES:g}))"
"""How far a patient counts as of high burden; see `features.disease_burden.high_burden_share`."""
_DISEASE_BURDEN = (
    f"(({_BLASTS} if not known({MRD_FIELD}) else "
    f"(1 - {HIGH_BURDEN_FORMULA}) * log10(max({MRD_FIELD}, {LOWEST_MRD_PCT:g})) "
    f"+ {HIGH_BURDEN_FORMULA} * {_BLASTS}) - {LOW_LOG10:g}) / ({HIGH_LOG10:g} - {LOW_LOG10:g})"
)

_IS_PRODUCT = "known(product) and product == '{name}'"


def _by_product(facts: Mapping[str, float], otherwise: str) -> str:
    """Write the fact of each known product, and what is computed for all others."""
    chain = " ".join(f"{fact:g} if {_IS_PRODUCT.format(name=name)} else" for name, fact in facts.items())
    return f"({chain} {otherwise})"


_BLINATUMOMAB = (
    "{unknown} if prior_blinatumomab == 'response_unknown' "
    "else (1 if prior_blinatumomab == '{option}' else 0)"
)

TERM_FORMULAS: Mapping[str, str] = {
    "disease_burden": _DISEASE_BURDEN,
    "extramedullary_disease": "extramedullary_disease",
    "cns3": "1 if cns_status == 'cns3' else 0",
    "blinatumomab_nonresponse": _BLINATUMOMAB.format(unknown="1 / 3", option="nonresponder"),
    "blinatumomab_response": _BLINATUMOMAB.format(unknown="2 / 3", option="responder"),
    "inotuzumab": "prior_inotuzumab",
    "inotuzumab_nonresponse": "0 if prior_inotuzumab == 0 else (1 / 3 if not known(inotuzumab_response) "
    "or inotuzumab_response == 'unknown' else (1 if inotuzumab_response == 'nonresponder' else 0))",
    "refractory_to_last_line": "refractory_to_last_line",
    "prior_allo_hsct": "prior_allo_hsct",
    "early_relapse_after_hsct": f"0 if prior_allo_hsct == 0 else ({UNKNOWN_MONTHS_EARLY:g} "
    "if not known(months_from_hsct_to_relapse) else 1 / (1 + exp((months_from_hsct_to_relapse "
    f"- {EARLY_RELAPSE_MONTHS:g}) / {EARLY_RELAPSE_BLUR_MONTHS:g})))",
    "prior_car_t": "prior_car_t",
    "prior_lines": "prior_lines",
    "age": "age_years / 10",
    "male": "1 if sex == 'male' else 0",
    "ecog": "ecog",
    "neurologic_comorbidity": "neurologic_comorbidity",
    "b_lbl": "1 if diagnosis == 'b_lbl' else 0",
    "bridging": "bridging_therapy",
    "dual_target": "1 if target_antigen == 'cd19_cd22' else 0",
    "cd22_alone": "1 if target_antigen == 'cd22' else 0",
    "allogeneic": "1 if cell_source == 'allogeneic' else 0",
    "cd28_construct": _by_product(
        CD28,
        "(missing if not known(costimulatory_domain) else (1 if costimulatory_domain == 'cd28' else 0))",
    ),
    "split_dose": f"split_dose if known(split_dose) else {_by_product(SPLIT_DOSE, 'missing')}",
    **{product_term(name): f"1 if {_IS_PRODUCT.format(name=name)} else 0" for name in PRODUCTS},
    OWN_PRODUCT: _by_product(dict.fromkeys(PRODUCTS, 0.0), "1"),
    "log2_relative_dose": f"log2(dose_1e6_per_kg / {_by_product(USUAL_DOSE, f'{USUAL_DOSE_1E6_PER_KG:g}')})",
    "fludarabine": "1 if fludarabine_mg_m2 > 0 else 0",
    "tocilizumab_prophylaxis": "tocilizumab_prophylaxis",
    "log2_easix": "log2(ldh_u_l * creatinine_mg_dl / platelets_1e9_l)",
    "log2_ferritin": "log2(ferritin_ug_l)",
    "log2_crp": "log2(1 + crp_mg_l)",
    "tp53_altered": "tp53_altered",
    "kmt2a_rearranged": "kmt2a_rearranged",
    "ph_positive": "ph_positive",
    **{name: local_formula(term.field) for name, term in LOCAL_TERMS.items()},
    # Of models that were released before.
    "high_burden": f"1 if {BURDEN_FIELD} >= {HIGH_BURDEN_PCT:g} else 0",
    "log_marrow_blasts": f"log2(1 + {BURDEN_FIELD})",
    "cd28": "1 if costimulatory_domain == 'cd28' else 0",
    "log2_dose_per_kg": "log2(dose_1e6_per_kg)",
}
"""By name of the term; a test holds each against what `TERMS` computes."""

DERIVED_FORMULAS: Mapping[str, str] = {"dose_1e6_per_kg": "dose_total_1e6 / weight_kg"}
"""Fields that are computed from others where they are missing."""
