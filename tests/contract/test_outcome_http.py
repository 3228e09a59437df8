"""What happened after an answer is attached to it in the record, once the answer is known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from features.outcomes import OUTCOMES
from tests.bundles import PATIENT
from tests.e2e.documentation import DOCUMENTS, blocks
from tests.recorded_site import RecordedSite, recorded_site

UNKNOWN = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedSite]:
    """Run a service with a record."""
    with recorded_site(tmp_path_factory.mktemp("outcomes")) as it:
        yield it


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("day", [None, 0, 20000, 30.0])
def test_every_outcome_can_be_reported(site: RecordedSite, name: str, day: float | None) -> None:
    """With the day, or without one; the row has what was reported."""
    number = site.ask("/risk", PATIENT).json()["prediction_id"]
    body = {"prediction_id": number, "outcome": name, "happened": True, "day": day}
    reported = site.ask("/outcome", body)
    assert (reported.status_code, reported.json()) == (200, {"recorded": True})
    row = site.rows("outcome")[-1]
    assert row["prediction_id"] == number
    assert (row["outcome"], row["happened"], row["day"]) == (name, True, day)


def test_the_documented_report_is_accepted(site: RecordedSite) -> None:
    """With the identifier of an answer of this service."""
    of_page = blocks(DOCUMENTS / "security.md")
    (shown,) = (block for block in of_page if "/outcome" in block.text)
    (body,) = re.findall(r"-d '(.*)'", shown.text)
    number = site.ask("/risk", PATIENT).json()["prediction_id"]
    stated = json.loads(body)
    assert stated.keys() == {"prediction_id", "outcome", "happened", "day"}
    assert site.ask("/outcome", {**stated, "prediction_id": number}).status_code == 200


def test_a_later_report_corrects_an_earlier_one(site: RecordedSite) -> None:
    """Both stay: what people knew when they acted must remain visible."""
    number = site.ask("/risk", {**PATIENT, "record_key": "k1"}).json()["prediction_id"]
    before = len(site.rows("outcome"))
    for happened in (True, False):
        body = {"prediction_id": number, "outcome": "severe_crs", "happened": happened}
        assert site.ask("/outcome", body).status_code == 200
    rows = site.rows("outcome")[before:]
    assert [row["happened"] for row in rows] == [True, False]
    assert {row["record_key"] for row in rows} == {"k1"}
    assert site.kept.verified().broken is None


def test_what_happened_after_an_option_is_attached_to_it(site: RecordedSite) -> None:
    """The option that was chosen has an identifier of its own; one that was not compared has none."""
    question = {"patient": PATIENT, "options": [{"dose_1e6_per_kg": 0.5}]}
    number = site.ask("/risk/options", question).json()["prediction_id"]
    body = {"prediction_id": f"{number}.1", "outcome": "severe_crs", "happened": True, "day": 4}
    assert site.ask("/outcome", body).status_code == 200
    assert site.rows("outcome")[-1]["prediction_id"] == f"{number}.1"
    assert site.ask("/outcome", {**body, "prediction_id": f"{number}.2"}).status_code == 404


def test_an_answer_that_is_not_in_the_record_has_no_outcome(site: RecordedSite) -> None:
    """An unknown one, and one to typing."""
    typed = site.ask("/risk", PATIENT, use="typing").json()["prediction_id"]
    for number in (UNKNOWN, typed):
        refused = site.ask("/outcome", {"prediction_id": number, "outcome": "relapse", "happened": True})
        assert refused.status_code == 404
        assert refused.json() == {"error": "the record has no answer with this prediction_id"}


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({}, [("required", "prediction_id"), ("required", "outcome"), ("required", "happened")]),
        ([], [("wrong_type", "")]),
        ({"happened": 1}, [("wrong_type", "happened")]),
        ({"happened": None}, [("required", "happened")]),
        ({"outcome": "crs"}, [("not_an_option", "outcome")]),
        ({"outcome": ["relapse"]}, [("wrong_type", "outcome")]),
        ({"day": -1}, [("outside_limits", "day")]),
        ({"day": 20001}, [("outside_limits", "day")]),
        ({"day": 1.5}, [("not_whole", "day")]),
        ({"day": "4"}, [("wrong_type", "day")]),
        ({"day": True}, [("wrong_type", "day")]),
        ({"prediction_id": UNKNOWN.upper()}, [("not_an_answer", "prediction_id")]),
        ({"prediction_id": f"{UNKNOWN}.0"}, [("not_an_answer", "prediction_id")]),
        ({"prediction_id": f"{UNKNOWN}.4"}, [("not_an_answer", "prediction_id")]),
        ({"prediction_id": f"{UNKNOWN}.11"}, [("not_an_answer", "prediction_id")]),
        ({"prediction_id": 7}, [("not_an_answer", "prediction_id")]),
        ({"patient_id": "CANARY"}, [("identifies_patient", "patient_id")]),
        ({"product_name": "CANARY"}, [("unknown_field", "product_name")]),
        ({"center": "CANARY"}, [("unknown_field", "center")]),
        ({"death_day": 4}, [("unknown_field", "death_day")]),
        ({"Ä": 4}, [("field_name_characters", "")]),
    ],
)
def test_a_wrong_report_is_refused_by_field(
    site: RecordedSite, body: Any, problems: list[tuple[str, str]]
) -> None:
    """Every problem at once, and no value is repeated."""
    right = {"prediction_id": UNKNOWN, "outcome": "relapse", "happened": True}
    refused = site.ask("/outcome", {**right, **body} if body else body)
    assert refused.status_code == 422
    assert [(each["code"], each["field"]) for each in refused.json()["problems"]] == problems
    assert "CANARY" not in refused.text


def reports(site: RecordedSite, *stated: tuple[str, bool, int | None], number: str = "") -> list[int]:
    """Report outcomes of one answer one after the other; list the statuses."""
    number = number or site.ask("/risk", PATIENT).json()["prediction_id"]
    return [
        site.ask(
            "/outcome", {"prediction_id": number, "outcome": name, "happened": happened, "day": day}
        ).status_code
        for name, happened, day in stated
    ]


def test_a_report_that_contradicts_another_is_refused(site: RecordedSite) -> None:
    """By field, with the outcome of the other report and never what was reported; nothing is written."""
    number = site.ask("/risk", PATIENT).json()["prediction_id"]
    assert reports(site, ("relapse", True, 100), number=number) == [200]
    before = len(site.rows("outcome"))
    counted = site.counted('cart_outcomes_bodies_refused_total{reason="contradicts_report"}')
    report = {"prediction_id": number, "outcome": "death_without_relapse", "happened": True, "day": 150}
    refused = site.ask("/outcome", report)
    assert (refused.status_code, refused.json()) == (
        409,
        {
            "error": "the report contradicts earlier reports about this answer",
            "problems": [
                {
                    "code": "contradicts_report",
                    "field": "happened",
                    "message": "happened contradicts the last report of relapse; correct this report, or "
                    "first report relapse again",
                }
            ],
        },
    )
    assert len(site.rows("outcome")) == before
    assert site.counted('cart_outcomes_bodies_refused_total{reason="contradicts_report"}') == counted + 1
    assert site.kept.verified().broken is None


@pytest.mark.parametrize(
    "stated",
    [
        [("severe_crs", True, 4), ("crs_grade_2_or_higher", False, 30)],
        [("death_without_relapse", True, 150), ("death", False, 400)],
        [("relapse", False, 400), ("death_without_relapse", False, 400), ("death", True, 150)],
    ],
)
def test_reports_cannot_contradict_each_other_in_any_order(
    site: RecordedSite, stated: list[tuple[str, bool, int | None]]
) -> None:
    """The last of them is refused; of another answer all are accepted."""
    for order in (stated, stated[::-1]):
        assert reports(site, *order) == [*[200] * (len(stated) - 1), 409]
    for each in stated:
        assert reports(site, each) == [200]


def test_wrong_reports_are_corrected_one_after_the_other(site: RecordedSite) -> None:
    """The documented way: first the wrong one, without a day where it is not known what is right."""
    assert reports(
        site,
        ("relapse", True, 100),
        ("death", True, 150),
        ("death_without_relapse", True, 150),
        ("relapse", False, 150),
        ("death_without_relapse", True, 150),
        ("relapse", True, 100),
        ("death_without_relapse", False, None),
        ("relapse", True, 100),
    ) == [200, 200, 409, 200, 200, 409, 200, 200]


def test_other_methods_are_refused(site: RecordedSite) -> None:
    """Outcomes are reported, never read here."""
    refused = site.client.get("/outcome")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
