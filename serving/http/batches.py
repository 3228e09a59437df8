"""Answering a batch in small steps, in a thread of its own, so that others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from serving.answers.answered import Answered
from serving.answers.question import Detail
from serving.answers.scorer import Scorer
from serving.http.recording import Entry

PATIENTS_AT_ONCE: Mapping[Detail, int] = {"all": 3, "risk": 15}
"""Patients of one step, by how much is stated; work that nobody waits for ends after the step. A step keeps
the interpreter for moments that grow with its patients, and a single question beside it waits for them."""


@dataclass(frozen=True)
class BatchContent:
    """The answers of a batch, ready to be sent.

    Attributes
    ----------
    prediction_ids : tuple of str
        In the order of the patients.
    parts : tuple of bytes
        One after the other a `BatchAnswer` as JSON, or lines of JSON. They are never put together: copying
        the megabytes of a large batch takes milliseconds in which nobody is answered.
    """

    prediction_ids: tuple[str, ...]
    parts: tuple[bytes, ...]


@dataclass(frozen=True)
class _Step:
    """Identifiers and JSON of the answers of some patients."""

    prediction_ids: tuple[str, ...]
    answers: tuple[bytes, ...]


class Batches:
    """One thread for all batches; their steps take turns."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batches")

    async def answer(
        self, scorer: Scorer, rows: Sequence[Mapping[str, Any]], entry: Entry, *, detail: Detail = "all"
    ) -> BatchContent:
        """Answer for patients.

        Parameters
        ----------
        scorer : Scorer
        rows : sequence of mapping
            Checked values by column of `Patient`.
        entry : Entry
            How the answers are recorded and shown.
        detail : Detail
            How much is stated of each patient.

        Returns
        -------
        content : BatchContent

        Raises
        ------
        asyncio.CancelledError
            If the work is cancelled; no further step begins.
        Refusal
            If an answer must not leave without a record; those of earlier steps are recorded.
        """
        steps = [step async for step in self._steps(scorer, rows, entry, detail)]
        answers = [b",".join(step.answers) for step in steps]
        parts = (b'{"answers":[' + answers[0], *(b"," + each for each in answers[1:]), b"]}")
        return BatchContent(tuple(one for step in steps for one in step.prediction_ids), parts)

    async def lines(
        self, scorer: Scorer, rows: Sequence[Mapping[str, Any]], entry: Entry, *, detail: Detail = "all"
    ) -> AsyncIterator[BatchContent]:
        """Answer for patients step by step, as lines of JSON; no step begins when nobody reads on.

        Parameters
        ----------
        scorer, rows, entry, detail
            As for `answer`.

        Yields
        ------
        content : BatchContent
            Of one step: an answer a line.
        """
        async for step in self._steps(scorer, rows, entry, detail):
            yield BatchContent(step.prediction_ids, (b"".join(each + b"\n" for each in step.answers),))

    async def _steps(
        self, scorer: Scorer, rows: Sequence[Mapping[str, Any]], entry: Entry, detail: Detail
    ) -> AsyncIterator[_Step]:
        loop, size = asyncio.get_running_loop(), PATIENTS_AT_ONCE[detail]
        for first in range(0, len(rows), size):
            step = rows[first : first + size]
            answers, texts = await loop.run_in_executor(self._thread, _written, scorer, step, entry, detail)
            recorded = await entry.recorded(answers, texts)
            yield _Step(tuple(each.prediction_id for each in answers), tuple(recorded))

    def close(self) -> None:
        """End the thread after its step."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _written(
    scorer: Scorer, rows: Sequence[Mapping[str, Any]], entry: Entry, detail: Detail
) -> tuple[list[Answered], list[bytes]]:
    answers = scorer.answered(rows, detail=detail)
    return answers, [entry.text(each) for each in answers]
