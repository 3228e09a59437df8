"""What `/metrics` counts of answers and refusals: names and codes of tables, once an answer was given."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from features.field import specs
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.schema import Patient
from serving.answers.stated import missing_fields
from serving.http.answer_metrics import NOT_JSON, WARNING_CODES
from serving.http.budgets import QUESTION_BUDGET
from serving.identity.denied import Reason
from serving.identity.identity import IGNORED_SIGN_ON
from tests.bundles import PATIENT, make_bundle
from tests.served_here import without_model

PATIENTS, ANSWERS = "cart_outcomes_answered_patients_total", "cart_outcomes_answers_total"
WARNINGS, FIELDS = "cart_outcomes_warnings_total", "cart_outcomes_missing_fields_total"
BODIES, CALLERS = "cart_outcomes_bodies_refused_total", "cart_outcomes_callers_refused_total"
OPTIONS = {"patient": PATIENT, "options": [{"dose_1e6_per_kg": 0.3}, {"target_antigen": "cd19_cd22"}]}

Samples = dict[tuple[str, tuple[str, ...]], float]


def samples(client: TestClient) -> Samples:
    """Read all samples of the service's own metrics, by name and values of labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
        if family.name.startswith("cart_outcomes_")
    }


def added(before: Samples, after: Samples) -> Samples:
    """State what has been counted meanwhile; what is timed is left out."""
    differences = {key: value - before.get(key, 0) for key, value in after.items()}
    return {
        key: value
        for key, value in differences.items()
        if value and not key[0].startswith("cart_outcomes_record")
    }


@pytest.mark.parametrize("detail", ["all", "risk"])
def test_an_answer_is_counted_by_outcome_warning_and_missing_field(client: TestClient, detail: str) -> None:
    """As the answer states them, each once."""
    before = samples(client)
    answer = client.post("/risk", json={**PATIENT, "detail": detail}).json()
    counted = added(before, samples(client))
    missing = missing_fields({name: PATIENT.get(name) for name in specs(Patient)})
    assert counted == {
        (PATIENTS, ()): 1.0,
        **{(ANSWERS, (each["name"], answer["bundle"]["version"])): 1.0 for each in answer["outcomes"]},
        **{(WARNINGS, (each["code"],)): 1.0 for each in answer["warnings"]},
        **{(FIELDS, (name,)): 1.0 for name in missing},
    }


@pytest.mark.parametrize(
    ("path", "body", "headers", "patients"),
    [
        ("/risk", PATIENT, {"x-cart-outcomes-use": "typing"}, 1),
        ("/risk/batch", {"patients": [PATIENT] * 13}, {}, 13),
        ("/risk/batch", {"patients": [PATIENT] * 13}, {"accept": "application/x-ndjson"}, 13),
        ("/risk/options", OPTIONS, {}, 3),
    ],
)
def test_every_path_counts_alike(
    client: TestClient, path: str, body: dict[str, Any], headers: dict[str, str], patients: int
) -> None:
    """A batch each patient, in lines too; a comparison the patient as entered and each option."""
    before = samples(client)
    assert client.post(path, json=body, headers=headers).status_code == 200
    counted = added(before, samples(client))
    assert counted[PATIENTS, ()] == patients
    outcomes = {labels[0]: number for (name, labels), number in counted.items() if name == ANSWERS}
    assert outcomes == dict.fromkeys(make_bundle().models, patients)
    assert counted[FIELDS, ("sex",)] == patients


def test_a_refused_body_is_counted_once_for_each_kind_of_problem(client: TestClient) -> None:
    """However many fields have it; nothing is counted as an answer."""
    before = samples(client)
    wrong = {**PATIENT, "age_years": -1, "ferritin_ug_l": -1, "sex": "x"}
    assert client.post("/risk", json=wrong).status_code == 422
    assert client.post("/risk/batch", json={"patients": [wrong, wrong]}).status_code == 422
    assert client.post("/risk", content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert added(before, samples(client)) == {
        (BODIES, (str(Code.OUTSIDE_LIMITS),)): 2.0,
        (BODIES, (str(Code.NOT_AN_OPTION),)): 2.0,
        (BODIES, (NOT_JSON,)): 1.0,
    }


def test_every_label_is_a_name_of_a_table(client: TestClient) -> None:
    """So that their number is bounded, and none holds what a client wrote."""
    client.post("/risk", json={**PATIENT, "Ivan": 1, "sex": "CANARY"})
    client.post("/risk/batch", json={"patients": [PATIENT]})
    allowed = {
        ANSWERS: set(OUTCOMES),
        WARNINGS: set(WARNING_CODES),
        FIELDS: set(specs(Patient)),
        BODIES: {NOT_JSON, *map(str, Code)},
        CALLERS: {IGNORED_SIGN_ON, *map(str, Reason)},
    }
    seen = {(name, labels[0]) for name, labels in samples(client) if name in allowed}
    assert {name for name, _ in seen} == set(allowed)
    assert not [(name, label) for name, label in seen if label not in allowed[name]]


def test_counts_that_an_alarm_needs_begin_with_zero(client: TestClient) -> None:
    """Otherwise the first failure is no rise."""
    found = samples(client)
    assert ("cart_outcomes_record_failures_total", ()) in found
    assert {(CALLERS, (reason,)) for reason in (IGNORED_SIGN_ON, *map(str, Reason))} <= found.keys()
    assert {(WARNINGS, (code,)) for code in WARNING_CODES} <= found.keys()


def test_readiness_is_a_number_too(client: TestClient) -> None:
    """The same as the status of `/readyz`."""

    def ready() -> tuple[float, int]:
        return samples(client)["cart_outcomes_ready", ()], client.get("/readyz").status_code

    assert ready() == (1.0, 200)
    with without_model():
        assert ready() == (0.0, 503)
    QUESTION_BUDGET.take(QUESTION_BUDGET.most)
    try:
        assert ready() == (0.0, 503)
    finally:
        QUESTION_BUDGET.give_back(QUESTION_BUDGET.most)
