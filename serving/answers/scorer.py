"""From patients to answers: the one path by which training validates and serving answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from features.columns import Columns, Values
from features.field import specs
from features.log_odds import expit
from features.outcome import ESTIMANDS
from features.outcomes import OUTCOMES
from features.predictors import DOSE_INPUTS, predictors
from features.product_names import PRODUCT_NAME
from features.schema import Patient
from serving.answers.among import among
from serving.answers.close_to_cut import CloseToCut, close_to_cut
from serving.answers.comparators import score_comparators
from serving.answers.context import (
    alike,
    answer_cohort,
    easix_comparator,
    missing_costs,
    predicted_range,
    trained_at,
)
from serving.answers.facts import facts
from serving.answers.intended_use import INTENDED_USE
from serving.answers.options import OptionsAnswer
from serving.answers.options_answer import options_answer
from serving.answers.question import EVENT_FREE_ON_DAY
from serving.answers.reasons import contributions
from serving.answers.schema import (
    Answer,
    BundleName,
    CurvePoint,
    Interval,
    OutcomeAnswer,
    Reference,
)
from serving.answers.states import States, event_free_states, patient_states
from serving.answers.surroundings import Surroundings, surroundings_of
from serving.answers.warnings import cautions
from serving.answers.without_source import risks_without_source
from serving.model.bundle import Bundle
from serving.model.field_use import MOVING, Use, field_use
from serving.model.outcome_risks import OutcomeRisks, all_outcome_risks, bundle_risks
from serving.model.risk_model import INTERVAL_LEVEL, RiskModel


class Scorer:
    """Answers for patients by a bundle.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @cached_property
    def uses(self) -> dict[str, dict[str, Use]]:
        """How each outcome's model uses every field."""
        return {
            name: {field: usage.use for field, usage in field_use(model.readings).items()}
            for name, model in self.bundle.models.items()
        }

    @cached_property
    def unused(self) -> list[str]:
        """Fields that no model uses."""
        return [name for name in specs(Patient) if all(uses[name] == "unused" for uses in self.uses.values())]

    def risks(self, patients: Columns) -> dict[str, OutcomeRisks]:
        """Compute risks, intervals and contributions of every outcome.

        Parameters
        ----------
        patients : Columns of `Patient`
            As `features.predictors.predictors` makes them.

        Returns
        -------
        risks : dict of str to OutcomeRisks
            By outcome.
        """
        return bundle_risks(self.bundle, patients)

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
        patients = predictors(rows)
        models = self.bundle.models
        shared = {name: model.replicate_log_odds(patients) for name, model in models.items()}
        risks = all_outcome_risks(models, patients, shared)
        close = self._close_to_cut(patients, risks)
        surroundings = surroundings_of(models, patients, risks, shared, close)
        after = self._event_free(rows, patients, shared)
        names = [row.get(PRODUCT_NAME) for row in rows]
        return [
            self._answer(patients, position, risks, surroundings, after, name)
            for position, name in enumerate(names)
        ]

    def options(self, patient: Mapping[str, Any], options: Sequence[Mapping[str, Any]]) -> OptionsAnswer:
        """Answer for one patient as entered and with each option, as `options_answer` does."""
        return options_answer(self.bundle, self.uses, patient, options)

    def _event_free(
        self, rows: Sequence[Mapping[str, Any]], patients: Columns, shared: Mapping[str, Values]
    ) -> dict[int, list[States] | None]:
        """State the risks after the day that is asked, by the position of the patient."""
        days = {at: day for at, row in enumerate(rows) if (day := row.get(EVENT_FREE_ON_DAY)) is not None}
        after = {}
        for at, day in days.items():
            alone = patients.take(np.array([at]))
            log_odds = {name: each[[at]] for name, each in shared.items()}
            after[at] = event_free_states(self.bundle.models, alone, log_odds, day=day)
        return after

    def _close_to_cut(self, patients: Columns, risks: Mapping[str, OutcomeRisks]) -> list[list[CloseToCut]]:
        models, moving = self._main
        return close_to_cut(models, patients, {name: risks[name].risk[:, 0] for name in models}, moving)

    @cached_property
    def _main(self) -> tuple[dict[str, RiskModel], list[str]]:
        """Models of main outcomes whose risk any field moves, and these fields."""
        models = {
            name: model
            for name, model in self.bundle.models.items()
            if OUTCOMES[name].main and not model.same_for_all
        }
        return models, [field for name in models for field, use in self.uses[name].items() if use in MOVING]

    def _answer(
        self,
        patients: Columns,
        position: int,
        risks: Mapping[str, OutcomeRisks],
        surroundings: Surroundings,
        after: Mapping[int, list[States] | None],
        product_name: str | None,
    ) -> Answer:
        values, cohort = patients.row(position), self.bundle.cohort
        unanswered = position in after and after[position] is None
        return Answer(
            prediction_id=str(uuid.uuid4()),
            bundle=BundleName(version=self.bundle.version_name, digest=self.bundle.digest),
            intended_use=INTENDED_USE,
            estimand=self.bundle.estimand,
            estimand_means=ESTIMANDS[self.bundle.estimand],
            cohort=answer_cohort(cohort),
            trained_at=trained_at(self.bundle.provenance),
            alike=alike(cohort, surroundings.profiles[position]),
            outcomes=[self._outcome(name, risks[name], position, values, surroundings) for name in risks],
            states=patient_states(risks, position),
            event_free=after.get(position) or [],
            product_name=product_name,
            missing=[name for name, value in values.items() if value is None and name not in DOSE_INPUTS],
            unused=self.unused,
            close_to_cut=surroundings.close_to_cut[position],
            warnings=cautions(
                self.bundle, {**values, PRODUCT_NAME: product_name}, event_free_unanswered=unanswered
            ),
        )

    def _outcome(
        self,
        name: str,
        risks: OutcomeRisks,
        position: int,
        values: Mapping[str, Any],
        surroundings: Surroundings,
    ) -> OutcomeAnswer:
        outcome, model, summary = OUTCOMES[name], self.bundle.models[name], self.bundle.summaries[name]
        fields = model.linear.fields if model.linear is not None else ()
        curve = _curve(risks, position)
        headline = curve[0]
        reference = float(risks.explanation.reference[0])
        return OutcomeAnswer(
            name=name,
            title=outcome.title,
            definition=outcome.definition,
            main=outcome.main,
            horizon_days=headline.horizon_days,
            risk=headline.risk,
            among=among(outcome, risks.explanation, position),
            interval=Interval(level=INTERVAL_LEVEL, low=headline.low, high=headline.high),
            curve=sorted(curve, key=lambda point: point.horizon_days),
            reference=Reference(risk=float(expit(risks.explanation.reference)[0]), log_odds=reference),
            cohort_average=summary.cumulative_incidence.get(headline.horizon_days),
            predicted_range=predicted_range(summary.calibration),
            contributions=contributions(model, risks.explanation, position, values),
            evidence_weight=model.evidence_weight,
            method=model.method,
            status=summary.status,
            status_reasons=list(summary.status_reasons),
            status_facts=facts(summary.status_facts),
            easix=easix_comparator(summary.easix, float(surroundings.easix[position])),
            scores=score_comparators(summary.scores, surroundings.points(position)),
            missing_costs=missing_costs(fields, surroundings.narrower[name][position], values),
            without_source=risks_without_source(
                risks.without_sources, headline.risk, risks.risk_without[position, :, 0]
            ),
            field_use=self.uses[name],
            n_infusions=summary.n_infusions,
            n_events=summary.n_events,
            competing=outcome.competing,
            interval_note=summary.interval_note,
            evidence_note=summary.evidence_note,
        )


def _curve(risks: OutcomeRisks, position: int) -> list[CurvePoint]:
    """List the points of one patient, headline first."""
    return [
        CurvePoint(
            horizon_days=days,
            risk=float(risks.risk[position, horizon]),
            low=float(risks.low[position, horizon]),
            high=float(risks.high[position, horizon]),
        )
        for horizon, days in enumerate(risks.horizons_days)
    ]
