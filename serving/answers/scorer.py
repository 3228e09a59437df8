"""From patients to answers: the one path by which training validates and serving answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import pydantic_core

from features.columns import Columns
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.product_names import PRODUCT_NAME
from serving.answers.answer_text import AnswerText, Computed
from serving.answers.close_to_cut import close_to_cut, nearby
from serving.answers.numbers import outcome_numbers
from serving.answers.options import OptionsAnswer
from serving.answers.options_answer import options_answer
from serving.answers.question import EVENT_FREE_ON_DAY, Detail
from serving.answers.schema import Answer
from serving.answers.states import States, all_states, event_free_states, families
from serving.answers.surroundings import surroundings_of
from serving.answers.warnings import ModelCautions, cautions
from serving.model.bundle import Bundle
from serving.model.evaluated import Evaluated
from serving.model.evaluator import Evaluator
from serving.model.field_use import MOVING, Use, field_use
from serving.model.outcome_risks import OutcomeRisks


class Scorer:
    """Answers for patients by a bundle.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._evaluator = Evaluator(bundle.models)

    @cached_property
    def uses(self) -> dict[str, dict[str, Use]]:
        """How each outcome's model uses every field."""
        return {
            name: {field: usage.use for field, usage in field_use(model.readings).items()}
            for name, model in self.bundle.models.items()
        }

    def risks(self, patients: Columns, *, replicates: bool = False) -> dict[str, OutcomeRisks]:
        """Compute risks, intervals and contributions of every outcome, as `Evaluator.risks` does."""
        return self._evaluator.risks(patients, replicates=replicates)

    def answers(self, rows: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """Answer for patients.

        Parameters
        ----------
        rows : sequence of mapping
            Checked values by column of `Patient`; None or absent where not known. ``event_free_on_day`` asks
            for the risks of a patient who is alive and free of relapse on that day; ``product_name`` is the
            name of a product that is not listed.

        Returns
        -------
        answers : list of Answer
            In the order of the rows, each with an identifier of its own.
        """
        return [Answer.model_validate_json(content) for _, content in self.as_json(rows)]

    def as_json(
        self, rows: Sequence[Mapping[str, Any]], *, detail: Detail = "all"
    ) -> list[tuple[str, bytes]]:
        """Answer for patients as `answers` or `numbers` does: identifier and JSON of each answer."""
        if detail == "risk":
            return [(answer["prediction_id"], pydantic_core.to_json(answer)) for answer in self.numbers(rows)]
        if not rows:
            return []
        computed = self._computed(rows)
        return [self._text.of(computed, position, row.get(PRODUCT_NAME)) for position, row in enumerate(rows)]

    def numbers(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """State the risks of patients as numbers, with the codes of warnings.

        Parameters
        ----------
        rows : sequence of mapping
            As for `answers`.

        Returns
        -------
        answers : list of dict
            As `serving.answers.numbers.NumbersAnswer` describes them; the numbers are those of `answers`.
        """
        patients, of_model = predictors(rows), self._cautions
        stated = outcome_numbers(self._evaluator.risks(patients))
        values = [
            {**patients.row(position), PRODUCT_NAME: row.get(PRODUCT_NAME)}
            for position, row in enumerate(rows)
        ]
        return [
            {
                "prediction_id": str(uuid.uuid4()),
                "bundle": {"version": self.bundle.version_name, "digest": self.bundle.digest},
                "outcomes": outcomes,
                "warnings": [
                    {"code": warning.code, "field": warning.field}
                    for warning in cautions(self.bundle, each, of_model=of_model)
                ],
            }
            for each, outcomes in zip(values, stated, strict=True)
        ]

    def options(self, patient: Mapping[str, Any], options: Sequence[Mapping[str, Any]]) -> OptionsAnswer:
        """Answer for one patient as entered and with each option, as `options_answer` does."""
        risks_of = partial(self.risks, replicates=True)
        return options_answer(self.bundle, risks_of, self.uses, patient, options)

    def _computed(self, rows: Sequence[Mapping[str, Any]]) -> Computed:
        """Compute all that is stated of patients."""
        patients = predictors(rows)
        near = nearby(patients, self._moving)
        evaluated = self._evaluator.evaluate(
            near.patients, near=len(near.whose), narrower=True, replicates=self._states_known
        )
        risks = evaluated.risks
        close = close_to_cut(
            near,
            {name: risks[name].risk[:, 0] for name in self._main},
            {name: evaluated.near[name] for name in self._main},
        )
        surroundings = surroundings_of(patients, evaluated.narrower, close)
        after = self._event_free(rows, patients, evaluated)
        return Computed(patients, risks, surroundings, all_states(risks), after)

    def _event_free(
        self, rows: Sequence[Mapping[str, Any]], patients: Columns, evaluated: Evaluated
    ) -> dict[int, list[States] | None]:
        """State the risks after the day that is asked, by the position of the patient."""
        days = {at: day for at, row in enumerate(rows) if (day := row.get(EVENT_FREE_ON_DAY)) is not None}
        after = {}
        for at, day in days.items():
            alone = patients.take(np.array([at]))
            log_odds = {name: each[[at]] for name, each in evaluated.replicate_log_odds.items()}
            after[at] = event_free_states(self.bundle.models, alone, log_odds, day=day)
        return after

    @cached_property
    def _main(self) -> list[str]:
        """Main outcomes whose risk any field moves."""
        models = self.bundle.models
        return [name for name, model in models.items() if OUTCOMES[name].main and not model.same_for_all]

    @cached_property
    def _moving(self) -> frozenset[str]:
        """Fields that move the risk of a main outcome."""
        return frozenset(
            field for name in self._main for field, use in self.uses[name].items() if use in MOVING
        )

    @cached_property
    def _states_known(self) -> bool:
        """Whether any outcomes exclude one another; only then the replicates are read."""
        return bool(families(self.bundle.models))

    @cached_property
    def _cautions(self) -> ModelCautions:
        return ModelCautions(self.bundle)

    @cached_property
    def _text(self) -> AnswerText:
        return AnswerText(self.bundle, self.uses)
