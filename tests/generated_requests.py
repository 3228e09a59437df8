"""Requests that Schemathesis generates from the service's own description, and its checks of the answers."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, cast

import jsonschema
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, CheckFunction, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

ADDRESS = "http://localhost"

DEPENDENT = frozenset({"dose_total_1e6", "weight_kg", "split_dose"})
"""Fields of a dose that must agree, which JSON Schema cannot say."""

CROSSED = frozenset({"/risk/options"})
"""Paths whose options can contradict the patient, which JSON Schema cannot say."""


def generated(
    client: TestClient, *, examples: int, headers: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Send what can be generated, right and wrong, to every path, and judge the answers by every check.

    Parameters
    ----------
    client : TestClient
        Of a service that runs.
    examples : int
        Of each path and kind.
    headers : mapping of str to str, optional
        Of every request.

    Yields
    ------
    sent : str
        Path and kind, after all of them were right; a wrong answer raises `AssertionError`.
    """
    document = client.get("/docs.json", headers=headers).json()
    schema = schemathesis.openapi.from_dict(_without_rules(document))
    schema.app = _running(client)
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            if _sends(operation, document, mode, examples, dict(headers or {})):
                yield f"{operation.label} {mode.value}"


def _sends(
    operation: APIOperation, document: Any, mode: GenerationMode, examples: int, headers: dict[str, str]
) -> bool:
    """Send cases of one kind; say whether there are any."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        if mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
            case.body = repaired(case.body, document, operation.path)
        case.call_and_validate(base_url=ADDRESS, headers=headers, excluded_checks=_excluded(operation))

    try:
        send()
    except Unsatisfiable:
        return False  # a path that takes nothing can be sent nothing wrong
    return True


def repaired(body: dict[str, Any], document: Any, path: str) -> dict[str, Any]:
    """Take out of a body what contradicts the rest of it, by the rules of the description.

    Parameters
    ----------
    body : dict
        Right value by value.
    document : mapping
        OpenAPI, whose rules about several fields were not used to generate the body.
    path : str
        That takes the body.

    Returns
    -------
    body : dict
        As `document` describes it, as far as it describes a patient.
    """
    schemas = document["components"]["schemas"]
    if path == "/risk":
        return _patient(body, schemas["Question"])
    if path == "/risk/options":
        rules = schemas["PatientOptions"]["properties"]["patient"]
        return {**body, "patient": _patient(body["patient"], rules)}
    if path == "/risk/batch":
        rules = schemas["PatientBatch"]["properties"]["patients"]["items"]
        kept = {name: value for name, value in body.items() if name != "detail"}
        return {**kept, "patients": [_patient(each, rules) for each in body["patients"]]}
    return body


def _patient(fields: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in fields.items() if name not in DEPENDENT}
    given["dose_1e6_per_kg"] = given.get("dose_1e6_per_kg") or 1.0
    for rule in schema["allOf"]:
        if not jsonschema.Draft202012Validator(rule).is_valid(given):
            given = {name: value for name, value in given.items() if name not in rule["if"]["required"]}
    return given


def _excluded(operation: APIOperation) -> list[CheckFunction]:
    return [positive_data_acceptance] if operation.path in CROSSED else []


def _without_rules(schema: Any) -> Any:
    """Leave out rules about several fields: Schemathesis gives up on so many at once."""
    if isinstance(schema, dict):
        ruled = "x-rules" in schema
        kept = {name: part for name, part in schema.items() if not (ruled and name in ("allOf", "anyOf"))}
        return {name: _without_rules(part) for name, part in kept.items() if name not in ("if", "then")}
    return [_without_rules(part) for part in schema] if isinstance(schema, list) else copy.copy(schema)


def _running(client: TestClient) -> Any:
    """Give the application of a client, without its start and end: they are the client's."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await cast("Any", client.app)(scope, receive, send)
            return
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    return app
