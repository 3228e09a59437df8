"""The columns of a patient in the schema of the first version, whose bundles do not name what they use."""

from __future__ import annotations

from collections.abc import Mapping

FIRST_SCHEMA_DIGEST = "sha256:464f2dffb69fe29c04a626ace0808147c172c1d7933e22bd244edf1e62096fe9"

FIRST_SCHEMA: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "age_years": ("number", "years", ()),
    "sex": ("choice", "", ("female", "male")),
    "diagnosis": ("choice", "", ("b_all", "b_lbl")),
    "prior_lines": ("integer", "lines", ()),
    "prior_blinatumomab": ("choice", "", ("none", "responder", "nonresponder", "response_unknown")),
    "prior_inotuzumab": ("boolean", "", ()),
    "prior_allo_hsct": ("boolean", "", ()),
    "prior_car_t": ("boolean", "", ()),
    "ecog": ("integer", "", ()),
    "kmt2a_rearranged": ("boolean", "", ()),
    "ph_positive": ("boolean", "", ()),
    "tp53_altered": ("boolean", "", ()),
    "marrow_blasts_pct": ("number", "%", ()),
    "mrd_pct": ("number", "%", ()),
    "extramedullary_disease": ("boolean", "", ()),
    "cns_status": ("choice", "", ("cns1", "cns2", "cns3")),
    "bridging_therapy": ("boolean", "", ()),
    "ldh_u_l": ("number", "U/L", ()),
    "creatinine_mg_dl": ("number", "mg/dL", ()),
    "crp_mg_l": ("number", "mg/L", ()),
    "ferritin_ug_l": ("number", "ug/L", ()),
    "platelets_1e9_l": ("number", "10^9/L", ()),
    "anc_1e9_l": ("number", "10^9/L", ()),
    "hemoglobin_g_dl": ("number", "g/dL", ()),
    "target_antigen": ("choice", "", ("cd19", "cd22", "cd19_cd22")),
    "costimulatory_domain": ("choice", "", ("4_1bb", "cd28", "other")),
    "product": ("choice", "", ("academic", "tisagenlecleucel", "brexucabtagene", "obecabtagene", "other")),
    "cell_source": ("choice", "", ("autologous", "allogeneic")),
    "dose_1e6_per_kg": ("number", "10^6 CAR+ cells/kg", ()),
    "dose_total_1e6": ("number", "10^6 CAR+ cells", ()),
    "weight_kg": ("number", "kg", ()),
    "fludarabine_mg_m2": ("number", "mg/m2", ()),
    "cyclophosphamide_mg_m2": ("number", "mg/m2", ()),
    "tocilizumab_prophylaxis": ("boolean", "", ()),
}
"""By column: kind, unit and options. A record of the past, not to be changed with the schema."""
