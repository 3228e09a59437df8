"""The promises made over HTTP."""

from __future__ import annotations

import json
import logging
import math
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from features.field import specs
from features.schema import Patient
from features.schema_documents import json_schema
from serving.answers.card import SYNTHETIC
from serving.answers.choices import CHANGEABLE
from serving.http import outer_middleware, request_counts
from serving.http.assets import CONTENT_SECURITY_POLICY, assets
from serving.http.body_problems import MOST_PATIENTS
from serving.http.direct_answers import DirectAnswers
from serving.http.outer_middleware import PATHS, methods_by_path
from serving.http.record_use import USE_HEADER
from serving.http.request_counts import RequestCounts
from serving.http.web_pages import PAGES
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.service import RiskService
from tests.bundles import PATIENT
from tests.packed import NEEDED_PACKAGES, modules_of_others
from tests.served_here import without_model

BESIDE = ("product_name", "event_free_on_day", "detail", "record_key")
"""Fields of a request that are no predictors."""
JSON = {"content-type": "application/json"}
MIB = 2**20
ABSENT = tuple(modules_of_others((*NEEDED_PACKAGES, "httpx2")))
"""Starlette's test client needs httpx2; an answer does not."""

ANSWER = {
    "prediction_id": str,
    "bundle": {"version": str, "digest": str},
    "intended_use": str,
    "estimand": str,
    "outcomes": [
        {
            "name": str,
            "title": str,
            "horizon_days": int,
            "risk": float,
            "interval": {"level": float, "low": float, "high": float},
            "curve": [{"horizon_days": int, "risk": float, "low": float, "high": float}],
            "reference": {"risk": float, "log_odds": float},
            "contributions": [
                {
                    "field": str,
                    "title": str,
                    "value": object,
                    "unit": str,
                    "log_odds": float,
                    "published": float,
                    "local": float,
                    "sources": list,
                    "group": str,
                }
            ],
            "evidence_weight": float,
            "status": str,
            "status_reasons": [str],
            "easix": {"index": object, "risk": object},
            "missing_costs": [{"field": str, "title": str, "inputs": [str], "width": float}],
            "without_source": [{"sources": [str], "risk": float}],
            "field_use": dict.fromkeys(Patient.model_fields, str),
            "n_infusions": int,
            "n_events": int,
            "n_headline_events": object,
            "competing": str,
            "interval_note": str,
            "evidence_note": str,
        }
    ],
    "cohort": {
        "trained": bool,
        "synthetic": bool,
        "n_infusions": int,
        "n_patients": int,
        "age_low": float,
        "age_high": float,
        "options": {"target_antigen": dict, "costimulatory_domain": dict},
    },
    "trained_at": str,
    "alike": {
        "n": int,
        "fewer_than": object,
        "rounded_to": int,
        "of": int,
        "by": [{"field": str, "title": str, "group": str, "code": str}],
    },
    "missing": [str],
    "label_values": dict,
    "unused": [str],
    "close_to_cut": list,
    "warnings": [{"code": str, "field": str, "message": str, "details": dict}],
}
"""Fields of an answer and their types. It may grow; it never loses one."""


def assert_shaped(found: Any, shape: Any) -> None:
    """Compare with a shape; more fields are allowed, fewer are not."""
    if isinstance(shape, dict):
        assert shape.keys() <= found.keys()
        for name, part in shape.items():
            assert_shaped(found[name], part)
    elif isinstance(shape, list):
        assert found
        for item in found:
            assert_shaped(item, shape[0])
    else:
        assert isinstance(found, shape)


def post(client: TestClient, content: bytes, *, path: str = "/risk", **headers: str) -> tuple[int, Any]:
    response = client.post(path, content=content, headers=JSON | headers)
    return response.status_code, response.json()


def test_a_patient_is_answered(client: TestClient) -> None:
    """With every field of the contract."""
    response = client.post("/risk", json=PATIENT)
    assert response.status_code == 200
    assert_shaped(response.json(), ANSWER)


def test_the_answer_adds_up(client: TestClient) -> None:
    """Reference and contributions give the risk within 1e-6, after JSON."""
    for outcome in client.post("/risk", json=PATIENT).json()["outcomes"]:
        total = outcome["reference"]["log_odds"] + sum(item["log_odds"] for item in outcome["contributions"])
        assert math.log(outcome["risk"] / (1 - outcome["risk"])) == pytest.approx(total, abs=1e-6)


def test_the_same_patient_has_the_same_answer(client: TestClient) -> None:
    """To the last bit, but for the name of the answer."""
    first, second = (client.post("/risk", json=PATIENT).json() for _ in range(2))
    assert first.pop("prediction_id") != second.pop("prediction_id")
    assert first == second


def test_numbers_alone_are_those_of_the_whole_answer(client: TestClient) -> None:
    """Risks, intervals, curve and codes of warnings, for one and for many."""
    rows = [PATIENT | {"age_years": age} for age in (60, 20, 9)]
    whole = client.post("/risk/batch", json={"patients": rows}).json()["answers"]
    batch = client.post("/risk/batch", json={"patients": rows, "detail": "risk"}).json()["answers"]
    alone = client.post("/risk", json={**rows[2], "detail": "risk"}).json()
    assert alone["outcomes"][0]["curve"][0] == pytest.approx(batch[2]["outcomes"][0]["curve"][0], abs=1e-9)
    for numbers, answer in zip(batch, whole, strict=True):
        assert set(numbers) == {"prediction_id", "bundle", "outcomes", "warnings"}
        assert [(each["code"], each["field"]) for each in numbers["warnings"]] == [
            (each["code"], each["field"]) for each in answer["warnings"]
        ]
        for short, outcome in zip(numbers["outcomes"], answer["outcomes"], strict=True):
            assert (short["name"], short["horizon_days"]) == (outcome["name"], outcome["horizon_days"])
            stated = (outcome["risk"], outcome["interval"]["low"], outcome["interval"]["high"])
            assert (short["risk"], short["low"], short["high"]) == pytest.approx(stated, abs=1e-9)
            assert [point["horizon_days"] for point in short["curve"]] == [
                point["horizon_days"] for point in outcome["curve"]
            ]


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        ("/risk", {**PATIENT, "detail": "most"}, "detail", "not_an_option"),
        ("/risk", {**PATIENT, "detail": ["risk"]}, "detail", "not_an_option"),
        ("/risk", {**PATIENT, "detail": None}, "detail", "not_an_option"),
        (
            "/risk",
            {**PATIENT, "detail": "risk", "event_free_on_day": 90},
            "event_free_on_day",
            "must_be_blank",
        ),
        ("/risk/batch", {"patients": [PATIENT], "detail": 1}, "detail", "not_an_option"),
        ("/risk/batch", {"patients": [{**PATIENT, "detail": "risk"}]}, "patients[0].detail", "unknown_field"),
        (
            "/risk/batch",
            {"patients": [{**PATIENT, "event_free_on_day": 90}], "detail": "risk"},
            "patients[0].event_free_on_day",
            "must_be_blank",
        ),
        (
            "/risk/options",
            {"patient": {**PATIENT, "detail": "risk"}, "options": [{"split_dose": True}]},
            "patient.detail",
            "unknown_field",
        ),
    ],
)
def test_a_wrong_detail_is_refused(client: TestClient, path: str, body: Any, field: str, code: str) -> None:
    """By its field, and never ignored."""
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    problems = [(each["field"].removeprefix("where."), each["code"]) for each in answer.json()["problems"]]
    assert problems == [(field, code)]


def test_a_batch_as_lines(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """One answer a line, in order; every identifier is in the log."""
    rows = [PATIENT | {"age_years": 20 + at} for at in range(25)]
    headers = {"accept": "application/x-ndjson"}
    with caplog.at_level(logging.INFO, "cart_outcomes.requests"):
        response = client.post("/risk/batch", json={"patients": rows}, headers=headers)
    assert response.headers["content-type"].startswith("application/x-ndjson")
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert [_value(answer, "age_years") for answer in answers] == [20 + at for at in range(25)]
    assert all(answer["prediction_id"] in caplog.text for answer in answers)
    short = client.post("/risk/batch", json={"patients": rows, "detail": "risk"}, headers=headers)
    numbers = [json.loads(line)["outcomes"][0]["risk"] for line in short.text.splitlines()]
    assert numbers == pytest.approx([answer["outcomes"][0]["risk"] for answer in answers], abs=1e-9)


@pytest.mark.parametrize(
    "accept", ["application/x-ndjson;q=0", "application/x-ndjson;q=0.1, application/json"]
)
def test_a_batch_is_a_document_where_lines_are_not_preferred(client: TestClient, accept: str) -> None:
    """By the weights of `Accept`."""
    response = client.post("/risk/batch", json={"patients": [PATIENT]}, headers={"accept": accept})
    assert response.headers["content-type"].startswith("application/json")
    assert len(response.json()["answers"]) == 1


def test_a_batch_answers_in_order(client: TestClient) -> None:
    """Each as it would be alone."""
    rows = [PATIENT | {"age_years": age} for age in (60, 20, 40)]
    batch = client.post("/risk/batch", json={"patients": rows}).json()
    assert [_value(answer, "age_years") for answer in batch["answers"]] == [60, 20, 40]
    alone = client.post("/risk", json=rows[1]).json()
    assert batch["answers"][1]["outcomes"][0]["risk"] == pytest.approx(alone["outcomes"][0]["risk"], abs=1e-9)


def test_a_full_batch_is_answered(client: TestClient) -> None:
    """Each as it would be alone, to the last field, and within a mebibyte."""
    response = client.post("/risk/batch", json={"patients": [PATIENT] * MOST_PATIENTS})
    answers = response.json()["answers"]
    assert (response.status_code, len(answers)) == (200, MOST_PATIENTS)
    assert response.headers["content-type"] == "application/json"
    assert answers[-1].keys() == client.post("/risk", json=PATIENT).json().keys()
    assert_shaped(answers[-1], ANSWER)


def test_a_batch_is_no_larger_than_its_time_allows(client: TestClient) -> None:
    """One patient more is refused, with the number that is accepted, which the schema states too."""
    body = json.dumps({"patients": [PATIENT] * (MOST_PATIENTS + 1)}).encode()
    status, answer = post(client, body, path="/risk/batch")
    assert (status, answer["problems"]) == (
        422,
        [
            {
                "code": "number_of_patients",
                "field": "patients",
                "message": f"patients must hold 1 to {MOST_PATIENTS} patients",
            }
        ],
    )
    batch = client.get("/docs.json").json()["components"]["schemas"]["PatientBatch"]
    assert batch["properties"]["patients"]["maxItems"] == MOST_PATIENTS


def test_every_answer_of_a_batch_is_found_in_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """By its name and its place in the batch, without a value; a batch of one like a single patient."""
    with caplog.at_level("INFO", "cart_outcomes"):
        answers = client.post("/risk/batch", json={"patients": [PATIENT] * 3}).json()["answers"]
        alone = client.post("/risk/batch", json={"patients": [PATIENT]}).json()["answers"]
    first, *lines, last = caplog.messages
    assert re.fullmatch(r"POST /risk/batch 200 [0-9.]+ ms", first)
    assert lines == [
        f"/risk/batch {place} of 3 prediction_id={answer['prediction_id']}"
        for place, answer in enumerate(answers, start=1)
    ]
    assert last.endswith(f" ms prediction_id={alone[0]['prediction_id']}")


def test_every_problem_is_told_by_field(client: TestClient) -> None:
    """422 with the whole list."""
    body = PATIENT | {"ferritin_ug_l": -3, "crs_grade": 3, "ecog": 2.5}
    assert post(client, json.dumps(body).encode()) == (
        422,
        {
            "error": "the request is refused; problems lists every reason",
            "problems": [
                {
                    "code": "known_after_infusion",
                    "field": "crs_grade",
                    "message": "crs_grade is known only after the infusion and is never a predictor",
                },
                {"code": "not_whole", "field": "ecog", "message": "ecog must be a whole number, 0 to 4"},
                {
                    "code": "outside_limits",
                    "field": "ferritin_ug_l",
                    "message": "ferritin_ug_l must be 1 to 200000 ug/L",
                },
            ],
        },
    )


@pytest.mark.parametrize("path", ["/risk", "/risk/batch"])
def test_a_refused_number_comes_with_the_unit_it_is_probably_in(client: TestClient, path: str) -> None:
    """Unit and factor as data, so that a program that has the value can offer it converted."""
    patient = PATIENT | {"creatinine_mg_dl": 81.5, "hemoglobin_g_dl": "8.4"}
    body: Any = patient if path == "/risk" else {"patients": [PATIENT, patient]}
    where = "" if path == "/risk" else "patients[1]."
    status, answer = post(client, json.dumps(body).encode(), path=path)
    assert status == 422
    assert answer["problems"] == [
        {
            "code": "probably_other_unit",
            "field": f"{where}creatinine_mg_dl",
            "message": "creatinine_mg_dl must be 0.05 to 20 mg/dL; in umol/L? divide by 88.42",
            "hint": {"unit": "umol/L", "factor": pytest.approx(1 / 88.42)},
        },
        {
            "code": "wrong_type",
            "field": f"{where}hemoglobin_g_dl",
            "message": "hemoglobin_g_dl must be a number, not text: send the number alone, without quotation "
            "marks, unit or sign such as < or %",
        },
    ]
    assert "81.5" not in json.dumps(answer)


def test_a_possible_value_that_is_likelier_in_another_unit_is_answered_with_a_question(
    client: TestClient,
) -> None:
    """A warning with the unit and the factor, without the value; the risk is that of the value as it came."""
    body = PATIENT | {"fludarabine_mg_m2": 30.5, "marrow_blasts_pct": 0.625}
    response = client.post("/risk", json=body)
    assert response.status_code == 200
    questions = [
        warning for warning in response.json()["warnings"] if warning["code"] == "perhaps_another_unit"
    ]
    assert [(warning["field"], warning["details"]) for warning in questions] == [
        ("marrow_blasts_pct", {"expected": "%", "unit": "fraction", "factor": 100.0}),
        ("fludarabine_mg_m2", {"expected": "mg/m2", "unit": "mg/m2 a day, for 3 days", "factor": 3.0}),
    ]
    assert not [word for word in ("30.5", "0.625", "62.5") if word in json.dumps(questions)]


def test_a_problem_of_a_batch_names_the_patient(client: TestClient) -> None:
    """By its place."""
    body = json.dumps({"patients": [PATIENT, PATIENT | {"ecog": 9}]}).encode()
    status, answer = post(client, body, path="/risk/batch")
    assert status == 422
    assert answer["problems"] == [
        {
            "code": "outside_limits",
            "field": "patients[1].ecog",
            "message": "ecog must be a whole number, 0 to 4",
        }
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "the body is not JSON: line 1, column 1"),
        (b"{", "the body is not JSON: line 1, column 2"),
        (b'{"age_years": NaN}', "the body is not JSON: NaN and Infinity are not JSON numbers"),
        (b'{"age_years": 1, "age_years": 2}', "age_years appears twice in the body"),
        (b"[" * 200_000, "the body is nested too deeply"),
        (b"\xff", "the body is not JSON: it is not UTF-8"),
    ],
    ids=["empty", "cut", "nan", "twice", "deep", "bytes"],
)
def test_what_is_not_json_is_400(client: TestClient, content: bytes, error: str) -> None:
    """With the place of the mistake."""
    assert post(client, content) == (400, {"error": error})


@pytest.mark.parametrize("path", ["/risk", "/risk/batch"])
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/vnd.bentoml+pickle",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
    ],
)
def test_anything_but_json_is_415(client: TestClient, path: str, content_type: str) -> None:
    """BentoML's own formats, pickle among them, included."""
    answer = post(client, b"\x80\x04.", path=path, **{"content-type": content_type})
    assert answer == (415, {"error": "the content type must be application/json, in UTF-8"})


def test_no_content_type_is_415(client: TestClient) -> None:
    """Nothing is guessed."""
    response = client.post("/risk", content=b"{}")
    assert "content-type" not in response.request.headers
    assert response.status_code == 415


def test_a_compressed_body_is_415(client: TestClient) -> None:
    """A small one may be large."""
    assert post(client, b"{}", **{"content-encoding": "gzip"}) == (
        415,
        {"error": "the body must not be compressed"},
    )


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "Application/JSON"])
def test_json_may_name_its_encoding(client: TestClient, content_type: str) -> None:
    """UTF-8 is what JSON is."""
    assert post(client, json.dumps(PATIENT).encode(), **{"content-type": content_type})[0] == 200


def test_a_large_body_is_413_whether_announced_or_not(client: TestClient) -> None:
    """By its length, and by counting chunks where no length is given."""
    refused = (413, {"error": "the body is larger than 1 MiB"})
    assert post(client, b" " * (MIB + 1)) == refused
    chunked = client.post("/risk", content=(b" " * 1000 for _ in range(MIB // 1000 + 1)), headers=JSON)
    assert "content-length" not in chunked.request.headers
    assert (chunked.status_code, chunked.json()) == refused


def test_a_body_of_just_one_mebibyte_is_read(client: TestClient) -> None:
    """The limit is included."""
    raw = json.dumps(PATIENT).encode()
    assert post(client, raw + b" " * (MIB - len(raw)))[0] == 200


def test_a_query_on_a_question_is_refused(client: TestClient) -> None:
    """A patient in an address would be in every log on the way."""
    assert post(client, json.dumps(PATIENT).encode(), path="/risk?age_years=31") == (
        400,
        {"error": "send the patient in the body; addresses end up in logs, so a query is refused"},
    )


@pytest.mark.parametrize("path", ["/nothing", "/risk/", "/docs/", "/static_content/index.css", "//", "/RISK"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_paths_are_404(client: TestClient, path: str, method: str) -> None:
    """BentoML's own pages among them."""
    response = client.request(method, f"http://testserver{path}")
    assert (response.status_code, response.json()) == (
        404,
        {"error": "this path does not exist; /docs lists all paths"},
    )


@pytest.mark.parametrize("path", methods_by_path())
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_405(client: TestClient, path: str, method: str) -> None:
    """With the methods that are answered."""
    if method in methods_by_path()[path]:
        return
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == ", ".join(methods_by_path()[path])


@pytest.mark.parametrize("path", methods_by_path())
def test_options_names_the_methods(client: TestClient, path: str) -> None:
    """And allows no page of another origin to ask."""
    response = client.options(path, headers={"origin": "https://example.org"})
    assert (response.status_code, response.headers["allow"]) == (204, ", ".join(methods_by_path()[path]))
    assert not any(name.startswith("access-control") for name in response.headers)


@pytest.mark.parametrize("path", [path for path, methods in methods_by_path().items() if "GET" in methods])
def test_what_can_be_read_is_read(client: TestClient, path: str) -> None:
    """GET with a body, HEAD without; there is no logo, because no center gave one."""
    expected = 404 if path == "/own-words/logo" else 200
    assert client.get(path).status_code == expected
    head = client.head(path)
    assert (head.status_code, head.content) == (expected, b"")


@pytest.mark.parametrize("path", [*methods_by_path(), "/nothing"])
def test_every_answer_has_the_headers_of_safety(client: TestClient, path: str) -> None:
    """Not to be stored, guessed at, framed, nor to load anything of others; files are asked for anew."""
    headers = client.request("POST" if path.startswith("/risk") else "GET", path).headers
    assert headers["cache-control"] == ("no-cache" if path in assets() else "no-store")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_card_is_json(client: TestClient) -> None:
    """With what the model is, loudly where it is synthetic."""
    card = client.get("/model").json()
    assert card["synthetic"] is True
    assert card["notice"].startswith("SYNTHETIC MODEL")
    assert card["bundle"] == client.post("/risk", json=PATIENT).json()["bundle"]


def test_the_schema_is_the_schema(client: TestClient) -> None:
    """As `features.schema_documents` writes it."""
    response = client.get("/schema")
    assert response.headers["content-type"] == "application/schema+json"
    assert response.json() == json_schema()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_html(client: TestClient, path: str) -> None:
    """Which of several models answers is no secret of scripts: the notice is in it."""
    page = client.get(path, headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert '<html lang="en"' in page.text
    assert SYNTHETIC in page.text


def test_the_form_is_the_schemas(client: TestClient) -> None:
    """With an example that is answered."""
    found = client.get("/form").json()
    assert set(found["fields"]) == {*Patient.model_fields, "product_name"}
    assert client.post("/risk", json=found["example"]).status_code == 200


def test_form_card_and_answer_agree_on_what_is_used(client: TestClient) -> None:
    """Which the page can therefore say before it asks; only fields that move a risk may be changed."""
    described, card = client.get("/form").json(), client.get("/model").json()
    answer = client.post("/risk", json=PATIENT).json()
    assert described["fields"].pop("product_name")["use"] == "name"
    for name, field in described["fields"].items():
        by_outcome = {outcome["name"]: outcome["field_use"][name] for outcome in answer["outcomes"]}
        assert by_outcome == {one["name"]: one["field_use"][name]["use"] for one in card["outcomes"]}
        assert card["field_use"][name] == {"use": field["use"], "groups": field["value_groups"]}
        assert (
            (name in answer["unused"])
            is (field["use"] == "unused")
            is (set(by_outcome.values()) == {"unused"})
        )
    assert described["changeable"] == [
        name for name in CHANGEABLE if described["fields"][name]["use"] in ("value", "groups")
    ]
    assert {"dose_1e6_per_kg", "marrow_blasts_pct"} <= set(described["changeable"]) < set(CHANGEABLE)


def test_a_file_of_the_pages_is_not_sent_twice(client: TestClient) -> None:
    """To whom its tag is known; the answer is as safe as any."""
    first = client.get("/assets/shell.css")
    again = client.get("/assets/shell.css", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/assets/nothing.js", "/assets/", "/assets/..%2fcard.py", "/assets/../card.py"]
)
def test_there_are_no_other_files(client: TestClient, path: str) -> None:
    """Whatever the path tries."""
    response = client.get(f"http://testserver{path}")
    assert (response.status_code, response.json()) == (
        404,
        {"error": "this path does not exist; /docs lists all paths"},
    )


def test_the_interface_describes_a_flat_body(client: TestClient) -> None:
    """A patient's fields are the body; a batch has one list."""
    document = client.get("/docs.json").json()
    schemas = document["components"]["schemas"]
    bodies = {
        path: document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path in ("/risk", "/risk/batch")
    }
    assert bodies["/risk"] == {"$ref": "#/components/schemas/Question"}
    assert list(schemas["Patient"]["properties"]) == list(Patient.model_fields)
    assert list(schemas["Question"]["properties"]) == [*Patient.model_fields, *BESIDE]
    assert list(schemas["PatientBatch"]["properties"]) == ["patients", "detail"]


def test_the_interface_has_every_path_and_keeps_its_word(client: TestClient) -> None:
    """Answers and refusals are what their schemas say; every name that is used is there."""
    document = client.get("/docs.json").json()
    assert list(document["paths"]) == list(PATHS)
    asked = [
        (client.post("/risk", json=PATIENT), "Answer"),
        (client.post("/risk/batch", json={"patients": [PATIENT]}), "BatchAnswer"),
        (client.post("/risk", json={**PATIENT, "detail": "risk"}), "NumbersAnswer"),
        (client.post("/risk/batch", json={"patients": [PATIENT], "detail": "risk"}), "NumbersBatch"),
        (client.get("/model"), "ModelCard"),
        (client.get("/readyz"), "Readiness"),
        (client.post("/risk", json={}), "Refusal"),
        (client.post("/risk", content=b"{", headers=JSON), "Refusal"),
    ]
    for response, name in asked:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema.validate(response.json(), schema)
    used = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document))
    assert set(used) <= set(document["components"]["schemas"])


def test_the_interface_is_a_page(client: TestClient) -> None:
    """In the frame of the others, without a script, and as safe."""
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert SYNTHETIC in page.text
    assert "<script" not in page.text
    assert all(
        f"<code>{path}" in page.text or f" {path}</code>" in page.text for path in ("/risk", "/docs.json")
    )


@pytest.mark.parametrize("name", [*specs(Patient), *BESIDE])
@pytest.mark.parametrize("written", ["1e999", "-1e999", "1e308"])
def test_a_number_too_large_for_a_float_is_refused(client: TestClient, name: str, written: str) -> None:
    """JSON allows it, and Python reads it as infinite."""
    body = json.dumps({**PATIENT, name: 0}).replace(f'"{name}": 0', f'"{name}": {written}')
    answer = client.post("/risk", content=body, headers=JSON)
    assert answer.status_code == 422
    assert name in {problem["field"] for problem in answer.json()["problems"]}


@pytest.mark.parametrize("day", [60, 60.0])
def test_a_whole_day_may_be_written_with_a_point(client: TestClient, day: float) -> None:
    """As other whole numbers."""
    assert client.post("/risk", json={**PATIENT, "event_free_on_day": day}).status_code == 200


def test_the_name_of_a_product_comes_back_and_changes_nothing(client: TestClient) -> None:
    """Only the answer has it, and a warning that the training cohort hardly has a product of that name."""
    named = client.post("/risk", json={**PATIENT, "product": "other", "product_name": "CART22-65s"}).json()
    unnamed = client.post("/risk", json={**PATIENT, "product": "other"}).json()
    assert (named["product_name"], unnamed["product_name"]) == ("CART22-65s", None)
    assert named["outcomes"] == unnamed["outcomes"]
    (warning,) = [each for each in named["warnings"] if each not in unnamed["warnings"]]
    assert (warning["code"], warning["field"]) == ("rare_option", "product_name")
    assert "CART22" not in json.dumps(warning)


def test_bentomls_clients_find_the_questions(client: TestClient) -> None:
    """By their names, routes and fields."""
    described = client.get("/schema.json").json()
    routes = {route["name"]: route for route in described["routes"]}
    assert {name: route["route"] for name, route in routes.items()} == {
        "risk": "/risk",
        "risk_batch": "/risk/batch",
        "risk_options": "/risk/options",
    }
    assert set(routes["risk"]["input"]["properties"]) == {*Patient.model_fields, *BESIDE}


async def _passed_on(layer: DirectAnswers, scope: Scope, receive: Receive, send: Send) -> None:
    await layer.app(scope, receive, send)


def test_both_ways_to_an_answer_give_the_same(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """BentoML's route answers where traces are configured; all but the identifier is equal."""
    body = json.dumps({**PATIENT, "event_free_on_day": 90, "product": "academic"}).encode()
    direct = client.post("/risk", content=body, headers={"content-type": "application/json"})
    with monkeypatch.context() as patch:
        patch.setattr(DirectAnswers, "__call__", _passed_on)
        routed = client.post("/risk", content=body, headers={"content-type": "application/json"})
    assert direct.json() | {"prediction_id": ""} == routed.json() | {"prediction_id": ""}
    assert direct.headers["content-type"] == routed.headers["content-type"] == "application/json"
    refused = [client.post("/risk", json={**PATIENT, "age_years": -1}) for _ in range(2)]
    assert {each.status_code for each in refused} == {422}


def test_both_ways_to_an_answer_refuse_the_same(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A use of the answer that is not known."""
    asked: Any = {"json": PATIENT, "headers": {USE_HEADER: "reading"}}
    direct = client.post("/risk", **asked)
    with monkeypatch.context() as patch:
        patch.setattr(DirectAnswers, "__call__", _passed_on)
        routed = client.post("/risk", **asked)
    assert (direct.status_code, direct.json()) == (routed.status_code, routed.json())
    assert direct.status_code == 400


def test_a_service_without_a_record_takes_no_outcomes(client: TestClient) -> None:
    """It has no answer that they could belong to; a record key of a request has no effect."""
    answer = client.post("/risk", json={**PATIENT, "record_key": "a1"})
    reported = {"prediction_id": answer.json()["prediction_id"], "outcome": "relapse", "happened": True}
    refused = client.post("/outcome", json=reported)
    assert refused.status_code == 404
    assert refused.json() == {"error": "this service keeps no record of answers"}
    assert client.get("/form").json()["record"] == {"kept": False, "shadow": False}


def test_direct_answers_are_counted(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """As all others, by path and status, once each."""
    line = re.compile(r'request_total\{.*endpoint="/risk",.*http_response_code="200".*\} ([0-9.]+)')

    def count() -> float:
        metrics = client.get("/metrics")
        assert metrics.status_code == 200
        return sum(float(each) for each in line.findall(metrics.text))

    # What other requests left is written first, and those that end later are counted elsewhere.
    count()
    own = RequestCounts()
    for module in (request_counts, outer_middleware):
        monkeypatch.setattr(module, "request_counts", own)
    # Nothing is written but by the question for the metrics.
    monkeypatch.setattr(request_counts, "WRITTEN_WITHIN_SECONDS", 3600)
    before = count()
    assert post(client, json.dumps(PATIENT).encode())[0] == 200
    assert count() == before + 1


def test_without_a_model_nothing_is_ready(client: TestClient) -> None:
    """503 for readiness and for questions, but the service lives."""
    refused = {"error": "no model is loaded; try again when /readyz returns 200"}
    batch = json.dumps({"patients": [PATIENT]}).encode()
    with without_model():
        assert client.get("/readyz").status_code == 503
        assert client.get("/livez").status_code == 200
        assert post(client, json.dumps(PATIENT).encode()) == (503, refused)
        assert post(client, batch, path="/risk/batch") == (503, refused)


def test_a_service_without_a_bundle_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do instead of answering without a model."""
    monkeypatch.setenv(BUNDLE_VARIABLE, str(tmp_path))
    with pytest.raises(ValueError) as caught, TestClient(RiskService.to_asgi()):
        pass
    assert str(caught.value) == f"{tmp_path} holds no bundle.json; train, or promote a version, first"


def test_fifty_at_once_are_all_answered(client: TestClient) -> None:
    """Each with the answer it would have alone."""
    ages = [18 + place for place in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda age: client.post("/risk", json=PATIENT | {"age_years": age}), ages))
    assert [answer.status_code for answer in answers] == [200] * 50
    assert [_value(answer.json(), "age_years") for answer in answers] == ages


def test_an_answer_needs_the_packages_of_the_image_alone(bundle_folder: Path) -> None:
    """Nothing else need be installed, MLflow, scikit-learn, SHAP and pandas least of all."""
    assert {"mlflow", "sklearn", "shap", "lifelines", "matplotlib", "pandas", "typer"} <= set(ABSENT)
    script = f"""
import importlib.abc, os, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
os.environ["{BUNDLE_VARIABLE}"] = {str(bundle_folder)!r}
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from serving.service import RiskService, documents
with TestClient(RiskService.to_asgi()) as client:
    print(client.post("/risk", json={PATIENT!r}).status_code)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert found.stdout.splitlines()[-1:] == ["200"], found.stderr[-2000:]


def _value(answer: Any, field: str) -> Any:
    rows = answer["outcomes"][0]["contributions"]
    return next(row["value"] for row in rows if row["field"] == field)
