"""The bodies of questions in the description of the interface (OpenAPI), and the body of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.product_names import NAME_PATTERN, NAMED_OPTIONS, PRODUCT_NAME
from features.schema_documents import json_schema
from serving.answers.choices import MOST_OPTIONS, OPTION_FIELDS
from serving.answers.question import DETAIL, EVENT_FREE_ON_DAY, RECORD_KEY, event_free_days
from serving.http.body_problems import DETAILS, MOST_PATIENTS
from serving.http.openapi_record import RECORD_KEY_SCHEMA

DETAIL_SCHEMA: Mapping[str, Any] = {
    "enum": list(DETAILS),
    "default": DETAILS[0],
    "description": "How much the answer states: everything, or the risks as numbers",
}

NAME_NEEDS_PRODUCT: Mapping[str, Any] = {
    "if": {"required": [PRODUCT_NAME], "properties": {PRODUCT_NAME: {"type": "string"}}},
    "then": {"required": ["product"], "properties": {"product": {"enum": list(NAMED_OPTIONS)}}},
}
"""Only a product that is not listed has a name of its own."""

DAY_NEEDS_DETAIL: Mapping[str, Any] = {
    "if": {"required": [EVENT_FREE_ON_DAY], "properties": {EVENT_FREE_ON_DAY: {"type": "integer"}}},
    "then": {"properties": {DETAIL: {"const": DETAILS[0]}}},
}
"""The risks as numbers do not state those after a day."""


def body_schemas() -> dict[str, Any]:
    """Describe the body of each question, and what it is made of, by name."""
    patient = {name: part for name, part in json_schema().items() if name not in ("$defs", "$schema")}
    return {
        "Patient": patient,
        "Question": _question(),
        "PatientBatch": _batch(),
        "Option": _option(),
        "PatientOptions": _options(),
    }


def refusal_schema() -> dict[str, Any]:
    """Describe the body of a refusal."""
    hint = {
        "type": "object",
        "description": "Probable unit of the number; factor converts it to the unit of the field",
        "properties": {"unit": {"type": "string"}, "factor": {"type": "number"}},
        "required": ["unit", "factor"],
    }
    problem = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "description": "Kind of problem, for programs"},
            "field": {"type": "string"},
            "message": {"type": "string"},
            "hint": hint,
            "columns": {
                "type": "array",
                "description": "Columns that contradict each other, field first; absent where one is wrong",
                "items": {"type": "string"},
            },
        },
        "required": ["code", "field", "message"],
    }
    return {
        "type": "object",
        "properties": {"error": {"type": "string"}, "problems": {"type": "array", "items": problem}},
        "required": ["error"],
    }


def _question() -> dict[str, Any]:
    schema = json_schema()
    patient = {name: part for name, part in schema.items() if name not in ("$defs", "$schema")}
    first, last = event_free_days()
    day = {
        "type": ["integer", "null"],
        "minimum": first,
        "maximum": last,
        "description": "Day on which the patient is alive without relapse; `event_free` has the later risks",
    }
    name = {**schema["$defs"]["RowId"]["properties"][PRODUCT_NAME], "pattern": f"^{NAME_PATTERN}$"}
    beside: dict[str, Any] = {
        **{PRODUCT_NAME: name, EVENT_FREE_ON_DAY: day},
        **{DETAIL: DETAIL_SCHEMA, RECORD_KEY: RECORD_KEY_SCHEMA},
    }
    rules = [*patient["allOf"], NAME_NEEDS_PRODUCT, DAY_NEEDS_DETAIL]
    return {**patient, "properties": {**patient["properties"], **beside}, "allOf": rules}


def _without(*names: str) -> dict[str, Any]:
    """Describe a patient of a question without what cannot be asked."""
    question = _question()
    kept = {name: part for name, part in question["properties"].items() if name not in names}
    return {
        **question,
        "properties": kept,
        "allOf": [rule for rule in question["allOf"] if rule is not DAY_NEEDS_DETAIL],
    }


def _batch() -> dict[str, Any]:
    patients = {"type": "array", "items": _without(DETAIL), "minItems": 1, "maxItems": MOST_PATIENTS}
    without_days = {"items": {"properties": {EVENT_FREE_ON_DAY: {"type": "null"}}}}
    return {
        "type": "object",
        "properties": {"patients": patients, DETAIL: DETAIL_SCHEMA},
        "required": ["patients"],
        "additionalProperties": False,
        "if": {"required": [DETAIL], "properties": {DETAIL: {"const": DETAILS[1]}}},
        "then": {"properties": {"patients": without_days}},
    }


def _option() -> dict[str, Any]:
    fields = json_schema()["properties"]
    return {
        "type": "object",
        "description": "Fields that can still be chosen; null where a value becomes unknown",
        "properties": {name: {**fields[name], "x-required": "no"} for name in OPTION_FIELDS},
        "minProperties": 1,
        "additionalProperties": False,
    }


def _options() -> dict[str, Any]:
    option = {"$ref": "#/components/schemas/Option"}
    options = {"type": "array", "items": option, "minItems": 1, "maxItems": MOST_OPTIONS}
    return {
        "type": "object",
        "properties": {"patient": _without(DETAIL, EVENT_FREE_ON_DAY), "options": options},
        "required": ["patient", "options"],
        "additionalProperties": False,
    }
