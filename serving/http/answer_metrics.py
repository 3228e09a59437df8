"""What is answered and refused, for `/metrics`: counts by outcome, version, code and field, without a value.

An answer has dozens of counts. They are added up in memory and written together, at the latest after
`WRITTEN_WITHIN_SECONDS`, so that counting costs an answer next to nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any, Protocol, get_args

from features.field import specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from serving.answers.schema import Caution
from serving.answers.stated import AnswerKind
from serving.http.body_problems import RequestProblem

WRITTEN_WITHIN_SECONDS = 1.0

NOT_JSON = "not_json"
"""Reason of a body that is no JSON document; all other reasons are codes of problems."""

WARNING_CODES: tuple[str, ...] = get_args(Caution.model_fields["code"].annotation)

COUNTED_FIELDS = tuple(name for name in specs(Patient) if name not in DOSE_INPUTS)
"""Fields that can be missing."""


class CountedAnswer(Protocol):
    """An answer that states what is counted of it."""

    def kinds(self) -> Iterable[AnswerKind]:
        """State it, one entry for each patient or option."""


class AnswerCounts:
    """The answers of this process that are not in `/metrics` yet; used in its event loop only."""

    def __init__(self) -> None:
        self._waiting: Counter[tuple[str, AnswerKind]] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        """Where the next writing is planned."""

    def add(self, version: str, answers: Iterable[CountedAnswer], further: Iterable[str] = ()) -> None:
        """Count answers that are sent.

        Parameters
        ----------
        version : str
            Of the model that answered.
        answers : iterable of CountedAnswer
        further : iterable of str
            Codes of warnings that each patient's answer has beside its own.
        """
        added = tuple(further)
        for answer in answers:
            for kind in answer.kinds():
                self._waiting[version, kind._replace(warnings=kind.warnings + added) if added else kind] += 1
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(WRITTEN_WITHIN_SECONDS, self.write)

    def write(self) -> None:
        """Write what waits."""
        waiting, self._waiting, self._loop = self._waiting, Counter(), None
        patients, answers, warnings, fields, _ = _metrics()
        for (version, kind), number in waiting.items():
            patients.inc(number)
            for outcome in kind.outcomes:
                answers.labels(outcome=outcome, version=version).inc(number)
            for code in kind.warnings:
                warnings.labels(code=code).inc(number)
            for field in kind.missing:
                fields.labels(field=field).inc(number)


answer_counts = AnswerCounts()
"""Of this process."""


def count_refused_body(problems: Iterable[RequestProblem] = ()) -> None:
    """Count a refused body once for each reason; without problems it is no JSON document."""
    for reason in {str(problem.code) for problem in problems} or {NOT_JSON}:
        _metrics()[4].labels(reason=reason).inc()


def begin_answer_counts() -> None:
    """Begin with 0, so that the first count is seen as a rise."""
    _, _, warnings, fields, _ = _metrics()
    for code in WARNING_CODES:
        warnings.labels(code=code)
    for field in COUNTED_FIELDS:
        fields.labels(field=field)


@cache
def _metrics() -> tuple[Any, Any, Any, Any, Any]:
    # BentoML sets the folder of the counters after this module is imported.
    from prometheus_client import Counter as Count

    return (
        Count("cart_outcomes_answered_patients", "Patients answered; each option of a comparison is one"),
        Count("cart_outcomes_answers", "Answers sent, by outcome and version", ["outcome", "version"]),
        Count("cart_outcomes_warnings", "Answered patients with a warning, by its code", ["code"]),
        Count("cart_outcomes_missing_fields", "Answered patients without a value, by field", ["field"]),
        Count("cart_outcomes_bodies_refused", "Refused bodies, once for each kind of problem", ["reason"]),
    )
