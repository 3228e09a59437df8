"""A record that cannot be written: answers are refused, or leave with a warning where the site allows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from serving.http.recording import not_written
from serving.identity.private_file import SettingsError
from tests.bundles import PATIENT
from tests.recorded_site import RecordedSite, recorded_site

ALARM = 'policy = "answer_and_alarm"\n'
WARNED = 'cart_outcomes_warnings_total{code="not_recorded"}'
OPTIONS = {"patient": PATIENT, "options": [{"dose_1e6_per_kg": 0.3}]}
BODIES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("/risk", PATIENT, {}),
    ("/risk", {**PATIENT, "detail": "risk"}, {}),
    ("/risk/batch", {"patients": [PATIENT] * 2}, {}),
    ("/risk/batch", {"patients": [PATIENT] * 2}, {"accept": "application/x-ndjson"}),
    ("/risk/options", OPTIONS, {}),
]
PATIENTS = 8
"""Of all of these bodies, the option of the comparison included."""

FOLDER = "disk"
ANSWERED = "cart_outcomes_answered_patients_total"


@contextmanager
def without_its_disk(folder: Path, more: str = "") -> Iterator[RecordedSite]:
    """Run a service whose record is in a folder that does not exist."""
    with recorded_site(folder, address=f"{FOLDER}/record.db", more=more) as site:
        yield site


def warnings_of(answer: dict[str, Any]) -> list[str]:
    """List the codes of an answer, wherever they are."""
    answers = answer.get("answers", [answer.get("base", answer)])
    return [each["code"] for one in answers for each in one["warnings"]]


def test_no_answer_leaves_without_its_record(tmp_path: Path, written: Callable[[], str]) -> None:
    """503 on every path, a line in the log, a counter; nothing of the patient. It recovers by itself."""
    with without_its_disk(tmp_path) as site:
        answered = site.counted(ANSWERED)
        for path, body, headers in BODIES:
            refused = site.ask(path, body, **headers)
            assert refused.status_code == 503
            assert refused.json() == {"error": not_written().error}
            assert refused.headers["retry-after"] == "5"
        assert site.counted("cart_outcomes_record_failures_total") >= len(BODIES)
        assert site.counted(ANSWERED) == answered
        assert "answers could not be recorded: " in written()
        assert not [part for part in ("62.5", "nonresponder") if part in written()]
        assert site.client.get("/").status_code == 200
        assert site.ask("/risk", PATIENT, use="typing").status_code == 200
        (tmp_path / FOLDER).mkdir()
        assert site.ask("/risk", PATIENT).status_code == 200
        assert len(site.rows()) == 1


@pytest.mark.parametrize("detail", ["all", "risk"])
def test_a_site_can_have_its_answers_all_the_same(
    tmp_path: Path, written: Callable[[], str], detail: str
) -> None:
    """Each with a warning, and an alarm in log and counters; with the record no warning."""
    with without_its_disk(tmp_path, ALARM) as site:
        before = site.counted("cart_outcomes_record_failures_total")
        warned = site.counted(WARNED)
        for path, body, headers in BODIES:
            asked = body if path == "/risk/options" else {**body, "detail": detail}
            response = site.ask(path, asked, **headers)
            assert response.status_code == 200
            answers = [json.loads(line) for line in response.text.splitlines()]
            for answer in answers:
                stated = warnings_of(answer)
                assert stated.count("not_recorded") == len(answer.get("answers", [0]))
        assert site.counted("cart_outcomes_record_failures_total") == before + len(BODIES)
        assert site.counted(WARNED) == warned + PATIENTS
        assert "answers could not be recorded: " in written()
        (tmp_path / FOLDER).mkdir()
        assert "not_recorded" not in warnings_of(site.ask("/risk", PATIENT).json())


def test_without_its_record_a_silent_service_answers_nothing(tmp_path: Path) -> None:
    """Under either policy: an answer that is neither shown nor recorded is none."""
    with without_its_disk(tmp_path, f"{ALARM}shadow = true\n") as site:
        assert site.ask("/risk", PATIENT).status_code == 503
        assert site.ask("/risk/batch", {"patients": [PATIENT]}).status_code == 503


def test_an_outcome_that_cannot_be_recorded_is_refused(tmp_path: Path) -> None:
    """Under either policy: the caller sends it again."""
    with without_its_disk(tmp_path, ALARM) as site:
        body = {
            "prediction_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "outcome": "relapse",
            "happened": False,
        }
        refused = site.ask("/outcome", body)
        assert (refused.status_code, refused.json()) == (503, {"error": not_written().error})


def test_a_record_that_cannot_be_used_does_not_start(tmp_path: Path) -> None:
    """Instead of a service that records nothing."""
    with pytest.raises(SettingsError, match="polisy"), recorded_site(tmp_path, more='polisy = "refuse"\n'):
        pass
