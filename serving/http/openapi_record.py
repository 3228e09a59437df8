"""The record in the description of the interface (OpenAPI): use, record key, outcomes, shadow mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.outcomes import OUTCOMES
from serving.http.outcome_problems import DAY, HAPPENED, ID_PATTERN, OUTCOME, OUTCOME_FIELDS, PREDICTION_ID
from serving.http.record_use import USE_HEADER
from serving.record.answer_row import RECORD_KEY, USES

OUTCOME_PATH = "/outcome"

USE_PARAMETER: Mapping[str, Any] = {
    "name": USE_HEADER,
    "in": "header",
    "required": False,
    "description": "What the page uses the answer for. Answers to typing are not recorded, unless a key or a "
    "token asks",
    "schema": {"type": "string", "enum": list(USES)},
}

RECORD_KEY_SCHEMA: Mapping[str, Any] = {
    "type": ["string", "null"],
    "pattern": f"^{RECORD_KEY.pattern}$",
    "description": "Opaque text of the site under which the answer is recorded, and by which its row can be "
    "erased; never an identifier of the patient",
}

SHADOW_ANSWERS: Mapping[str, str] = {
    "Answer": "ShadowAnswer",
    "BatchAnswer": "ShadowBatch",
    "OptionsAnswer": "ShadowAnswer",
    "NumbersAnswer": "ShadowAnswer",
    "NumbersBatch": "ShadowBatch",
}
"""What is sent of each answer in shadow mode."""


def outcome_schema() -> dict[str, Any]:
    """Describe the body of a reported outcome."""
    day = OUTCOME_FIELDS[DAY]
    return {
        "type": "object",
        "description": "What happened to a patient after an answer. A later report of the same outcome "
        "corrects an earlier one; a report that contradicts the last reports of other outcomes is refused",
        "properties": {
            PREDICTION_ID: {
                "type": "string",
                "pattern": f"^{ID_PATTERN}$",
                "description": "Identifier that the answer states; of an option, with a dot and its number",
            },
            OUTCOME: {
                "type": "string",
                "enum": list(OUTCOMES),
                "description": "An outcome of the answer, by its event definition",
            },
            HAPPENED: {"type": "boolean", "description": "Whether the event occurred"},
            DAY: {
                "type": ["integer", "null"],
                "minimum": day.low,
                "maximum": day.high,
                "description": "Days from the infusion to the event, or to the last day without it; null if "
                "unknown",
            },
        },
        "required": [PREDICTION_ID, OUTCOME, HAPPENED],
        "additionalProperties": False,
    }


def outcome_operation(refusals: Mapping[str, Any], refusal: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the path that takes outcomes.

    Parameters
    ----------
    refusals : mapping
        Responses of every path that takes a body, by status.
    refusal : mapping
        Content of a refusal.

    Returns
    -------
    operation : dict
        Of the method POST.
    """
    recorded = {"type": "object", "properties": {"recorded": {"const": True}}, "required": ["recorded"]}
    missing = "The record has no such answer, or the service keeps no record"
    contradictory = "Cannot be true together with the last reports of other outcomes, which problems names"
    example = {PREDICTION_ID: "0f8fad5b-d9cb-469f-a165-70867728950e", OUTCOME: "severe_crs"}
    schema = {"$ref": "#/components/schemas/ReportedOutcome"}
    return {
        "summary": "Report what happened to a patient after an answer",
        "operationId": "ReportedOutcome",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schema, "example": {**example, HAPPENED: True, DAY: 4}}
            },
        },
        "responses": {
            "200": {"description": "Recorded", "content": {"application/json": {"schema": recorded}}},
            **refusals,
            "404": {"description": missing, "content": refusal},
            "409": {"description": contradictory, "content": refusal},
        },
    }
