"""Questions that arrive together are answered in one call of the scorer: the same answers, in less time.

Half of the time of a call is the same for one patient and for many. Nothing waits for a question that has not
arrived yet: what is read in one turn of the event loop is answered in the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from features.short_repr import ShortRepr
from serving.answers.answered import Answered
from serving.answers.question import Detail
from serving.answers.scorer import Scorer

MOST_AT_ONCE = 16
"""Questions of one call; more would keep the first of them waiting for the others."""


@dataclass(eq=False, repr=False)
class _Waiting(ShortRepr):
    """A question that waits, then its answer, or why there is none."""

    scorer: Scorer
    row: Mapping[str, Any]
    detail: Detail
    outcome: Answered | Exception | None = field(default=None)

    def joins(self, other: _Waiting) -> bool:
        """Whether both are questions to the same model, answered in the same form."""
        return self.scorer is other.scorer and self.detail == other.detail


class JoinedQuestions:
    """The questions of one event loop."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    async def answered(self, scorer: Scorer, row: Mapping[str, Any], *, detail: Detail) -> Answered:
        """Answer a question, together with those that have arrived by the next turn of the event loop.

        Parameters
        ----------
        scorer : Scorer
            Only questions to the same one are answered together.
        row : mapping
            As `Scorer.answered` takes it.
        detail : Detail

        Returns
        -------
        answered : Answered
            As `Scorer.answered` gives it for this question alone. A question that cannot be answered takes
            no other one with it.
        """
        own = _Waiting(scorer, row, detail)
        self._waiting.append(own)
        try:
            await asyncio.sleep(0)
            if own.outcome is None:
                _answer([own, *self._others(own)])
        finally:
            if own in self._waiting:
                self._waiting.remove(own)
        if isinstance(own.outcome, Exception):
            raise own.outcome
        assert own.outcome is not None
        return own.outcome

    def _others(self, own: _Waiting) -> list[_Waiting]:
        """Take the questions that are answered together with one."""
        self._waiting.remove(own)
        others = [each for each in self._waiting if each.joins(own)][: MOST_AT_ONCE - 1]
        for each in others:
            self._waiting.remove(each)
        return others


def _answer(together: Sequence[_Waiting]) -> None:
    """Answer questions in one call; one by one, if that fails."""
    first = together[0]
    try:
        answers: Sequence[Answered | Exception] = first.scorer.answered(
            [each.row for each in together], detail=first.detail
        )
    except Exception as error:
        answers = [error] if len(together) == 1 else [_alone(each) for each in together]
    for each, outcome in zip(together, answers, strict=True):
        each.outcome = outcome


def _alone(question: _Waiting) -> Answered | Exception:
    try:
        (answered,) = question.scorer.answered([question.row], detail=question.detail)
    except Exception as error:
        return error
    return answered
