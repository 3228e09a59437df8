"""Answers and outcomes as events, and what their representations show."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from serving.record.answer_row import AnswerRow
from serving.record.events import answer_event, outcome_event
from serving.record.keys import record_key
from tests.kept_answers import answer, outcome

KEY = record_key(b"0123456789abcdef0123456789abcdef")


def test_what_depends_on_the_patient_can_be_erased() -> None:
    """The fixed part names the caller, the model and the use."""
    event = answer_event(answer(), KEY)
    assert json.loads(event.fixed) == {
        "answered_at": "2026-03-02T08:30:00.000000Z",
        "caller": "key:1a2b3c4d",
        "digest": "9f" * 32,
        "origin": "api",
        "shown": True,
        "use": "answer",
        "version": "7",
    }
    content = json.loads(event.content or "")
    assert set(content) == {"inputs", "missing", "risks", "warnings"}
    assert content["risks"][1] == ["relapse", 365, 0.4, 0.25, 0.55]
    assert event.record_key == "key-of-p-1"


def test_equal_answers_have_their_own_salt() -> None:
    """Otherwise equal digests would show equal content after an erasure."""
    first, second = answer_event(answer(), KEY), answer_event(answer(), KEY)
    assert first.content == second.content
    assert first.salt != second.salt
    assert len(first.salt or "") == 32


def test_an_outcome_is_erased_with_its_answer() -> None:
    event = outcome_event(outcome(), "key-of-p-1")
    assert event.record_key == "key-of-p-1"
    assert json.loads(event.content or "") == {"day": 4, "happened": True, "outcome": "severe_crs"}
    assert "severe_crs" not in event.fixed


@pytest.mark.parametrize("record_key", ["", "Jane Doe", "é", "a" * 65, "a\n", "a/b"])
def test_a_record_key_is_opaque_text(record_key: str) -> None:
    """No spaces, accents or line ends; the message does not repeat it."""
    with pytest.raises(ValueError, match="record_key must have 1 to 64 letters") as caught:
        answer(record_key=record_key)
    assert not record_key or record_key not in str(caught.value).split("must")[0]


def test_a_time_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="must have a time zone"):
        AnswerRow("p", datetime(2026, 1, 1), "", "api", "7", "9f", {})


def test_representations_have_no_value() -> None:
    """Neither risks, nor fields, nor the record key, nor what happened."""
    shown = repr(answer()) + repr(answer().risks) + repr(outcome())
    words = ("0.123", "812.5", "key-of", "happened", "9f9f", "key:")
    assert [word for word in words if word in shown] == []
