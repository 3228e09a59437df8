"""The promises of the comparison over HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from serving.answers.choices import CHANGEABLE, MOST_OPTIONS, OPTION_FIELDS
from serving.answers.scorer import Scorer
from serving.http import request_checks as gate
from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT
from tests.composed_bundle import make_composed_bundle
from tests.contract.test_http import assert_shaped
from tests.e2e.workplace import readme_blocks
from tests.served_here import served_here, without_model

JSON = {"content-type": "application/json"}
BODY: dict[str, Any] = {
    "patient": PATIENT,
    "options": [{"dose_1e6_per_kg": 0.3}, {"product": "obecabtagene"}, {"marrow_blasts_pct": 2}],
}
DIFFERENCE = {"risk": float, "low": float, "high": float, "basis": object, "published_share": object}
STATES = [
    {
        "outcomes": [str],
        "neither": str,
        "event_free_on_day": object,
        "curve": [
            {
                "horizon_days": int,
                "outcomes": {"relapse": {"risk": float, "low": float, "high": float}},
                "neither": {"risk": float, "low": float, "high": float},
            }
        ],
    }
]
OUTCOME = {
    "name": str,
    "title": str,
    "main": bool,
    "horizon_days": int,
    "risk": float,
    "interval": {"level": float, "low": float, "high": float},
}
ANSWER = {
    "prediction_id": str,
    "bundle": {"version": str, "digest": str},
    "intended_use": str,
    "base": {
        "outcomes": [OUTCOME],
        "states": STATES,
        "warnings": [{"code": str, "field": str, "message": str, "details": dict}],
    },
    "options": [
        {
            "changed": [
                {
                    "field": str,
                    "title": str,
                    "unit": str,
                    "entered": object,
                    "value": object,
                    "followed": bool,
                    "moves": list,
                }
            ],
            "without_effect": list,
            "label_values": dict,
            "outcomes": [OUTCOME | {"difference": DIFFERENCE}],
            "states": STATES,
            "state_differences": [
                {"horizon_days": int, "outcomes": {"relapse": DIFFERENCE}, "neither": DIFFERENCE}
            ],
            "warnings": list,
        }
    ],
}
"""Fields of an answer and their types. It may grow; it never loses one."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Serve a bundle of every outcome in this process."""
    folder = tmp_path_factory.mktemp("options") / "bundle"
    write_bundle(make_composed_bundle(), folder)
    with served_here(folder, raise_server_exceptions=False) as client:
        yield client


def compared(client: TestClient, body: object) -> tuple[int, Any]:
    """Ask for a comparison."""
    response = client.post("/risk/options", content=json.dumps(body), headers=JSON)
    return response.status_code, response.json()


def test_options_are_answered_side_by_side(client: TestClient) -> None:
    """With every field of the contract, and as the description of the interface says."""
    status, answer = compared(client, BODY)
    assert status == 200
    assert_shaped(answer, ANSWER)
    document = client.get("/docs.json").json()
    schema = {"$ref": "#/components/schemas/OptionsAnswer", "components": document["components"]}
    jsonschema.validate(answer, schema)


def test_the_patient_as_entered_has_the_risks_of_a_question(client: TestClient) -> None:
    """And each option those of the patient with it, within 1e-9."""
    answer = compared(client, BODY)[1]
    asked = [PATIENT, PATIENT | BODY["options"][0], PATIENT | BODY["options"][2]]
    alone = [client.post("/risk", json=patient).json() for patient in asked]
    options = [answer["base"], answer["options"][0], answer["options"][2]]
    for option, expected in zip(options, alone, strict=True):
        risks = [outcome["risk"] for outcome in option["outcomes"]]
        assert risks == pytest.approx([outcome["risk"] for outcome in expected["outcomes"]], abs=1e-9)


def test_the_call_of_the_readme_is_answered(client: TestClient) -> None:
    """Its body as it is shown, after the address of this path."""
    (call,) = readme_blocks("run in tests/contract/test_http_options.py", "bash")
    address, body = call.split(" -d ")
    status, answer = compared(client, json.loads(body.strip().strip("'")))
    assert (status, len(answer["options"])) == (200, 2)
    assert address.startswith(
        "curl -s http://127.0.0.1:3000/risk/options -H 'content-type: application/json'"
    )


def test_an_option_that_changes_nothing_differs_by_zero(client: TestClient) -> None:
    """After JSON: 0, from 0 to 0."""
    option = compared(client, {"patient": PATIENT, "options": [{"dose_1e6_per_kg": 1}]})[1]["options"][0]
    expected = {"risk": 0.0, "low": 0.0, "high": 0.0, "basis": None, "published_share": None}
    assert [outcome["difference"] for outcome in option["outcomes"]] == [expected] * len(option["outcomes"])
    assert option["state_differences"][0]["neither"] == expected
    assert option["changed"] == []


def test_every_problem_is_stated_by_path(client: TestClient) -> None:
    """422 with the whole list, of the patient and of every option."""
    body = {"patient": PATIENT | {"ecog": 9}, "options": [{"dose_1e6_per_kg": 90}, {"sex": "male"}]}
    status, answer = compared(client, body)
    assert (status, answer["error"]) == (422, "the request is refused; problems lists every reason")
    assert [(problem["code"], problem["field"]) for problem in answer["problems"]] == [
        ("outside_limits", "patient.ecog"),
        ("outside_limits", "options.0.dose_1e6_per_kg"),
        ("not_changeable", "options.1.sex"),
    ]


def test_an_option_that_contradicts_the_patient_is_refused(client: TestClient) -> None:
    """With the words of a question."""
    body = {"patient": PATIENT, "options": [{"split_dose": True}]}
    status, answer = compared(client, body)
    assert (status, answer["problems"]) == (
        422,
        [
            {
                "code": "total_dose_required",
                "field": "options.0.dose_total_1e6",
                "message": "dose_total_1e6 is required with split_dose: the sum of all parts",
                "columns": ["dose_total_1e6", "split_dose"],
            }
        ],
    )


def test_the_interface_describes_options(client: TestClient) -> None:
    """The fields that can be chosen, and how many options there may be."""
    document = client.get("/docs.json").json()
    schemas, asked = document["components"]["schemas"], document["paths"]["/risk/options"]["post"]
    content = asked["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/PatientOptions"}
    assert list(schemas["Option"]["properties"]) == list(OPTION_FIELDS)
    assert schemas["PatientOptions"]["properties"]["options"]["maxItems"] == MOST_OPTIONS
    jsonschema.validate(BODY, {**content["schema"], "components": document["components"]})
    assert compared(client, content["example"])[0] == 200
    assert list(CHANGEABLE) == list(OPTION_FIELDS)[: len(CHANGEABLE)]


def test_the_log_names_the_answer_without_a_value(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Path, status, time and the identifier."""
    with caplog.at_level(logging.INFO, "cart_outcomes"):
        answer = compared(client, BODY)[1]
    words = caplog.messages[-1].split()
    assert words[:3] == ["POST", "/risk/options", "200"]
    assert words[4:] == ["ms", f"prediction_id={answer['prediction_id']}"]


def test_a_failure_says_nothing_of_the_patient(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither behind the gate nor in it."""

    def failing(*values: object) -> None:
        message = f"cannot compare {values}"
        raise RuntimeError(message)

    monkeypatch.setattr(Scorer, "options", failing)
    behind = client.post("/risk/options", json=BODY)
    monkeypatch.setattr(gate, "CHECKS", {"/risk/options": failing})
    within = client.post("/risk/options", json=BODY)
    for response in (behind, within):
        assert (response.status_code, list(response.json())) == (500, ["error"])
        assert "62.5" not in response.text + caplog.text


@pytest.mark.parametrize(
    "option", [{"product": "CANARY"}, {"CANARY": 1}, {"CANARY x": 1}, "CANARY", ["CANARY"]]
)
def test_a_refusal_repeats_no_value(client: TestClient, option: object) -> None:
    """Nor a name that may be one."""
    response = client.post("/risk/options", json={"patient": PATIENT, "options": [option]})
    assert response.status_code == 422
    assert "CANARY" not in response.text


def test_without_a_model_nothing_is_compared(client: TestClient) -> None:
    """503, as for a question."""
    refused = {"error": "no model is loaded; try again when /readyz returns 200"}
    with without_model():
        assert compared(client, BODY) == (503, refused)


@pytest.mark.parametrize("product", ["obecabtagene", "other", None])
def test_what_changed_makes_a_patient_who_is_answered(client: TestClient, product: str | None) -> None:
    """The name of an academic product goes with it, and is among the changes."""
    patient = PATIENT | {"product": "academic", "product_name": "CART22-65s"}
    option = compared(client, {"patient": patient, "options": [{"product": product}]})[1]["options"][0]
    name = option["changed"][-1]
    assert (name["field"], name["entered"], name["value"], name["followed"], name["moves"]) == (
        *("product_name", "CART22-65s", None),
        *(True, []),
    )
    assert "product_name" not in option["without_effect"]
    again = client.post("/risk", json=patient | {each["field"]: each["value"] for each in option["changed"]})
    assert again.status_code == 200
    risks = [outcome["risk"] for outcome in again.json()["outcomes"]]
    assert risks == pytest.approx([outcome["risk"] for outcome in option["outcomes"]], abs=1e-9)


def test_a_name_that_stays_is_no_change(client: TestClient) -> None:
    """Its product stays."""
    patient = PATIENT | {"product": "academic", "product_name": "CART22-65s"}
    option = compared(client, {"patient": patient, "options": [{"dose_1e6_per_kg": 0.3}]})[1]["options"][0]
    assert [each["field"] for each in option["changed"]] == ["dose_1e6_per_kg"]
