"""The answer for one patient as JSON, with all that is the same for every patient prepared once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic_core import to_json

from features.columns import Columns
from features.field import specs
from features.outcome import ESTIMANDS
from features.product_names import PRODUCT_NAME
from features.schema import Patient
from features.short_repr import ShortRepr
from serving.answers.answered import Answered
from serving.answers.context import alike, answer_cohort, trained_at
from serving.answers.intended_use import INTENDED_USE
from serving.answers.json_text import SLOT, Template, array
from serving.answers.outcome_rows import OutcomeRows
from serving.answers.patient_texts import PatientTexts
from serving.answers.product_label import fields_by_label, label_values
from serving.answers.schema import Caution
from serving.answers.stated import missing_fields
from serving.answers.states import States
from serving.answers.surroundings import Surroundings
from serving.answers.warnings import ModelCautions, cautions
from serving.model.bundle import Bundle
from serving.model.field_use import Use
from serving.model.outcome_risks import OutcomeRisks
from serving.model.patient_groups import Group


@dataclass(frozen=True, repr=False)
class Computed(ShortRepr):
    """All that was computed of the patients of one call.

    Attributes
    ----------
    patients : Columns of `Patient`
    risks : mapping of str to OutcomeRisks
        By outcome.
    surroundings : Surroundings
    states : list of list of States
        One list a patient.
    after : mapping of int to list of States, or None
        Risks after the day that is asked, by the position of the patient; None where no model can tell.
    """

    patients: Columns
    risks: Mapping[str, OutcomeRisks]
    surroundings: Surroundings
    states: Sequence[list[States]]
    after: Mapping[int, list[States] | None]


class AnswerText:
    """Answers by a bundle, as `serving.answers.schema.Answer` describes them.

    Parameters
    ----------
    bundle : Bundle
    uses : mapping of str to mapping
        How each outcome's model uses every field.
    """

    def __init__(self, bundle: Bundle, uses: Mapping[str, Mapping[str, Use]]) -> None:
        self._bundle = bundle
        self._of_model = ModelCautions(bundle)
        self._known = {id(each): to_json(each) for each in self._of_model.every}
        self._outcomes = {name: OutcomeRows(bundle, name, uses[name]) for name in bundle.models}
        self._by_label = fields_by_label(bundle.models.values())
        self._by_groups: dict[tuple[Group, ...] | None, bytes] = {}
        self._template = _prepared(bundle, uses)

    def of(self, computed: Computed, position: int, question: Mapping[str, Any]) -> Answered:
        """Answer for one patient; what only its text has is computed when it is written.

        Parameters
        ----------
        computed : Computed
        position : int
            Of the patient.
        question : mapping
            Of the patient, as `serving.answers.scorer.Scorer.answered` takes it.

        Returns
        -------
        answered : Answered
            With a random identifier.
        """
        prediction_id, values = str(uuid.uuid4()), computed.patients.row(position)
        listed = cautions(
            self._bundle,
            {**values, PRODUCT_NAME: question.get(PRODUCT_NAME)},
            of_model=self._of_model,
            event_free_unanswered=position in computed.after and computed.after[position] is None,
        )
        return Answered(
            prediction_id=prediction_id,
            question=question,
            values=values,
            risks=computed.risks,
            position=position,
            cautions=tuple(listed),
            text=partial(self._text, prediction_id, computed, position, values, question.get(PRODUCT_NAME)),
        )

    def _text(
        self,
        prediction_id: str,
        computed: Computed,
        position: int,
        values: Mapping[str, Any],
        product_name: str | None,
        listed: Sequence[Caution],
    ) -> bytes:
        """Write an answer."""
        patient, surroundings = PatientTexts(values), computed.surroundings
        return self._template.filled(
            to_json(prediction_id),
            self._alike(surroundings.profiles[position]),
            array(
                [
                    rows.of(computed.risks[name], position, patient, surroundings)
                    for name, rows in self._outcomes.items()
                ]
            ),
            to_json(computed.states[position]),
            to_json(computed.after.get(position) or []),
            to_json(product_name),
            to_json(missing_fields(values)),
            to_json(label_values(values, self._by_label)),
            to_json(surroundings.close_to_cut[position]),
            array([self._known.get(id(each)) or to_json(each) for each in listed]),
        )

    def _alike(self, groups: tuple[Group, ...] | None) -> bytes:
        known = self._by_groups.get(groups)
        if known is None:
            known = self._by_groups[groups] = to_json(alike(self._bundle.cohort, groups))
        return known


def unused_fields(uses: Mapping[str, Mapping[str, Use]]) -> list[str]:
    """List the fields that no model uses, in the order of the schema."""
    return [name for name in specs(Patient) if all(of_model[name] == "unused" for of_model in uses.values())]


def _prepared(bundle: Bundle, uses: Mapping[str, Mapping[str, Use]]) -> Template:
    """Write what is the same for every patient, in the order of `Answer`."""
    return Template(
        {
            "prediction_id": SLOT,
            "bundle": {"version": bundle.version_name, "digest": bundle.digest},
            "intended_use": INTENDED_USE,
            "estimand": bundle.estimand,
            "estimand_means": ESTIMANDS[bundle.estimand],
            "cohort": answer_cohort(bundle.cohort),
            "trained_at": trained_at(bundle.provenance),
            "alike": SLOT,
            "outcomes": SLOT,
            "states": SLOT,
            "event_free": SLOT,
            "product_name": SLOT,
            "missing": SLOT,
            "label_values": SLOT,
            "unused": unused_fields(uses),
            "close_to_cut": SLOT,
            "warnings": SLOT,
        }
    )
