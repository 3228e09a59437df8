"""From patients to answers: the one path by which training validates and serving answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from features.columns import Columns
from features.outcomes import OUTCOMES
from features.predictors import predictors
from serving.answers.answer_text import AnswerText, Computed
from serving.answers.answered import Answered
from serving.answers.close_to_cut import NUMBERS, close_to_cut, nearby
from serving.answers.far_moves import may_move_far
from serving.answers.numbers import numbers_answered
from serving.answers.options_answer import options_answer
from serving.answers.options_answered import OptionsAnswered
from serving.answers.question import EVENT_FREE_ON_DAY, Detail
from serving.answers.schema import Answer
from serving.answers.states import States, all_states, event_free_states, families
from serving.answers.surroundings import surroundings_of
from serving.answers.warnings import ModelCautions
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
        return [Answer.model_validate_json(each.json()) for each in self.answered(rows)]

    def answered(self, rows: Sequence[Mapping[str, Any]], *, detail: Detail = "all") -> list[Answered]:
        """Answer for patients, as `answers` does; each answer writes its text when it is needed.

        Parameters
        ----------
        rows : sequence of mapping
            As for `answers`.
        detail : Detail
            With "risk" the texts are those of `serving.answers.numbers.NumbersAnswer`; the numbers are the
            same.

        Returns
        -------
        answered : list of Answered
            In the order of the rows, each with an identifier of its own.
        """
        if not rows:
            return []
        if detail == "risk":
            return numbers_answered(self.bundle, self._evaluator.risks, self._cautions, rows)
        computed = self._computed(rows)
        return [self._text.of(computed, position, row) for position, row in enumerate(rows)]

    def options(self, patient: Mapping[str, Any], options: Sequence[Mapping[str, Any]]) -> OptionsAnswered:
        """Answer for one patient as entered and with each option, as `options_answer` does."""
        risks_of = partial(self.risks, replicates=True)
        return options_answer(self.bundle, risks_of, self.uses, patient, options)

    def _computed(self, rows: Sequence[Mapping[str, Any]]) -> Computed:
        """Compute all that is stated of patients."""
        patients = predictors(rows)
        near = nearby(patients, self._far_moving)
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
    def _far_moving(self) -> frozenset[str]:
        """Numbers of which a small step may move the risk of a main outcome far."""
        models = self.bundle.models
        return frozenset(
            field
            for name in self._main
            for field in NUMBERS
            if self.uses[name][field] in MOVING and may_move_far(models[name], field)
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
