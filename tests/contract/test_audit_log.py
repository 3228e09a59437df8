"""The audit log of a running service: who asked what, and no value of a patient."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_bundle
from tests.served_here import served_here

CANARY = 61.123456


def test_each_request_is_a_line_without_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers, refused bodies and unknown paths; checks of health are left out."""
    file = tmp_path / "audit.jsonl"
    monkeypatch.setenv("CART_OUTCOMES_AUDIT_LOG", str(file))
    write_bundle(make_bundle(), tmp_path / "bundle")
    patient = {**PATIENT, "weight_kg": CANARY}
    with served_here(tmp_path / "bundle") as client:
        one = client.post("/risk", json=patient).json()["prediction_id"]
        both = client.post("/risk/batch", json={"patients": [patient, patient]}).json()["answers"]
        client.post("/risk", json={**patient, "sex": f"of {CANARY}"})
        client.get(f"/{CANARY}")
        client.get("/readyz")
    lines = [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]
    told = [(line["method"], line["path"], line["status"], line["prediction_ids"]) for line in lines]
    assert told == [
        ("POST", "/risk", 200, [one]),
        ("POST", "/risk/batch", 200, [each["prediction_id"] for each in both]),
        ("POST", "/risk", 422, []),
        ("other", "(unknown path)", 404, []),
    ]
    assert str(CANARY) not in file.read_text(encoding="ascii")
