"""A comparison before it is written out, and what it states of each option."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.short_repr import ShortRepr
from serving.answers.options import ComparedOutcome, OptionsAnswer
from serving.answers.question import RECORD_KEY, inputs_of
from serving.answers.schema import Caution
from serving.answers.stated import AnswerKind, Stated, StatedRisk, missing_fields


@dataclass(frozen=True, repr=False)
class OptionsAnswered(ShortRepr):
    """A comparison.

    Attributes
    ----------
    answer : OptionsAnswer
    questions : tuple of mapping
        Values of a `serving.answers.question.Question` by name: as entered, then with each option.
    values : tuple of mapping
        The same as the model reads them, by column of `Patient`, None where not known.
    cautions : tuple of tuple of Caution
        All warnings of each.
    """

    answer: OptionsAnswer
    questions: tuple[Mapping[str, Any], ...]
    values: tuple[Mapping[str, Any], ...]
    cautions: tuple[tuple[Caution, ...], ...]

    @property
    def prediction_id(self) -> str:
        """Identifier of the comparison."""
        return self.answer.prediction_id

    @property
    def record_key(self) -> str | None:
        """Text of the site under which the comparison is recorded."""
        return self.questions[0].get(RECORD_KEY)

    def stated(self) -> Iterator[Stated]:
        """State each answer of the comparison as numbers and codes, that to the patient as entered first.

        An option has the identifier of the comparison with its number, counted from 1: "....1".
        """
        outcomes: list[Sequence[ComparedOutcome]] = [self.answer.base.outcomes]
        outcomes += [option.outcomes for option in self.answer.options]
        for number, (question, values, listed, risks) in enumerate(
            zip(self.questions, self.values, self.cautions, outcomes, strict=True)
        ):
            yield Stated(
                prediction_id=f"{self.prediction_id}.{number}" if number else self.prediction_id,
                inputs=inputs_of(question),
                missing=tuple(missing_fields(values)),
                risks=_stated_risks(risks),
                warnings=tuple(dict.fromkeys(each.code for each in listed)),
            )

    def kinds(self) -> Iterator[AnswerKind]:
        """State what is counted: one entry for the patient as entered, and one for each option."""
        outcomes = tuple(each.name for each in self.answer.base.outcomes)
        for values, listed in zip(self.values, self.cautions, strict=True):
            warnings = dict.fromkeys(each.code for each in listed)
            yield AnswerKind(outcomes, tuple(missing_fields(values)), tuple(warnings))

    def json(self, *further: Caution) -> bytes:
        """Write the comparison; further warnings follow those of the patient as entered."""
        answer, base = self.answer, self.answer.base
        if further:
            noted = base.model_copy(update={"warnings": [*base.warnings, *further]})
            answer = answer.model_copy(update={"base": noted})
        return answer.model_dump_json().encode("utf-8")


def _stated_risks(outcomes: Sequence[ComparedOutcome]) -> tuple[StatedRisk, ...]:
    return tuple(
        StatedRisk(each.name, each.horizon_days, each.risk, each.interval.low, each.interval.high)
        for each in outcomes
    )
