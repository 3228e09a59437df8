"""What can still be chosen before the infusion, and the patient that results from a choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.disease_burden import BURDEN_FIELD, MRD_FIELD
from features.product_names import PRODUCT_NAME
from features.products import CONSTRUCT, PRODUCTS, usual_dose

PRODUCT, DOSE, TOTAL_DOSE, WEIGHT = "product", "dose_1e6_per_kg", "dose_total_1e6", "weight_kg"
SPLIT_DOSE = "split_dose"

CHANGEABLE = (
    PRODUCT,
    DOSE,
    SPLIT_DOSE,
    BURDEN_FIELD,
    MRD_FIELD,
    "fludarabine_mg_m2",
    "cyclophosphamide_mg_m2",
    "tocilizumab_prophylaxis",
)
"""What can still be chosen or reached before the infusion: product, dose, burden by bridging,
lymphodepletion, prophylaxis. Nothing else may be asked "what if" of."""

STATED_BESIDE = (*CONSTRUCT, TOTAL_DOSE)
"""Fields that describe a choice more closely: an option may state them too, or they follow."""

OPTION_FIELDS = (*CHANGEABLE, *STATED_BESIDE)
"""Every field that an option may state."""

MOST_OPTIONS = 3
"""Options of one comparison; with the patient as entered they are four columns, as many as a screen shows."""


def changed_patient(patient: Mapping[str, Any], option: Mapping[str, Any]) -> dict[str, Any]:
    """Apply an option to a patient.

    Other fields follow from what the option changes, unless the option states them:

    - a listed product brings its construct, where another one is stated; a stated ``split_dose`` that is not
      as its label says becomes unknown, which means as the label says;
    - a product with another usual dose brings its usual dose per kg;
    - a stated total dose follows the dose per kg, and the dose per kg a total dose;
    - with another blast count MRD becomes unknown, because it was measured in the earlier sample.

    Parameters
    ----------
    patient : mapping
        Checked values by column of `Patient`, None or absent where not known.
    option : mapping
        Checked values of some of `OPTION_FIELDS`; None where the value becomes unknown.

    Returns
    -------
    changed : dict
        Values of the patient with the option; not yet checked for contradictions.

    Examples
    --------
    >>> patient = {"product": "obecabtagene", "split_dose": True, "dose_total_1e6": 410.0, "weight_kg": 70.0}
    >>> changed_patient(patient, {"dose_1e6_per_kg": 0.5})["dose_total_1e6"]
    35.0
    >>> other = changed_patient(patient, {"product": "brexucabtagene"})
    >>> other["split_dose"], other["dose_1e6_per_kg"], other["dose_total_1e6"]
    (None, 1.0, 70.0)
    """
    moved = {name: value for name, value in option.items() if value != patient.get(name)}
    follows = {**_by_product(patient, moved), **_by_blasts(patient, moved)}
    followed = {name: value for name, value in follows.items() if name not in option}
    moved = {**followed, **moved}
    values = {**patient, **followed, **option}
    return {**values, **_by_dose(patient, values, moved, option)}


def _by_product(patient: Mapping[str, Any], moved: Mapping[str, Any]) -> dict[str, Any]:
    """State what follows from another product; the name is that of the product as entered."""
    if PRODUCT not in moved:
        return {}
    named = patient.get(PRODUCT_NAME) is not None
    followed: dict[str, Any] = {PRODUCT_NAME: None} if named else {}
    product = moved[PRODUCT]
    if product is None:
        return followed
    listed = PRODUCTS.get(product)
    if listed is not None:
        construct = {column: getattr(listed, column) for column in CONSTRUCT}
        followed |= {name: value for name, value in construct.items() if _contradicts(patient, name, value)}
        if _contradicts(patient, SPLIT_DOSE, listed.split_dose):
            followed[SPLIT_DOSE] = None
    if usual_dose(product) != usual_dose(patient.get(PRODUCT)):
        followed[DOSE] = usual_dose(product)
    return followed


def _contradicts(patient: Mapping[str, Any], name: str, value: object) -> bool:
    """Whether a patient has another value; unknown is no other."""
    return patient.get(name) not in (None, value)


def _by_blasts(patient: Mapping[str, Any], moved: Mapping[str, Any]) -> dict[str, Any]:
    """State what follows from another blast count."""
    return {MRD_FIELD: None} if BURDEN_FIELD in moved and patient.get(MRD_FIELD) is not None else {}


def _by_dose(
    patient: Mapping[str, Any],
    values: Mapping[str, Any],
    moved: Mapping[str, Any],
    option: Mapping[str, Any],
) -> dict[str, Any]:
    """State what follows from another dose per kg or another total dose."""
    weighed = values.get(WEIGHT) is not None
    if TOTAL_DOSE in option:
        given = DOSE in option or values[TOTAL_DOSE] is None or not {DOSE, TOTAL_DOSE} & moved.keys()
        usual = DOSE in moved and not weighed
        return {} if given or usual else {DOSE: None}
    needed = patient.get(TOTAL_DOSE) is not None or values.get(SPLIT_DOSE) is True
    if needed and (DOSE in moved or values.get(TOTAL_DOSE) is None):
        return {TOTAL_DOSE: _total(patient, values)}
    return {}


def _total(patient: Mapping[str, Any], values: Mapping[str, Any]) -> float | None:
    """Total of a dose per kg: by the weight, or in proportion; None where neither is known."""
    dose, weight = values.get(DOSE), values.get(WEIGHT)
    total, before = patient.get(TOTAL_DOSE), patient.get(DOSE)
    if dose is None:
        return None
    if weight is not None:
        return float(dose * weight)
    return None if total is None or before is None else float(total * dose / before)
