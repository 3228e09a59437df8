"""The schema as a REDCap data dictionary: the CSV file that makes a project."""

from __future__ import annotations

import csv
import io

from features.field import FieldSpec
from features.files.typed_text import canonical_text
from features.product_names import NAMED_OPTIONS, PRODUCT_NAME
from features.redcap.forms import FORMS, SECTIONS, ProjectField, option_label, project_fields
from features.rules import ASSESSED_RESPONSES

COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
"""Headings of a data dictionary, as REDCap writes and expects them."""

FIELD_TYPES = {"text": "text", "number": "text", "integer": "text", "boolean": "yesno", "choice": "radio"}

SHOWN_ONLY_IF = {
    "crs_grading_system": "[crs_grade] <> ''",
    "crs_onset_day": "[crs_grade] > 0",
    PRODUCT_NAME: " or ".join(f"[product] = '{option}'" for option in NAMED_OPTIONS),
    "response_day": " or ".join(f"[response_day28] = '{response}'" for response in ASSESSED_RESPONSES),
}
"""Fields that must be blank, or mean nothing, unless another is filled in."""

NOTES = {
    "patient_id": "the record ID is the pseudonym: never a name, birth date or hospital number",
    "prior_car_t": "may stay blank for a second or later infusion: then it is yes by definition",
}
"""Notes that speak of the project where the schema's own speak of the columns of a cohort."""


def redcap_dictionary() -> str:
    """Write the data dictionary of a REDCap project whose raw exports need no mapping.

    Returns
    -------
    text : str
        CSV with the eighteen headings of REDCap and a line for each field, form by form.

    Examples
    --------
    >>> lines = redcap_dictionary().splitlines()
    >>> len(lines[0].split('","')), lines[1].split(",")[:4]
    (1, ['record_id', 'patient', '', 'text'])
    """
    content = io.StringIO()
    writer = csv.DictWriter(content, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    before: ProjectField | None = None
    for field in project_fields():
        writer.writerow(_line(field, before))
        before = field
    return content.getvalue()


def _line(field: ProjectField, before: ProjectField | None) -> dict[str, str]:
    spec = field.spec
    is_new = before is None or (before.form, before.spec.known_when) != (field.form, spec.known_when)
    line = {
        "Variable / Field Name": field.variable,
        "Form Name": field.form,
        "Section Header": SECTIONS.get(spec.known_when, "") if is_new and field.form != FORMS[0] else "",
        "Field Type": FIELD_TYPES[spec.kind],
        "Field Label": spec.title,
        "Choices, Calculations, OR Slider Labels": _choices(spec),
        "Field Note": _note(spec),
        "Identifier?": "y" if spec.name == "patient_id" else "",
        "Branching Logic (Show field only if...)": SHOWN_ONLY_IF.get(spec.name, ""),
        "Required Field?": "y" if _is_required(spec) else "",
    }
    return line | _validation(spec)


def _choices(spec: FieldSpec) -> str:
    """Code every option as the schema writes it, so that a raw export holds the schema's values."""
    return " | ".join(f"{option}, {option_label(option)}" for option in spec.options)


def _note(spec: FieldSpec) -> str:
    return "; ".join(part for part in (spec.unit, NOTES.get(spec.name, spec.notes)) if part)


def _is_required(spec: FieldSpec) -> bool:
    """Ask for what every request needs, and for what is only shown where it is needed."""
    return spec.required == "yes" or (spec.required.startswith("with ") and spec.name in SHOWN_ONLY_IF)


def _validation(spec: FieldSpec) -> dict[str, str]:
    if spec.kind not in ("number", "integer"):
        return {}
    return {
        "Text Validation Type OR Show Slider Number": spec.kind,
        "Text Validation Min": canonical_text(spec.low),
        "Text Validation Max": canonical_text(spec.high),
    }
