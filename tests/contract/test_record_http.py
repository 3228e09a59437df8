"""Every answer over the API is in the record before it is sent; the page's answers to typing are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from serving.http.record_use import USE_HEADER
from tests.bundles import PATIENT
from tests.recorded_site import RecordedSite, recorded_site

OPTIONS = [{"dose_1e6_per_kg": 0.3}, {"product": "obecabtagene"}]
LINES = {"accept": "application/x-ndjson"}
KEY = "study-7.CANARY"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedSite]:
    """Run a service on this machine, which knows no callers."""
    with recorded_site(tmp_path_factory.mktemp("recorded")) as it:
        yield it


def stated_risks(outcomes: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """List the risks of an answer."""
    return {
        (each["name"], point["horizon_days"], point["risk"], point["low"], point["high"])
        for each in outcomes
        for point in each["curve"]
    }


def headline_risks(outcomes: list[dict[str, Any]]) -> list[list[Any]]:
    """List the risks of a comparison."""
    return [
        [each["name"], each["horizon_days"], each["risk"], each["interval"]["low"], each["interval"]["high"]]
        for each in outcomes
    ]


@pytest.mark.parametrize("detail", ["all", "risk"])
def test_an_answer_is_recorded_with_its_numbers(site: RecordedSite, detail: str) -> None:
    """To the last digit, with codes of warnings, missing fields and model; the values only as a digest."""
    answer = site.ask("/risk", {**PATIENT, "detail": detail, "record_key": "a1"}).json()
    row = site.rows()[-1]
    assert {tuple(each) for each in row["risks"]} == stated_risks(answer["outcomes"])
    assert row["prediction_id"] == answer["prediction_id"]
    assert (row["version"], row["digest"]) == (answer["bundle"]["version"], answer["bundle"]["digest"])
    assert row["warnings"] == list(dict.fromkeys(each["code"] for each in answer["warnings"]))
    assert "ldh_u_l" in row["missing"]
    assert not set(row["missing"]) & set(PATIENT)
    assert row["missing"] == answer.get("missing", row["missing"])
    assert (row["origin"], row["use"], row["shown"], row["record_key"]) == ("api", "answer", True, "a1")
    assert "nonresponder" not in json.dumps(row)
    assert "62.5" not in json.dumps(row)


def test_the_digest_of_the_inputs_is_that_of_the_inputs(site: RecordedSite) -> None:
    """The record key, the detail and fields that are null change nothing; a value does."""
    bodies = [
        PATIENT,
        {**PATIENT, "detail": "risk", "record_key": "x", "sex": None},
        {**PATIENT, "age_years": 32},
    ]
    for body in bodies:
        site.ask("/risk", body)
    first, second, other = (row["inputs"] for row in site.rows()[-3:])
    assert first == second != other


@pytest.mark.parametrize("headers", [{}, LINES], ids=["document", "lines"])
def test_every_patient_of_a_batch_is_recorded(site: RecordedSite, headers: dict[str, str]) -> None:
    """Under its own record key, in the order of the patients."""
    patients = [{**PATIENT, "age_years": 20 + n, "record_key": f"p{n}"} for n in range(12)]
    response = site.ask("/risk/batch", {"patients": patients}, **headers)
    lines = response.text.splitlines() if headers else []
    answers = [json.loads(line) for line in lines] or response.json()["answers"]
    rows = site.rows()[-12:]
    assert [row["prediction_id"] for row in rows] == [answer["prediction_id"] for answer in answers]
    assert [row["record_key"] for row in rows] == [f"p{n}" for n in range(12)]
    assert {row["origin"] for row in rows} == {"batch"}


def test_a_comparison_has_a_row_for_each_option(site: RecordedSite) -> None:
    """Numbered after the patient as entered; each with its own inputs and headline risks."""
    body = {"patient": {**PATIENT, "record_key": "c1"}, "options": OPTIONS}
    answer = site.ask("/risk/options", body).json()
    rows = site.rows()[-3:]
    number = answer["prediction_id"]
    assert [row["prediction_id"] for row in rows] == [number, f"{number}.1", f"{number}.2"]
    assert {row["record_key"] for row in rows} == {"c1"}
    assert len({row["inputs"] for row in rows}) == 3
    compared = [answer["base"], *answer["options"]]
    assert [row["risks"] for row in rows] == [headline_risks(each["outcomes"]) for each in compared]


@pytest.mark.parametrize("use", ["copied", "exported", "printed", "answer"])
def test_what_the_page_hands_over_is_recorded(site: RecordedSite, use: str) -> None:
    """With its use, as the page's."""
    answer = site.ask("/risk", PATIENT, use=use).json()
    row = site.rows()[-1]
    assert (row["prediction_id"], row["origin"], row["use"]) == (answer["prediction_id"], "page", use)


@pytest.mark.parametrize(
    ("path", "body"), [("/risk", PATIENT), ("/risk/options", {"patient": PATIENT, "options": OPTIONS})]
)
def test_answers_to_typing_are_no_records(site: RecordedSite, path: str, body: Any) -> None:
    """Where no callers need be known."""
    before = len(site.rows())
    assert site.ask(path, body, use="typing").status_code == 200
    assert len(site.rows()) == before


def test_a_batch_is_recorded_whatever_its_use(site: RecordedSite) -> None:
    """The page sends none."""
    before = len(site.rows())
    site.ask("/risk/batch", {"patients": [PATIENT]}, use="typing")
    assert len(site.rows()) == before + 1


@pytest.mark.parametrize("use", ["CANARY", "", "Typing", "typing, printed"])
@pytest.mark.parametrize("path", ["/risk", "/risk/options"])
def test_an_unknown_use_is_refused(site: RecordedSite, path: str, use: str) -> None:
    """Not taken for another, and not repeated."""
    body = PATIENT if path == "/risk" else {"patient": PATIENT, "options": OPTIONS}
    refused = site.ask(path, body, use=use)
    assert refused.status_code == 400
    assert refused.json() == {
        "error": f"the header {USE_HEADER} must be one of: answer, copied, exported, printed, typing"
    }


@pytest.mark.parametrize("key", ["", "two words", "ä", "x" * 65, "a/b", 7, True, ["a"], "a\n"])
@pytest.mark.parametrize("path", ["/risk", "/risk/batch", "/risk/options"])
def test_a_record_key_that_is_none_is_refused(site: RecordedSite, path: str, key: object) -> None:
    """By its field, without the key."""
    patient = {**PATIENT, "record_key": key}
    bodies = {
        "/risk": patient,
        "/risk/batch": {"patients": [patient]},
        "/risk/options": {"patient": patient, "options": OPTIONS},
    }
    refused = site.ask(path, bodies[path])
    (problem,) = refused.json()["problems"]
    assert refused.status_code == 422
    assert problem["code"] == "record_key_characters"
    assert problem["field"].endswith("record_key")
    assert problem["message"] == "record_key must be 1 to 64 letters (a to z), digits or . _ : ~ -"


def test_neither_values_nor_record_keys_are_logged_or_counted(
    site: RecordedSite, written: Callable[[], str]
) -> None:
    """The record has the key; logs and metrics do not."""
    patient = {**PATIENT, "record_key": KEY}
    site.ask("/risk", patient)
    site.ask("/risk/batch", {"patients": [patient]})
    site.ask("/risk/options", {"patient": patient, "options": OPTIONS}, use="copied")
    assert [row["record_key"] for row in site.rows()[-5:]] == [KEY] * 5
    text = written() + site.client.get("/metrics").text
    assert not [part for part in (KEY, "CANARY", "62.5", "nonresponder") if part in text]


def test_rows_are_counted_without_labels(site: RecordedSite) -> None:
    """And the time until they were written."""
    before = site.counted("cart_outcomes_record_rows_total")
    site.ask("/risk/batch", {"patients": [PATIENT] * 3})
    assert site.counted("cart_outcomes_record_rows_total") == before + 3
    assert site.counted("cart_outcomes_record_seconds_count") > 0


def test_the_form_says_that_answers_are_recorded(site: RecordedSite) -> None:
    """So that the page waits before it copies."""
    assert site.client.get("/form").json()["record"] == {"kept": True, "shadow": False}


def test_the_chain_of_all_this_is_whole(site: RecordedSite) -> None:
    """As the command verifies it."""
    site.ask("/risk", PATIENT)
    assert site.kept.verified().broken is None
