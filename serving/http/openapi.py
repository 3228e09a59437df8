"""The description of the interface (OpenAPI): BentoML's, with what it cannot know of this service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from serving.answers.card import TITLE, ModelCard
from serving.answers.intended_use import INTENDED_USE
from serving.answers.numbers import NumbersAnswer, NumbersBatch
from serving.answers.options import OptionsAnswer
from serving.answers.schema import Answer, BatchAnswer
from serving.answers.shadow import ShadowAnswer, ShadowBatch
from serving.http.batch_lines import MEDIA_TYPE
from serving.http.openapi_bodies import body_schemas, refusal_schema
from serving.http.openapi_record import (
    OUTCOME_PATH,
    SHADOW_ANSWERS,
    USE_PARAMETER,
    outcome_operation,
    outcome_schema,
)
from serving.http.openapi_security import Admission, secured
from serving.http.outer_middleware import PATHS
from serving.http.readiness import Readiness
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
    503: "No model is loaded, too many large bodies at once, or the record cannot be written",
    504: "No answer in time",
}
"""Reasons of refusals, by status."""

READ_REFUSALS: tuple[int, ...] = (400, 421, 429, 500, 503)
"""Statuses with which a document can be refused; 503 of `/readyz` while the service takes no questions."""

NO_LOGO = {"description": "The center has no logo"}

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


ANSWERS = (Answer, BatchAnswer, NumbersAnswer, NumbersBatch, OptionsAnswer)


def interface(
    described: Mapping[str, Any], *, version: str, admission: Admission | None = None, shadow: bool = False
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
    shadow : bool
        Whether answers are recorded and not shown.

    Returns
    -------
    document : dict
        OpenAPI 3.1, whose schemas are JSON Schema; it has every path of
        `serving.http.outer_middleware.PATHS`.
    """
    questions = _questions(shadow=shadow)
    infrastructure = {path: item for path, item in described["paths"].items() if path not in questions}
    answers = (ShadowAnswer, ShadowBatch) if shadow else ANSWERS
    schemas = {
        **body_schemas(),
        "ReportedOutcome": outcome_schema(),
        "Refusal": refusal_schema(),
        **_schemas_of(*answers, ModelCard, Readiness),
    }
    paths = {**_refusable({**_documents(), **infrastructure, **_health()}), **questions}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "description": INTENDED_USE, "version": version},
        "servers": [{"url": "."}],
        "paths": {path: paths[path] for path in PATHS},
        "components": {"schemas": schemas},
        "tags": described.get("tags", []),
    }
    return document if admission is None else secured(document, admission, _named("Refusal"))


def _health() -> dict[str, Any]:
    """Describe the paths for health that differ from BentoML's."""
    stated = {
        "200": ("Requests are answered; degraded if the wanted release is not served", "Readiness"),
        "503": ("No model is loaded, too many requests at once, or the service is ending", "Refusal"),
    }
    responses = {
        status: {"description": why, "content": {"application/json": {"schema": _named(schema)}}}
        for status, (why, schema) in stated.items()
    }
    readiness = {"summary": "Readiness, and the release that is served", "responses": responses}
    return {"/readyz": {"get": readiness}}


def _questions(*, shadow: bool) -> dict[str, Any]:
    """Describe every path that takes a body; in shadow mode with what is sent then."""

    def sent(*answers: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(SHADOW_ANSWERS[each] for each in answers)) if shadow else answers

    return {
        "/risk": _question(
            "Predict risks for one patient", "Question", sent("Answer", "NumbersAnswer"), EXAMPLE, used=True
        ),
        "/risk/batch": _question(
            "Predict risks for many patients, in their order",
            "PatientBatch",
            sent("BatchAnswer", "NumbersBatch"),
            {"patients": [EXAMPLE]},
            lines=sent("Answer", "NumbersAnswer"),
        ),
        "/risk/options": _question(
            "Compare what can still be chosen, with the difference in each risk",
            "PatientOptions",
            sent("OptionsAnswer"),
            {"patient": EXAMPLE, "options": [{"dose_1e6_per_kg": 0.3}, {"product": "obecabtagene"}]},
            used=True,
        ),
        OUTCOME_PATH: {"post": outcome_operation(_refusals(), _refused())},
    }


def _question(
    summary: str,
    body: str,
    answers: tuple[str, ...],
    example: object,
    *,
    lines: tuple[str, ...] = (),
    used: bool = False,
) -> dict[str, Any]:
    """Describe a path that answers; ``used`` where the page states what it uses the answer for."""
    stated = {"application/json": {"schema": _any_of(answers)}}
    if lines:
        stated[MEDIA_TYPE] = {"schema": _any_of(lines)}
    content = {"application/json": {"schema": _named(body), "example": example}}
    operation: dict[str, Any] = {
        "summary": summary,
        "operationId": body,
        **({"parameters": [USE_PARAMETER]} if used else {}),
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "Answered", "content": stated}, **_refusals()},
    }
    return {"post": operation}


def _refusals() -> dict[str, Any]:
    return {str(status): {"description": why, "content": _refused()} for status, why in REFUSALS.items()}


def _refused() -> dict[str, Any]:
    return {"application/json": {"schema": _named("Refusal")}}


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


def _refusable(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Add to every path that is read how it can be refused."""
    refused = {status: answer for status, answer in _refusals().items() if int(status) in READ_REFUSALS}
    missing = {"/own-words/logo": {"404": NO_LOGO}}
    return {
        path: {
            method: {**operation, "responses": {**operation["responses"], **missing.get(path, {}), **refused}}
            for method, operation in item.items()
        }
        for path, item in documents.items()
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
