"""Questions that arrive together are answered in one call, each as it would be alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pytest

from serving.answers.answered import Answered
from serving.answers.question import Detail
from serving.answers.scorer import Scorer
from serving.http.joined_questions import MOST_AT_ONCE, JoinedQuestions
from tests.bundles import make_bundle, patients

PREDICTION_ID = re.compile(rb'"prediction_id":"[^"]+"')


class Counting:
    """A scorer that remembers how many questions each call had, and cannot answer some of them."""

    def __init__(self, scorer: Scorer | None = None, *, refused: Sequence[object] = ()) -> None:
        self.calls: list[int] = []
        self._scorer = scorer
        self._refused = refused

    def answered(self, rows: Sequence[Mapping[str, Any]], *, detail: Detail) -> list[Answered]:
        """Answer."""
        self.calls.append(len(rows))
        for row in rows:
            if row.get("place") in self._refused:
                raise ValueError(row["place"])
        if self._scorer is None:
            return cast("list[Answered]", [row["place"] for row in rows])
        return self._scorer.answered(rows, detail=detail)


def places(n: int) -> list[dict[str, Any]]:
    return [{"place": place} for place in range(n)]


def ask(scorer: Counting, rows: Sequence[Mapping[str, Any]], details: Sequence[Detail] = ()) -> list[Any]:
    """Ask all questions at once; give the answers, and why there is none."""

    async def all_at_once() -> list[Any]:
        joined = JoinedQuestions()
        asked = cast(Scorer, scorer)
        return await asyncio.gather(
            *(
                joined.answered(asked, row, detail=detail)
                for row, detail in zip(rows, details or ["all"] * len(rows), strict=True)
            ),
            return_exceptions=True,
        )

    return asyncio.run(all_at_once())


def test_each_answer_is_that_of_the_question_alone() -> None:
    """To the last byte, but for its identifier."""
    scorer = Scorer(make_bundle())
    rows = patients(7, np.random.default_rng(2), missing=0.4)
    counting = Counting(scorer)
    together = [PREDICTION_ID.sub(b"", each.json()) for each in ask(counting, rows)]
    alone = [PREDICTION_ID.sub(b"", scorer.answered([row])[0].json()) for row in rows]
    assert together == alone
    assert counting.calls == [7]


def test_a_call_has_a_largest_number_of_questions() -> None:
    """Each question has its own answer, in as few calls as that allows."""
    counting = Counting()
    assert ask(counting, places(2 * MOST_AT_ONCE + 3)) == list(range(2 * MOST_AT_ONCE + 3))
    assert counting.calls == [MOST_AT_ONCE, MOST_AT_ONCE, 3]


def test_answers_in_another_form_are_another_call() -> None:
    """Numbers alone, or everything."""
    counting = Counting()
    assert ask(counting, places(5), ["all", "risk", "all", "risk", "risk"]) == list(range(5))
    assert counting.calls == [2, 3]


def test_questions_to_two_models_are_two_calls() -> None:
    """During a release."""
    first, second = Counting(), Counting()

    async def asked() -> list[Answered]:
        joined = JoinedQuestions()
        return await asyncio.gather(
            *(
                joined.answered(cast(Scorer, scorer), row, detail="all")
                for scorer, row in zip((first, second, first), places(3), strict=True)
            )
        )

    assert cast("list[Any]", asyncio.run(asked())) == [0, 1, 2]
    assert (first.calls, second.calls) == ([2], [1])


def test_a_question_that_fails_fails_alone() -> None:
    """The others have their answers."""
    counting = Counting(refused=[1])
    first, failed, last = ask(counting, places(3))
    assert (first, last) == (0, 2)
    assert isinstance(failed, ValueError)
    assert counting.calls == [3, 1, 1, 1]


def test_a_question_alone_fails_once() -> None:
    """It is not asked again."""
    counting = Counting(refused=[0])
    (failed,) = ask(counting, places(1))
    assert isinstance(failed, ValueError)
    assert counting.calls == [1]


def test_a_question_that_is_given_up_is_not_answered() -> None:
    """The others are."""
    counting = Counting()

    async def one_leaves() -> list[Any]:
        joined = JoinedQuestions()
        asked = [
            asyncio.ensure_future(joined.answered(cast(Scorer, counting), row, detail="all"))
            for row in places(3)
        ]
        await asyncio.sleep(0)
        asked[1].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    first, left, last = asyncio.run(one_leaves())
    assert (first, last) == (0, 2)
    assert isinstance(left, asyncio.CancelledError)


@pytest.mark.parametrize("n", [1, 3])
def test_nothing_waits_for_later_questions(n: int) -> None:
    """Questions of the next turn are another call."""
    counting = Counting()

    async def one_after_another() -> None:
        joined = JoinedQuestions()
        for row in places(n):
            await joined.answered(cast(Scorer, counting), row, detail="all")

    asyncio.run(one_after_another())
    assert counting.calls == [1] * n
