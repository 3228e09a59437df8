"""An answer waits for its rows, in blocks and one by one; a failure refuses the answer and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from serving.answers.scorer import Scorer
from serving.http.batch_lines import lines_response
from serving.http.batches import PATIENTS_AT_ONCE, Batches
from serving.http.error_response import Refusal
from serving.http.recording import Entry, Recording, environment_shadow
from serving.http.request_log import RequestRecord, current
from serving.record.answer_row import AnswerRow
from serving.record.record_error import RecordError
from serving.record.recorder import Recorder
from tests.bundles import PATIENT, make_bundle

BUNDLE = make_bundle()
SCORER = Scorer(BUNDLE)
STEP = PATIENTS_AT_ONCE["all"]


class Recorded(SimpleNamespace):
    """Remembers rows in place of a database; fails after so many calls."""

    policy, shadow = "refuse", False

    async def write(self, rows: Sequence[AnswerRow]) -> None:
        """Keep rows, or fail."""
        if len(self.calls) >= self.fails_after:
            message = "no database"
            raise RecordError(message)
        await asyncio.sleep(0)
        self.calls.append(list(rows))


def recorded(fails_after: int = 1000, **changed: Any) -> tuple[Recorded, Recording]:
    recorder = Recorded(calls=[], fails_after=fails_after, **changed)
    return recorder, Recording(cast(Recorder, recorder))


def patients(number: int) -> list[dict[str, Any]]:
    return [{**PATIENT, "age_years": 20 + place % 50, "record_key": f"k{place}"} for place in range(number)]


def test_without_a_record_an_answer_is_sent_as_it_is() -> None:
    """And nothing waits."""
    entry = Recording().entry("api", BUNDLE)
    (answer,) = SCORER.answered([PATIENT])
    text = entry.text(answer)
    assert asyncio.run(entry.recorded([answer], [text])) == [text]
    assert not Recording().shadow


def test_the_lines_of_a_block_wait_for_its_rows() -> None:
    """Of each block before it, no more rows are written than were read."""
    recorder, recording = recorded()

    async def read() -> list[tuple[int, int]]:
        batches, entry = Batches(), recording.entry("batch", BUNDLE)
        seen, lines = [], 0
        async for step in batches.lines(SCORER, patients(2 * STEP + 3), entry):
            lines += len(step.prediction_ids)
            seen.append((lines, sum(map(len, recorder.calls))))
        batches.close()
        return seen

    assert asyncio.run(read()) == [(STEP, STEP), (2 * STEP, 2 * STEP), (2 * STEP + 3, 2 * STEP + 3)]
    keys = [row.record_key for call in recorder.calls for row in call]
    assert keys == [f"k{place}" for place in range(2 * STEP + 3)]


def test_a_batch_whose_first_block_is_not_recorded_is_refused_before_it_begins() -> None:
    """With 503; of a later block the lines are missing, and the connection ends."""

    async def sent(fails_after: int) -> list[bytes]:
        _, recording = recorded(fails_after)
        batches, entry = Batches(), recording.entry("batch", BUNDLE)
        response = await lines_response(batches.lines(SCORER, patients(2 * STEP), entry))
        blocks = []
        try:
            async for block in response.body_iterator:
                blocks.append(cast(bytes, block))
        except Refusal:
            return blocks
        finally:
            batches.close()
        return blocks

    with pytest.raises(Refusal, match="cannot be written"):
        asyncio.run(sent(0))
    (first,) = asyncio.run(sent(1))
    assert len(first.splitlines()) == STEP


def test_an_alarm_adds_a_warning_and_keeps_the_identifier() -> None:
    """Of a whole answer and of numbers; without the alarm it is the same answer."""
    _, recording = recorded(0, policy="answer_and_alarm")
    entry = recording.entry("api", BUNDLE)
    for detail in ("all", "risk"):
        (answer,) = SCORER.answered([PATIENT], detail=cast(Any, detail))
        text = entry.text(answer)
        (noted,) = asyncio.run(entry.recorded([answer], [text]))
        before, after = json.loads(text), json.loads(noted)
        assert after.pop("warnings")[:-1] == before.pop("warnings")
        assert after == before


def test_a_row_shows_no_value() -> None:
    """Nor does what is made of it: representations end up in logs."""
    (answer,) = SCORER.answered([{**PATIENT, "record_key": "CANARY"}])
    (stated,) = answer.stated()
    comparison = SCORER.options({**PATIENT, "record_key": "CANARY"}, [{"dose_1e6_per_kg": 0.3}])
    shown = repr([answer, stated, *stated.risks[:1], comparison, *comparison.stated()])
    assert not [part for part in ("CANARY", "62.5", "nonresponder", "1200") if part in shown]


@pytest.mark.parametrize(
    ("kind", "use", "expected"),
    [
        ("", "typing", ("page", "typing", False)),
        ("proxy", "typing", ("page", "typing", False)),
        ("key", "typing", ("api", "answer", True)),
        ("token", "typing", ("api", "answer", True)),
        ("key", "printed", ("page", "printed", True)),
        ("proxy", None, ("api", "answer", True)),
    ],
)
def test_what_is_recorded_depends_on_use_and_caller(
    kind: str, use: str | None, expected: tuple[str, str, bool]
) -> None:
    """Typing is believed of persons only."""
    _, recording = recorded()
    remembered = current.set(RequestRecord(kind=kind, use=use))
    try:
        entry: Entry = recording.entry("api", BUNDLE)
    finally:
        current.reset(remembered)
    assert (entry.origin, entry.use, entry.recorder is not None) == expected


def test_shadow_mode_is_read_without_opening_the_record() -> None:
    """Off without settings."""
    assert environment_shadow({}) is False
