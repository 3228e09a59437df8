"""From patients to answers: the one path by which training validates and serving answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features.columns import Columns, Values
from features.field import specs
from features.log_odds import expit
from features.outcomes import ESTIMANDS, OUTCOMES
from features.predictors import DOSE_INPUTS, predictors
from features.schema import Patient
from features.short_repr import ShortRepr
from serving.answers.context import (
    alike,
    answer_cohort,
    easix_comparator,
    missing_costs,
    row_inputs,
    row_title,
    trained_at,
)
from serving.answers.facts import facts
from serving.answers.intended_use import INTENDED_USE
from serving.answers.schema import (
    Answer,
    BundleName,
    Contribution,
    CurvePoint,
    Interval,
    OutcomeAnswer,
    Reference,
)
from serving.answers.warnings import cautions
from serving.answers.without_source import risks_without_source
from serving.model.bundle import Bundle
from serving.model.easix_model import easix_index
from serving.model.field_use import Use, field_use
from serving.model.missing_costs import narrowing, used_rows
from serving.model.outcome_risks import OutcomeRisks, bundle_risks, outcome_risks
from serving.model.patient_groups import Group, profiles
from serving.model.risk_model import INTERVAL_LEVEL, Explanation, RiskModel

LEAST_SHOWN = 0.005
"""Log-odds below which a part is shown as 0.00."""


@dataclass(frozen=True, repr=False)
class Surroundings(ShortRepr):
    """What answers say beside the risks, for many patients.

    Attributes
    ----------
    narrower : mapping of str to ndarray of shape (n_patients, n_fields)
        By outcome, as `serving.model.missing_costs.narrowing` states it; NaN for rows that are not used.
    without : mapping of str to ndarray of shape (n_patients, n_sources)
        By outcome: the headline risk without each of `RiskModel.without_sources`.
    easix : ndarray of shape (n_patients,)
        NaN where missing.
    profiles : list of tuple of Group, or None
    """

    narrower: Mapping[str, Values]
    without: Mapping[str, Values]
    easix: Values
    profiles: list[tuple[Group, ...] | None]


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
            Checked values by column of `Patient`; None or absent where not known.

        Returns
        -------
        answers : list of Answer
            In the order of the rows, each with an identifier of its own.
        """
        patients = predictors(rows)
        models = self.bundle.models
        shared = {name: model.replicate_log_odds(patients) for name, model in models.items()}
        risks = {name: outcome_risks(model, patients, shared[name]) for name, model in models.items()}
        surroundings = self._surroundings(patients, risks, shared)
        return [self._answer(patients, position, risks, surroundings) for position in range(len(rows))]

    def _surroundings(
        self, patients: Columns, risks: Mapping[str, OutcomeRisks], shared: Mapping[str, Values]
    ) -> Surroundings:
        narrower = {
            name: np.where(
                used_rows(model),
                narrowing(model, patients, risk=risks[name].risk, replicate_log_odds=shared[name]),
                np.nan,
            )
            for name, model in self.bundle.models.items()
        }
        without = {name: each.explanation.risk_without[:, :, 0] for name, each in risks.items()}
        return Surroundings(narrower, without, easix_index(patients), profiles(patients))

    def _answer(
        self, patients: Columns, position: int, risks: Mapping[str, OutcomeRisks], surroundings: Surroundings
    ) -> Answer:
        values, cohort = patients.row(position), self.bundle.cohort
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
            missing=[name for name, value in values.items() if value is None and name not in DOSE_INPUTS],
            unused=self.unused,
            warnings=cautions(self.bundle, values),
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
            horizon_days=headline.horizon_days,
            risk=headline.risk,
            interval=Interval(level=INTERVAL_LEVEL, low=headline.low, high=headline.high),
            curve=sorted(curve, key=lambda point: point.horizon_days),
            reference=Reference(risk=float(expit(risks.explanation.reference)[0]), log_odds=reference),
            cohort_average=summary.cumulative_incidence.get(headline.horizon_days),
            contributions=_contributions(model, risks.explanation, position, values),
            evidence_weight=model.evidence_weight,
            method=model.method,
            status=summary.status,
            status_reasons=list(summary.status_reasons),
            status_facts=facts(summary.status_facts),
            easix=easix_comparator(summary.easix, float(surroundings.easix[position])),
            missing_costs=missing_costs(fields, surroundings.narrower[name][position], values),
            without_source=risks_without_source(
                model.without_sources, headline.risk, surroundings.without[name][position]
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


def _contributions(
    model: RiskModel, explanation: Explanation, position: int, values: Mapping[str, Any]
) -> list[Contribution]:
    """List the contributions, strongest first; a column the model never used is left out."""
    sources = _sources(model, explanation.published_terms[position])
    inputs = row_inputs()
    fields = specs(Patient)
    listed = []
    for row, name in enumerate(explanation.fields):
        total = float(explanation.contributions[position, row])
        published = float(explanation.published[position, row])
        known = name in fields
        listed.append(
            Contribution(
                field=name,
                title=row_title(name),
                value=values[name] if known else None,
                unit=fields[name].unit if known else "",
                log_odds=total,
                published=published,
                local=total - published,
                sources=sources.get(name, []),
                inputs=[] if known else list(inputs[name]),
            )
        )
    return sorted(listed, key=lambda item: -abs(item.log_odds))


def _sources(model: RiskModel, published: Values) -> dict[str, list[str]]:
    """List what stands behind the published part of each row of one patient.

    A term whose published part is shown as 0 names nothing: rates of one product are no source for another.
    """
    sources_by_row: dict[str, list[str]] = {}
    if model.linear is not None:
        for parent, part, sources in zip(model.linear.parents, published, model.linear.sources, strict=True):
            known = sources_by_row.setdefault(parent, [])
            known.extend(source for source in sources if abs(part) >= LEAST_SHOWN and source not in known)
    return sources_by_row
