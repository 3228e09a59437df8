"""The terms as formulas in text, for a reader or another program; `features.terms` computes them."""

from __future__ import annotations

from collections.abc import Mapping

from features.terms import BURDEN_FIELD, HIGH_BURDEN_PCT

GRAMMAR = (
    "A formula names fields of a patient. log2 is the logarithm to base 2, yes counts as 1 and no as 0, and "
    "(a if condition else b) is a where the condition holds and b otherwise. Where a field that it names is "
    "missing, so is its value."
)
"""How the formulas are read; each is also an expression of Python."""

_BLINATUMOMAB = (
    "{unknown} if prior_blinatumomab == 'response_unknown' "
    "else (1 if prior_blinatumomab == '{option}' else 0)"
)

TERM_FORMULAS: Mapping[str, str] = {
    "high_burden": f"1 if {BURDEN_FIELD} >= {HIGH_BURDEN_PCT:g} else 0",
    "log_marrow_blasts": f"log2(1 + {BURDEN_FIELD})",
    "extramedullary_disease": "extramedullary_disease",
    "cns3": "1 if cns_status == 'cns3' else 0",
    "blinatumomab_nonresponse": _BLINATUMOMAB.format(unknown="1 / 3", option="nonresponder"),
    "blinatumomab_response": _BLINATUMOMAB.format(unknown="2 / 3", option="responder"),
    "inotuzumab": "prior_inotuzumab",
    "prior_allo_hsct": "prior_allo_hsct",
    "prior_car_t": "prior_car_t",
    "prior_lines": "prior_lines",
    "age": "age_years / 10",
    "male": "1 if sex == 'male' else 0",
    "ecog": "ecog",
    "b_lbl": "1 if diagnosis == 'b_lbl' else 0",
    "bridging": "bridging_therapy",
    "dual_target": "1 if target_antigen == 'cd19_cd22' else 0",
    "cd22_alone": "1 if target_antigen == 'cd22' else 0",
    "cd28": "1 if costimulatory_domain == 'cd28' else 0",
    "allogeneic": "1 if cell_source == 'allogeneic' else 0",
    "log2_dose_per_kg": "log2(dose_1e6_per_kg)",
    "fludarabine": "1 if fludarabine_mg_m2 > 0 else 0",
    "tocilizumab_prophylaxis": "tocilizumab_prophylaxis",
    "log2_easix": "log2(ldh_u_l * creatinine_mg_dl / platelets_1e9_l)",
    "log2_ferritin": "log2(ferritin_ug_l)",
    "log2_crp": "log2(1 + crp_mg_l)",
    "tp53_altered": "tp53_altered",
    "kmt2a_rearranged": "kmt2a_rearranged",
    "ph_positive": "ph_positive",
}
"""By name of the term; a test holds each against what `TERMS` computes."""

DERIVED_FORMULAS: Mapping[str, str] = {"dose_1e6_per_kg": "dose_total_1e6 / weight_kg"}
"""Fields that are computed from others where they are missing."""
