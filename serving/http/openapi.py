"""The description of the interface (OpenAPI): BentoML's, with what it cannot know of this service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from features.product_names import NAME_PATTERN, PRODUCT_NAME
from features.schema_documents import json_schema
from serving.answers.card import TITLE, ModelCard
from serving.answers.choices import MOST_OPTIONS, OPTION_FIELDS
from serving.answers.intended_use import INTENDED_USE
from serving.answers.numbers import NumbersAnswer, NumbersBatch
from serving.answers.options import OptionsAnswer
from serving.answers.question import DETAIL, EVENT_FREE_ON_DAY, event_free_days
from serving.answers.schema import Answer, BatchAnswer
from serving.http.batch_lines import MEDIA_TYPE
from serving.http.body_problems import DETAILS, MOST_PATIENTS
from serving.http.openapi_security import Admission, secured
from serving.http.outer_middleware import PATHS
from serving.http.web_pages import EXAMPLE

REFUSALS: Mapping[int, str] = {
    400: "Not JSON, a query string, or a request whose length is ambiguous",
    408: "The body did not arrive in time",
    413: "Larger than 1 MiB",
    415: "Not application/json",
    421: "Sent to a host name that is not allowed",
    422: "Refused; every problem by field",
    429: "Too many requests at once; try again after the seconds in Retry-After",
    500: "The service failed; its log has the reason under the identifier in the response",
    503: "No model is loaded, or too many large bodies at once",
    504: "No answer in time",
}
"""Reasons of refusals, by status."""

DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "/": ("Page for one patient", "text/html"),
    "/about": ("Intended use, methods and an example request", "text/html"),
    "/model": ("Model card as JSON; as a page with Accept: text/html", "application/json"),
    "/form": ("Fields of the page, grouped, with units and limits", "application/json"),
    "/own-words": ("What the center says on the pages: name, advice by risk, protocols", "application/json"),
    "/own-words/logo": ("Logo of the center, PNG or SVG; 404 without one", "image/png"),
    "/schema": ("JSON Schema of a patient", "application/schema+json"),
    "/docs": ("This document as a page", "text/html"),
    "/docs.json": ("This document", "application/json"),
    "/schema.json": ("Description of the service for BentoML's clients", "application/json"),
}


DETAIL_SCHEMA = {
    "enum": list(DETAILS),
    "default": DETAILS[0],
    "description": "How much the answer states: everything, or the risks as numbers",
}


def interface(
    described: Mapping[str, Any], *, version: str, admission: Admission | None = None
) -> dict[str, Any]:
    """Describe the interface.

    Parameters
    ----------
    described : mapping
        BentoML's description, of which the paths for health and metrics are kept.
    version : str
        Of the model that answers.
    admission : Admission, optional
        How callers are let in; by default everybody is.

    Returns
    -------
    document : dict
        OpenAPI 3.1, whose schemas are JSON Schema; it has every path of
        `serving.http.outer_middleware.PATHS`.
    """
    infrastructure = {path: item for path, item in described["paths"].items() if path not in _questions()}
    schemas = {
        "Patient": {name: part for name, part in json_schema().items() if name not in ("$defs", "$schema")},
        "Question": _question_schema(),
        "PatientBatch": _batch(),
        "Option": _option(),
        "PatientOptions": _options(),
        "Refusal": _refusal(),
        **_schemas_of(Answer, BatchAnswer, NumbersAnswer, NumbersBatch, OptionsAnswer, ModelCard),
    }
    paths = {**_documents(), **_questions(), **infrastructure}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "description": INTENDED_USE, "version": version},
        "servers": [{"url": "."}],
        "paths": {path: paths[path] for path in PATHS},
        "components": {"schemas": schemas},
        "tags": described.get("tags", []),
    }
    return document if admission is None else secured(document, admission, _named("Refusal"))


def _questions() -> dict[str, Any]:
    return {
        "/risk": _question("Predict risks for one patient", "Question", ("Answer", "NumbersAnswer"), EXAMPLE),
        "/risk/batch": _question(
            "Predict risks for many patients, in their order",
            "PatientBatch",
            ("BatchAnswer", "NumbersBatch"),
            {"patients": [EXAMPLE]},
            lines=("Answer", "NumbersAnswer"),
        ),
        "/risk/options": _question(
            "Compare what can still be chosen, with the difference in each risk",
            "PatientOptions",
            ("OptionsAnswer",),
            {"patient": EXAMPLE, "options": [{"dose_1e6_per_kg": 0.3}, {"product": "obecabtagene"}]},
        ),
    }


def _question(
    summary: str, body: str, answers: tuple[str, ...], example: object, *, lines: tuple[str, ...] = ()
) -> dict[str, Any]:
    stated = {"application/json": {"schema": _any_of(answers)}}
    if lines:
        stated[MEDIA_TYPE] = {"schema": _any_of(lines)}
    content = {"application/json": {"schema": _named(body), "example": example}}
    responses = {
        "200": {"description": "Answered", "content": stated},
        **{
            str(status): {"description": why, "content": {"application/json": {"schema": _named("Refusal")}}}
            for status, why in REFUSALS.items()
        },
    }
    operation = {
        "summary": summary,
        "operationId": body,
        "requestBody": {"required": True, "content": content},
        "responses": responses,
    }
    return {"post": operation}


def _any_of(schemas: tuple[str, ...]) -> dict[str, Any]:
    return {"anyOf": [_named(each) for each in schemas]} if len(schemas) > 1 else _named(schemas[0])


def _documents() -> dict[str, Any]:
    content: dict[str, dict[str, Any]] = {"/model": {"schema": _named("ModelCard")}}
    return {
        path: {
            "get": {
                "summary": summary,
                "responses": {
                    "200": {"description": summary, "content": {media_type: content.get(path, {})}}
                },
            }
        }
        for path, (summary, media_type) in DOCUMENTS.items()
    }


def _question_schema() -> dict[str, Any]:
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
    beside = {PRODUCT_NAME: name, EVENT_FREE_ON_DAY: day, DETAIL: DETAIL_SCHEMA}
    return {**patient, "properties": {**patient["properties"], **beside}}


def _batch() -> dict[str, Any]:
    question = _question_schema()
    patient = {**question, "properties": {k: v for k, v in question["properties"].items() if k != DETAIL}}
    patients = {"type": "array", "items": patient, "minItems": 1, "maxItems": MOST_PATIENTS}
    return {
        "type": "object",
        "properties": {"patients": patients, DETAIL: DETAIL_SCHEMA},
        "required": ["patients"],
        "additionalProperties": False,
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
    options = {"type": "array", "items": _named("Option"), "minItems": 1, "maxItems": MOST_OPTIONS}
    return {
        "type": "object",
        "properties": {"patient": _named("Patient"), "options": options},
        "required": ["patient", "options"],
        "additionalProperties": False,
    }


def _refusal() -> dict[str, Any]:
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
        },
        "required": ["code", "field", "message"],
    }
    return {
        "type": "object",
        "properties": {"error": {"type": "string"}, "problems": {"type": "array", "items": problem}},
        "required": ["error"],
    }


def _named(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _schemas_of(*models: type[BaseModel]) -> dict[str, Any]:
    """Schemas of models and of all they are made of, by name."""
    schemas: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    return {name: _described_in_short(schema) for name, schema in schemas.items()}


def _described_in_short(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the first paragraph of a class's docstring; the attributes are the fields themselves."""
    first = str(schema.get("description", "")).partition("\n\n")[0]
    return {**schema, **({"description": first} if first else {})}
