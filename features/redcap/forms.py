"""The forms of a REDCap project: the form and name of each field of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from features.checking.rows_of_a_patient import CONSTANT_FACTS
from features.field import FieldSpec
from features.product_names import PRODUCT_NAME
from features.schema import all_fields

PATIENT_FORM, INFUSION_FORM = "patient", "infusion"
FORMS = (PATIENT_FORM, INFUSION_FORM)
"""What stays with the patient, and what is recorded once for every infusion: the form that repeats."""

RECORD = "record_id"
"""REDCap's own name for the first field of a project: here the pseudonym of the patient."""

SECTIONS = {
    "baseline": "Known at baseline",
    "before_lymphodepletion": "Last values before lymphodepletion",
    "day_0": "Product and day of infusion (day 0)",
    "follow_up": "Follow-up, in days from this infusion",
}
"""Headings on the infusion form, by when a value is known."""

ON_THE_PATIENT_FORM = ("patient_id", "center", *CONSTANT_FACTS)
COUNTED_BY_REDCAP = ("infusion_number",)
"""Columns without a field: the number of the repeat is the number of the infusion."""


@dataclass(frozen=True)
class ProjectField:
    """One field of the project.

    Attributes
    ----------
    variable : str
        Name in REDCap and heading of its raw exports.
    form : str
        The form it is on.
    spec : FieldSpec
        What the schema says of it.
    """

    variable: str
    form: str
    spec: FieldSpec


@lru_cache(maxsize=1)
def project_fields() -> tuple[ProjectField, ...]:
    """List the fields of the project, form by form, the record's identifier first.

    Returns
    -------
    fields : tuple of ProjectField
        Every column of the schema once, except those that REDCap counts itself.

    Examples
    --------
    >>> [field.variable for field in project_fields()][:5]
    ['record_id', 'center', 'sex', 'kmt2a_rearranged', 'age_years']
    """
    fields = [spec for name, spec in all_fields().items() if name not in COUNTED_BY_REDCAP]
    placed = [ProjectField(_variable(spec.name), _form(spec.name), spec) for spec in _in_order(fields)]
    return tuple(sorted(placed, key=lambda field: FORMS.index(field.form)))


def option_label(option: str) -> str:
    """Write an option for people.

    Examples
    --------
    >>> option_label("response_unknown")
    'response unknown'
    """
    return option.replace("_", " ")


def _in_order(fields: list[FieldSpec]) -> list[FieldSpec]:
    """Move the name of a product behind the product."""
    named = [spec for spec in fields if spec.name == PRODUCT_NAME]
    return [
        each
        for spec in fields
        if spec.name != PRODUCT_NAME
        for each in ([spec, *named] if spec.name == "product" else [spec])
    ]


def _variable(name: str) -> str:
    return RECORD if name == "patient_id" else name


def _form(name: str) -> str:
    return PATIENT_FORM if name in ON_THE_PATIENT_FORM else INFUSION_FORM
