"""The form of the clinician's page: the fields of the schema, grouped as a clinician thinks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.field import FieldSpec, specs
from features.predictors import DOSE_INPUTS
from features.product_names import NAMED_OPTIONS, PRODUCT_NAME
from features.schema import Patient, RowId
from serving.answers.choices import CHANGEABLE
from serving.answers.question import EVENT_FREE_ON_DAY
from serving.model.field_use import MOVING, FieldUse

GROUPS: Mapping[str, tuple[str, ...]] = {
    "patient": ("age_years", "sex", "ecog", "neurologic_comorbidity"),
    "disease": (
        "diagnosis",
        "marrow_blasts_pct",
        "mrd_pct",
        "extramedullary_disease",
        "cns_status",
        "tp53_altered",
        "kmt2a_rearranged",
        "ph_positive",
    ),
    "treatments": (
        "prior_lines",
        "prior_blinatumomab",
        "prior_inotuzumab",
        "inotuzumab_response",
        "refractory_to_last_line",
        "prior_allo_hsct",
        "months_from_hsct_to_relapse",
        "prior_car_t",
        "bridging_therapy",
    ),
    "product": (
        "target_antigen",
        "costimulatory_domain",
        "product",
        PRODUCT_NAME,
        "cell_source",
        "dose_1e6_per_kg",
        *DOSE_INPUTS,
        "split_dose",
        "fludarabine_mg_m2",
        "cyclophosphamide_mg_m2",
        "tocilizumab_prophylaxis",
    ),
    "laboratory": (
        "ldh_u_l",
        "creatinine_mg_dl",
        "platelets_1e9_l",
        "crp_mg_l",
        "ferritin_ug_l",
        "hemoglobin_g_dl",
        "anc_1e9_l",
    ),
}
"""Every field of a request once; the order is that of the page."""

DERIVED: Mapping[str, tuple[str, ...]] = {"dose_1e6_per_kg": DOSE_INPUTS}
"""A field, and those that may be given in its place."""

EVENT_FREE_DAYS = (30, 60, 90, 180)
"""Days that the page offers for a patient who is alive and event-free; a request may have any day of
`serving.answers.question.event_free_days`."""

FIRST = ("product",)
"""Fields that the page asks among the required ones, although a request may leave them out: every answer
depends on them, and they are always known."""

SLIPS = ("cells, not millions",)
"""Units in which a value is written by mistake only; the page does not offer them."""


def form(use: Mapping[str, FieldUse] | None = None) -> dict[str, Any]:
    """Describe the form.

    Parameters
    ----------
    use : mapping of str to FieldUse, optional
        How the released model uses each field; None while no model is loaded.

    Returns
    -------
    form : dict
        ``groups``, ``fields`` by name, ``derived``, ``first``, ``dated`` (values of which the page asks the
        age), ``asked_if`` (fields that only some options of another bring up), ``changeable`` and
        ``event_free`` (a field of the request beside the patient's, and the days offered); numbers keep the
        schema's limits. With a model each field has its ``use`` and ``value_groups`` (see
        `serving.model.field_use`), and only fields that move a risk are ``changeable``. The name of a product
        has the use ``name`` under every model: it moves nothing.

    Examples
    --------
    >>> creatinine = form()["fields"]["creatinine_mg_dl"]
    >>> [unit["name"] for unit in creatinine["units"]], creatinine["required"]
    (['mg/dL', 'umol/L', 'mmol/L'], False)
    >>> form({name: FieldUse(use="unused") for name in specs(Patient)})["changeable"]
    []
    """
    return {
        "groups": [{"name": name, "fields": list(fields)} for name, fields in GROUPS.items()],
        "fields": {
            **{name: {**_field(spec), **_used(use, name)} for name, spec in specs(Patient).items()},
            PRODUCT_NAME: {**_field(specs(RowId)[PRODUCT_NAME]), "use": "name", "value_groups": []},
        },
        "derived": {name: list(inputs) for name, inputs in DERIVED.items()},
        "first": list(FIRST),
        "dated": list(GROUPS["laboratory"]),
        "asked_if": {PRODUCT_NAME: {"field": "product", "options": list(NAMED_OPTIONS)}},
        "changeable": [name for name in CHANGEABLE if use is None or use[name].use in MOVING],
        "event_free": {"field": EVENT_FREE_ON_DAY, "days": list(EVENT_FREE_DAYS)},
    }


def _used(use: Mapping[str, FieldUse] | None, name: str) -> dict[str, Any]:
    if use is None:
        return {}
    return {"use": use[name].use, "value_groups": [group.model_dump() for group in use[name].groups]}


def _field(spec: FieldSpec) -> dict[str, Any]:
    """State one field; the schema's own unit comes first, ``factor`` converts to it."""
    offered = [other for other in spec.other_units if other.name not in SLIPS]
    slips = [*(other for other in spec.other_units if other.name in SLIPS), *spec.slips]
    return {
        "kind": spec.kind,
        "title": spec.title,
        "notes": spec.notes,
        "unit": spec.unit,
        "units": [
            {"name": spec.unit, "factor": 1.0},
            *({"name": other.name, "factor": other.factor} for other in offered),
        ],
        "slips": [{"name": other.name, "factor": other.factor} for other in slips],
        "usual": list(spec.usual) if spec.usual else None,
        "low": spec.low,
        "high": spec.high,
        "options": list(spec.options),
        "longest": spec.longest if spec.kind == "text" else None,
        "required": spec.in_every_request,
    }
