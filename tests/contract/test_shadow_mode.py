"""Shadow mode: answers are computed and recorded, and nothing that is sent says what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.bundles import PATIENT
from tests.recorded_site import RecordedSite, recorded_site

SHADOW = "shadow = true\n"
ANSWERED = "cart_outcomes_answered_patients_total"
OPTIONS = {"patient": PATIENT, "options": [{"dose_1e6_per_kg": 0.3}, {"product": "obecabtagene"}]}
OTHER = {**PATIENT, "age_years": 66, "marrow_blasts_pct": 3, "ferritin_ug_l": 90, "event_free_on_day": 60}
SHOWN = {"prediction_id", "bundle", "shadow", "recorded"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedSite]:
    """Run a service in its silent phase."""
    with recorded_site(tmp_path_factory.mktemp("shadow"), more=SHADOW) as it:
        yield it


def answers_of(site: RecordedSite, path: str, body: Any, **asked: Any) -> list[dict[str, Any]]:
    """Ask, and list the answers."""
    response = site.ask(path, body, **asked)
    assert response.status_code == 200
    stated = [json.loads(line) for line in response.text.splitlines()]
    return [each for one in stated for each in one.get("answers", [one])]


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/risk", PATIENT, {}),
        ("/risk", {**PATIENT, "detail": "risk"}, {}),
        ("/risk/batch", {"patients": [PATIENT, OTHER]}, {}),
        ("/risk/batch", {"patients": [PATIENT, OTHER]}, {"accept": "application/x-ndjson"}),
        ("/risk/options", OPTIONS, {}),
    ],
)
def test_an_answer_says_nothing_but_its_name(
    site: RecordedSite, path: str, body: Any, headers: dict[str, str]
) -> None:
    """On every path; the record has the risks, and that they were not shown; counted like any other."""
    before, counted = len(site.rows()), site.counted(ANSWERED)
    answers = answers_of(site, path, body, **headers)
    rows = site.rows()[before:]
    assert all(set(each) == SHOWN and each["shadow"] and each["recorded"] for each in answers)
    assert {each["prediction_id"] for each in answers} <= {row["prediction_id"] for row in rows}
    assert all(row["risks"] and row["shown"] is False for row in rows)
    assert site.counted(ANSWERED) == counted + len(rows)


def test_two_patients_have_the_same_answer(site: RecordedSite) -> None:
    """Byte by byte, headers included, but for its name and what differs from any answer to any other."""
    first, second = (site.ask("/risk", patient) for patient in (PATIENT, OTHER))
    ids = [response.json()["prediction_id"] for response in (first, second)]
    assert first.text.replace(ids[0], "") == second.text.replace(ids[1], "")
    assert dict(first.headers) == dict(second.headers)


def test_typing_is_neither_recorded_nor_shown(site: RecordedSite) -> None:
    """The page learns only that the values can be used."""
    before = len(site.rows())
    (answer,) = answers_of(site, "/risk", PATIENT, use="typing")
    assert (answer["shadow"], answer["recorded"]) == (True, False)
    assert len(site.rows()) == before
    assert site.ask("/risk", {**PATIENT, "age_years": 300}, use="typing").status_code == 422


def test_outcomes_are_attached_as_ever(site: RecordedSite) -> None:
    """By the identifier that is shown."""
    (answer,) = answers_of(site, "/risk", PATIENT)
    body = {"prediction_id": answer["prediction_id"], "outcome": "severe_crs", "happened": True, "day": 3}
    assert site.ask("/outcome", body).json() == {"recorded": True}


def test_the_interface_describes_what_is_sent(site: RecordedSite) -> None:
    """No schema of an answer with risks is left in it."""
    document = site.client.get("/docs.json").json()
    schemas = document["components"]["schemas"]
    for name, body in (("ShadowAnswer", PATIENT), ("ShadowBatch", None)):
        answer = site.ask("/risk", body) if body else site.ask("/risk/batch", {"patients": [PATIENT]})
        jsonschema.validate(
            answer.json(), {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        )
    assert not {"Answer", "NumbersAnswer", "BatchAnswer", "OptionsAnswer"} & schemas.keys()
    assert "shadow mode" in schemas["ShadowAnswer"]["description"]


def test_pages_and_form_say_it(site: RecordedSite) -> None:
    """The form for the page; the page about the interface for people."""
    assert site.client.get("/form").json()["record"] == {"kept": True, "shadow": True}
    assert "ShadowAnswer" in site.client.get("/docs").text
