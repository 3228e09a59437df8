"""One answer before it is written out: its numbers as numbers, and its text when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.short_repr import ShortRepr
from serving.answers.question import RECORD_KEY, inputs_of
from serving.answers.schema import Caution
from serving.answers.stated import AnswerKind, Stated, StatedRisk, missing_fields
from serving.model.outcome_risks import OutcomeRisks

Text = Callable[[Sequence[Caution]], bytes]
"""Writes an answer as JSON with these warnings."""


@dataclass(frozen=True, repr=False)
class Answered(ShortRepr):
    """An answer for one patient.

    Attributes
    ----------
    prediction_id : str
    question : mapping
        Values of a `serving.answers.question.Question` by name.
    values : mapping
        Values by column of `Patient` as the model reads them, None where not known.
    risks : mapping of str to OutcomeRisks
        By outcome, of all patients of one call.
    position : int
        Of this patient among them.
    cautions : tuple of Caution
        Warnings of the answer.
    text : callable
        Writes the answer.
    """

    prediction_id: str
    question: Mapping[str, Any]
    values: Mapping[str, Any]
    risks: Mapping[str, OutcomeRisks]
    position: int
    cautions: tuple[Caution, ...]
    text: Text

    @property
    def record_key(self) -> str | None:
        """Text of the site under which the answer is recorded."""
        return self.question.get(RECORD_KEY)

    def stated(self) -> Iterator[Stated]:
        """State the answer as numbers and codes: one entry."""
        yield Stated(
            prediction_id=self.prediction_id,
            inputs=inputs_of(self.question),
            missing=tuple(missing_fields(self.values)),
            risks=tuple(self._risks()),
            warnings=tuple(dict.fromkeys(each.code for each in self.cautions)),
        )

    def kinds(self) -> Iterator[AnswerKind]:
        """State what is counted of the answer: one entry."""
        warnings = dict.fromkeys(each.code for each in self.cautions)
        yield AnswerKind(tuple(self.risks), tuple(missing_fields(self.values)), tuple(warnings))

    def json(self, *further: Caution) -> bytes:
        """Write the answer; further warnings follow its own."""
        return self.text((*self.cautions, *further))

    def _risks(self) -> Iterator[StatedRisk]:
        for name, risks in self.risks.items():
            ends = (each[self.position].tolist() for each in (risks.risk, risks.low, risks.high))
            for days, *risk in zip(risks.horizons_days, *ends, strict=True):
                yield StatedRisk(name, days, *risk)
