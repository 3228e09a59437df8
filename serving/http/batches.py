"""Answering a batch in small steps, in a thread of its own, so that others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from serving.answers.scorer import Scorer

PATIENTS_AT_ONCE = 10
"""Patients of one step; work that nobody waits for ends after the step."""


@dataclass(frozen=True)
class BatchContent:
    """The answers of a batch, ready to be sent.

    Attributes
    ----------
    prediction_ids : tuple of str
        In the order of the patients.
    content : bytes
        A `BatchAnswer` as JSON.
    """

    prediction_ids: tuple[str, ...]
    content: bytes


class Batches:
    """One thread for all batches; their steps take turns."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batches")

    async def answer(self, scorer: Scorer, rows: Sequence[Mapping[str, Any]]) -> BatchContent:
        """Answer for patients.

        Parameters
        ----------
        scorer : Scorer
        rows : sequence of mapping
            Checked values by column of `Patient`.

        Returns
        -------
        content : BatchContent

        Raises
        ------
        asyncio.CancelledError
            If the work is cancelled; no further step begins.
        """
        loop = asyncio.get_running_loop()
        steps = []
        for first in range(0, len(rows), PATIENTS_AT_ONCE):
            step = rows[first : first + PATIENTS_AT_ONCE]
            steps.append(await loop.run_in_executor(self._thread, _answered, scorer, step))
        content = b'{"answers":[' + b",".join(step.content for step in steps) + b"]}"
        return BatchContent(tuple(one for step in steps for one in step.prediction_ids), content)

    def close(self) -> None:
        """End the thread after its step."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _answered(scorer: Scorer, rows: Sequence[Mapping[str, Any]]) -> BatchContent:
    answers = scorer.as_json(rows)
    return BatchContent(
        tuple(prediction_id for prediction_id, _ in answers), b",".join(content for _, content in answers)
    )
