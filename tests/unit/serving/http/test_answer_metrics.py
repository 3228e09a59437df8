"""Counts wait for a moment and are then written, whatever becomes of the loop that planned it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from serving.answers.stated import AnswerKind
from serving.http import answer_metrics
from serving.http.answer_metrics import AnswerCounts
from tests import virtual_time

KIND = AnswerKind(("relapse",), ("sex",), ("rare_option",))
ANSWER = SimpleNamespace(kinds=lambda: [KIND, KIND])


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str], int]]:
    """Keep what is written: name of the counter, labels, number."""
    kept: list[tuple[str, dict[str, str], int]] = []

    def counter(name: str) -> SimpleNamespace:
        def labels(**stated: str) -> SimpleNamespace:
            return SimpleNamespace(inc=lambda number: kept.append((name, stated, number)))

        return SimpleNamespace(inc=lambda number: kept.append((name, {}, number)), labels=labels)

    names = ("patients", "answers", "warnings", "fields", "bodies")
    monkeypatch.setattr(answer_metrics, "_metrics", lambda: tuple(counter(name) for name in names))
    monkeypatch.setattr(answer_metrics, "WRITTEN_WITHIN_SECONDS", 0.01)
    return kept


def test_equal_answers_are_written_together(written: list[tuple[str, dict[str, str], int]]) -> None:
    """After the time, without another request."""

    async def answered() -> None:
        counts = AnswerCounts()
        counts.add("7", [ANSWER])
        counts.add("7", [ANSWER])
        assert not written
        await asyncio.sleep(0.1)

    virtual_time.run(answered())
    assert written == [
        ("patients", {}, 4),
        ("answers", {"outcome": "relapse", "version": "7"}, 4),
        ("warnings", {"code": "rare_option"}, 4),
        ("fields", {"field": "sex"}, 4),
    ]


def test_a_further_warning_is_counted(written: list[tuple[str, dict[str, str], int]]) -> None:
    """Beside the answer's own."""

    async def answered() -> None:
        counts = AnswerCounts()
        counts.add("7", [ANSWER], ("not_recorded",))
        counts.write()

    virtual_time.run(answered())
    assert [stated["code"] for name, stated, _ in written if name == "warnings"] == [
        "rare_option",
        "not_recorded",
    ]


def test_a_loop_that_ended_keeps_nothing_back(written: list[tuple[str, dict[str, str], int]]) -> None:
    """What it had planned is planned again with the next answer."""
    counts = AnswerCounts()

    async def answered(seconds: float) -> None:
        counts.add("7", [ANSWER])
        await asyncio.sleep(seconds)

    virtual_time.run(answered(0))
    virtual_time.run(answered(0.1))
    assert written[0] == ("patients", {}, 4)
