"""A batch is worked on in steps, in a thread, and no longer than somebody waits for it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from features.predictors import predictors
from serving.answers.scorer import Scorer
from serving.answers.stated import AnswerKind
from serving.http.batches import PATIENTS_AT_ONCE as AT_ONCE
from serving.http.batches import Batches
from serving.http.recording import Recording
from serving.model.bundle import Bundle
from serving.model.missing_costs import narrowing
from tests.bundles import make_bundle, patients

PATIENTS_AT_ONCE = AT_ONCE["all"]

ENTRY = Recording().entry("batch", make_bundle())
"""Without a record."""


@dataclass(frozen=True)
class Named:
    """An answer that is its identifier."""

    prediction_id: str

    def kinds(self) -> list[AnswerKind]:
        """State nothing that is counted."""
        return []

    def json(self) -> bytes:
        """Write it."""
        return json.dumps({"prediction_id": self.prediction_id}).encode()


class SlowScorer:
    """Answers when it is let go, and remembers what it was asked."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.go_on = threading.Event()
        self.started = threading.Event()

    def answered(self, rows: Sequence[Mapping[str, Any]], *, detail: str) -> list[Named]:
        """Wait, then name the rows."""
        self.steps.append(len(rows))
        self.started.set()
        assert self.go_on.wait(20)
        return [Named(str(row["place"])) for row in rows]


def rows(number: int) -> list[dict[str, Any]]:
    return [{"place": place} for place in range(number)]


def test_a_batch_is_answered_in_steps_and_in_order() -> None:
    """As one document."""
    scorer = SlowScorer()
    scorer.go_on.set()
    number = 2 * PATIENTS_AT_ONCE + 3
    answered = asyncio.run(Batches().answer(cast(Scorer, scorer), rows(number), ENTRY))
    assert scorer.steps == [PATIENTS_AT_ONCE, PATIENTS_AT_ONCE, 3]
    assert answered.prediction_ids == tuple(str(place) for place in range(number))
    assert json.loads(b"".join(answered.parts)) == {
        "answers": [{"prediction_id": str(place)} for place in range(number)]
    }


def test_an_abandoned_batch_ends_after_its_step() -> None:
    """However many were to come."""
    scorer = SlowScorer()

    async def abandoned() -> None:
        batches = Batches()
        work = asyncio.ensure_future(
            batches.answer(cast(Scorer, scorer), rows(100 * PATIENTS_AT_ONCE), ENTRY)
        )
        await asyncio.to_thread(scorer.started.wait, 20)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        scorer.go_on.set()
        # The next batch finds the thread free.
        await batches.answer(cast(Scorer, scorer), rows(1), ENTRY)

    asyncio.run(abandoned())
    assert scorer.steps == [PATIENTS_AT_ONCE, 1]


def test_the_event_loop_goes_on_during_a_step() -> None:
    """Others are answered while a batch is in work."""
    scorer = SlowScorer()

    async def beside() -> bool:
        work = asyncio.ensure_future(Batches().answer(cast(Scorer, scorer), rows(3), ENTRY))
        await asyncio.to_thread(scorer.started.wait, 20)
        for _ in range(100):
            await asyncio.sleep(0)
        free = not work.done()
        scorer.go_on.set()
        await work
        return free

    assert asyncio.run(beside())


def test_two_batches_take_turns() -> None:
    """A small one does not wait for the end of a large one."""
    scorer = SlowScorer()
    scorer.go_on.set()

    async def both() -> list[int]:
        batches = Batches()
        large = asyncio.ensure_future(
            batches.answer(cast(Scorer, scorer), rows(20 * PATIENTS_AT_ONCE), ENTRY)
        )
        await asyncio.sleep(0)
        await batches.answer(cast(Scorer, scorer), rows(2), ENTRY)
        await large
        return scorer.steps

    steps = asyncio.run(both())
    assert 2 in steps[:-2]


def test_what_is_computed_once_is_the_same(bundle: Bundle) -> None:
    """Interval and cost of missing values from replicates that are known already, to the last bit."""
    columns = predictors(patients(7, np.random.default_rng(3)))
    for model in bundle.models.values():
        known = model.replicate_log_odds(columns)
        for alone, shared in zip(
            model.interval(columns), model.interval(columns, replicate_log_odds=known), strict=True
        ):
            np.testing.assert_array_equal(alone, shared)
        np.testing.assert_array_equal(
            narrowing(model, columns), narrowing(model, columns, replicate_log_odds=known)
        )
