"""No response, log line or metric label carries a patient's value, except the answer itself."""

from __future__ import annotations

import json
import logging
import random
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.field import specs
from features.schema import Patient
from serving.answers.scorer import Scorer
from serving.http import request_checks as gate
from tests.bundles import PATIENT

CANARY = "CANARY-Ivan-Petrov"
NUMBER = "987654.25"
JSON = {"content-type": "application/json"}

BAD_BODIES = [
    f'{{"age_years": {NUMBER}}}',
    f'{{"age_years": "{CANARY}"}}',
    f'{{"{CANARY}": {NUMBER}}}',
    f'{{"{CANARY}": 1, "{CANARY}": 2}}',
    f'{{"patient_id": "{CANARY}"}}',
    f'{{"ferritin_ug_l": {NUMBER}, "target_antigen": "{CANARY}", "prior_lines": {{"{CANARY}": [{NUMBER}]}}}}',
    f'"{CANARY}"',
    f'["{CANARY}", {NUMBER}]',
    f'{{"age_years": {NUMBER}, {CANARY}',
    f"{CANARY} {NUMBER}",
    json.dumps(PATIENT | {"dose_total_1e6": 4321.25, "weight_kg": 77.25}),
    json.dumps(PATIENT | {"sex": CANARY, "crp_mg_l": float(NUMBER)}),
    json.dumps(PATIENT | {"product": "tisagenlecleucel", "product_name": CANARY}),
    json.dumps(PATIENT | {"product": "other", "product_name": f"{CANARY} {NUMBER}"}),
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
@pytest.mark.parametrize("path", ["/risk", "/risk/batch"])
def test_a_refusal_repeats_no_value(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str, body: str
) -> None:
    """Neither to the client nor to the log, alone or in a batch."""
    with caplog.at_level(logging.DEBUG):
        batch = body if path == "/risk" else f'{{"patients": [{body}]}}'
        response = client.post(path, content=batch.encode(), headers=JSON)
    assert response.status_code in (400, 422)
    assert_silent(response.text + caplog.text)


def test_addresses_and_headers_are_not_written_down(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A client may put anything there."""
    with caplog.at_level(logging.DEBUG, "cart_outcomes"):
        answers = [
            client.get(f"/{CANARY}/{NUMBER}"),
            client.get(f"/model?patient={CANARY}"),
            client.post(f"/risk?age_years={NUMBER}&name={CANARY}", json=PATIENT),
            client.request(CANARY, "/risk", headers={"x-patient": CANARY, "user-agent": CANARY}),
            client.post("/risk", content=b"{}", headers={"content-type": f"text/{CANARY}"}),
        ]
    assert [answer.status_code for answer in answers] == [404, 200, 400, 405, 415]
    assert_silent("".join(answer.text for answer in answers) + _ours(caplog))


def test_a_failure_inside_says_nothing_of_the_patient(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 with an identifier, which finds type and place in the log."""

    def failing(_scorer: Scorer, rows: Any, **_asked: Any) -> None:
        message = f"cannot score {rows}"
        raise RuntimeError(message)

    monkeypatch.setattr(Scorer, "answered", failing)
    for path, body in (("/risk", PATIENT), ("/risk/batch", {"patients": [PATIENT]})):
        caplog.clear()
        response = client.post(path, json=body)
        text = response.json()["error"]
        assert (response.status_code, list(response.json())) == (500, ["error"])
        assert text.startswith("the service failed; its log has the reason under error ")
        line = next(message for message in caplog.messages if text.split()[-1] in message)
        assert "RuntimeError < test_privacy_http.py:" in line
        assert "62.5" not in response.text + caplog.text
        assert "nonresponder" not in response.text + caplog.text


def test_a_failure_at_the_gate_is_answered_at_once(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BentoML would wait out its time limit and then send nothing."""

    def failing(_body: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(gate, "CHECKS", {"/risk": failing})
    response = client.post("/risk", json=PATIENT)
    assert response.status_code == 500
    assert_silent(response.text + caplog.text)


def test_the_log_of_an_answer_names_it(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Path, status, time and the answer's name: nothing else."""
    with caplog.at_level(logging.INFO, "cart_outcomes"):
        answer = client.post("/risk", json=PATIENT).json()
    words = caplog.messages[-1].split()
    assert [*words[:3], *words[4:]] == [
        "POST",
        "/risk",
        "200",
        "ms",
        f"prediction_id={answer['prediction_id']}",
    ]


def test_metrics_know_no_unknown_path(client: TestClient) -> None:
    """However many are tried, and whatever they hold."""
    for place in range(20):
        client.get(f"/{CANARY}/{place}")
        client.post(f"/risk/{CANARY}{place}", json=PATIENT)
    assert_silent(client.get("/metrics").text)


def test_two_thousand_broken_bodies_break_nothing(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Always 200, 400 or 422, always with a body of ours."""
    draw = random.Random(20250111)
    caplog.set_level(logging.CRITICAL)
    seen = {client.post("/risk", content=_broken(draw), headers=JSON) for _ in range(2000)}
    assert {response.status_code for response in seen} == {200, 400, 422}
    assert all({"error", "outcomes"} & response.json().keys() for response in seen)
    assert all(
        response.json().keys() <= {"error", "problems"} for response in seen if response.status_code > 200
    )


def _broken(draw: random.Random) -> bytes:
    """Change values, names and bytes of a right body."""
    body: dict[str, Any] = dict(PATIENT)
    for _ in range(draw.randrange(4)):
        name = draw.choice([*specs(Patient), CANARY, "patient_id", "relapse_day", ""])
        body[name] = draw.choice(_ODD)
    raw = bytearray(json.dumps(body).encode())
    for _ in range(draw.choice([0, 0, 0, 1, 3])):
        place = draw.randrange(len(raw))
        raw[place : place + draw.randrange(3)] = draw.choice(
            [b"", b"\x00", b"\xff", b'"', b"{", b"]", b"1e999"]
        )
    return bytes(raw)


_ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2.0,
    0.5,
    1e308,
    -1e-308,
    10**80,
    2**53 + 1,
    "",
    "cd19",
    "none",
    "3",
    "\ud800",
    "\x00",
    "é" * 300,
    [],
    {},
    [[[]]],
    {"a": {"b": 1}},
    float("nan"),
    float("inf"),
]


def assert_silent(text: str) -> None:
    """Neither canary is in a text, in any part."""
    assert not [
        word for word in ("CANARY", "Ivan", "987654", "4321.25", "77.25") if word.lower() in text.lower()
    ]


def _ours(caplog: pytest.LogCaptureFixture) -> str:
    """Join what the service wrote; the test's own client logs addresses too."""
    return "".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
