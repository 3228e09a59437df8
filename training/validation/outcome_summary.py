"""The summary of one outcome: counts, out-of-fold metrics, sample size, agreement with the literature."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.columns import Values
from features.decisions import DECISIONS, Decision
from features.measures import GAIN
from features.outcomes import OUTCOMES
from features.problems import counted
from serving.model.group_results import CenterResult
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Doubt, OutcomeSummary, Reason, SampleSize, Status
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.status_at_horizon import horizon_counts
from training.statistics.riley_sample_size import Verdict, sample_size_verdict
from training.validation.center_label import center_title
from training.validation.coarsened_curves import card_calibration, card_decision_curve
from training.validation.cross_validation import Validation, log_loss_gain
from training.validation.internal_external import InternalExternal
from training.validation.plausibility import steep_slopes
from training.validation.subgroups import BySubgroup
from training.validation.validation_status import validation_status


def outcome_summary(
    data: OutcomeData,
    model: RiskModel,
    validation: Validation | None,
    baselines: Mapping[str, Validation],
    *,
    subgroups: BySubgroup,
    interval_note: Reason | None,
    evidence_note: Reason | None,
    doubts: tuple[Doubt, ...],
    parameters: int | None = None,
) -> OutcomeSummary:
    """Sum up one model of one outcome.

    Parameters
    ----------
    data : OutcomeData
    model : RiskModel
        Fitted on the whole cohort.
    validation : Validation or None
        Of the model, out of fold.
    baselines : mapping of str to Validation
        In the same folds, the prevalence among them.
    subgroups : mapping
        What `training.validation.subgroups.by_subgroup` found; empty without a validation.
    interval_note : Reason or None
        What is known to be wrong with the interval.
    evidence_note : Reason or None
        How evidence and data disagree, or what evidence lacks.
    doubts : tuple of Doubt
        What makes the data implausible (`training.validation.plausibility.data_doubts`).
    parameters : int, optional
        Of the model, for the sample size that it needs; its candidate terms by default.

    Returns
    -------
    summary : OutcomeSummary
    """
    whole, seen = data.scoring_set(), data.observation
    observed = (whole.weight * whole.label).sum(axis=0) / whole.weight.sum(axis=0)
    metrics = _metrics(validation, baselines)
    headline = metrics.get(data.horizons_days[0], {})
    n_parameters = parameters if parameters is not None else candidate_parameters(data, model)
    size = _size(data, n_parameters, headline, observed) if validation is not None else None
    status, reasons = validation_status(
        headline,
        headline.get(GAIN, Measured(None)),
        n_events=data.n_headline_events,
        n_non_events=data.n_headline_free,
        sample_size=size,
    )
    blocking = (*doubts, *steep_slopes(data.outcome.name, metrics))
    implausible = bool(blocking) or bool(seen.counts.get(Decision.REPEATED))
    facts = (
        *reasons,
        *_unchecked_headline(data, model),
        *(Reason(doubt.code, doubt.text) for doubt in blocking),
        *_repeated(data),
    )
    return OutcomeSummary(
        n_infusions=len(data),
        n_events=data.n_events,
        n_competing=int(((seen.event == 2) & (seen.day <= max(data.horizons_days))).sum()),
        cumulative_incidence=dict(zip(data.horizons_days, observed.tolist(), strict=True)),
        mean_risk=dict(zip(data.horizons_days, _mean_risk(data, model, validation).tolist(), strict=True)),
        dropped_horizons=dict(data.dropped_horizons),
        counts={code: count for code, count in seen.counts.items() if count},
        grading=data.grading,
        censoring=data.censoring_assumption,
        interval_note=interval_note.text if interval_note else "",
        evidence_note=evidence_note.text if evidence_note else "",
        interval_fact=interval_note,
        evidence_fact=evidence_note,
        metrics=metrics,
        paired={name: log_loss_gain(validation, other) for name, other in baselines.items()}
        if validation is not None
        else {},
        by_subgroup=subgroups,
        horizon_counts={days: horizon_counts(seen, horizon_days=days) for days in data.horizons_days},
        sample_size=SampleSize(
            n_needed=size.n_needed,
            events_needed=size.events_needed,
            n=size.n,
            events=size.events,
            parameters=size.parameters,
            verdict=size.words,
        )
        if size is not None
        else None,
        calibration=card_calibration(validation, horizon_days=model.horizons_days[0]) if validation else None,
        decision_curve=card_decision_curve(validation, horizon_days=model.horizons_days[0])
        if validation
        else None,
        status=Status.NOT_VALIDATED if implausible else status,
        status_reasons=tuple(fact.text for fact in facts),
        status_facts=facts,
        doubts=doubts,
    )


def by_center(held: InternalExternal) -> dict[int, CenterResult]:
    """Bring internal-external validation to the form of the bundle; centers have numbers, no names."""
    return {
        center.number: CenterResult(center.n_infusions, center.n_events, center.metrics)
        for center in held.centers
    }


def within_home(data: OutcomeData, config: FitConfig) -> tuple[str, ...]:
    """Say that a model was validated in its home center alone; nothing without a home center."""
    if not config.home_center:
        return ()
    return (
        f"validated within the home center, {center_title(config.home_center)}: {len(data)} of "
        f"{len(data.fitted)} infusions; the others are training data in every fold",
    )


def _mean_risk(data: OutcomeData, model: RiskModel, validation: Validation | None) -> Values:
    """Average the predicted risk over the infusions: shape (n_horizons,)."""
    if validation is None:
        risk = model.risk_by(data.patients, data.horizons_days)
    else:
        risk = validation.risk_at(data.horizons_days).mean(axis=0)
    mean: Values = risk.mean(axis=0)
    return mean


def _metrics(
    validation: Validation | None, baselines: Mapping[str, Validation]
) -> dict[int, dict[str, Measured]]:
    if validation is None:
        return {}
    by_horizon = {}
    for position, (days, metrics) in enumerate(validation.metrics.items()):
        by_horizon[days] = dict(metrics)
        if "prevalence" in baselines:
            by_horizon[days][GAIN] = log_loss_gain(validation, baselines["prevalence"], position=position)
    return by_horizon


def candidate_parameters(data: OutcomeData, model: RiskModel) -> int:
    """Count the candidate terms of a model; of trees alone, the columns."""
    return len(model.linear.terms) if model.linear is not None else len(data.patients.values)


def _size(data: OutcomeData, parameters: int, headline: Mapping[str, Measured], observed: Values) -> Verdict:
    """Judge the size of the cohort for a model with this number of parameters."""
    return sample_size_verdict(
        len(data),
        data.n_headline_events,
        parameters,
        headline["auroc"].value,
        float(np.clip(observed[0], 0.01, 0.99)),
    )


def _unchecked_headline(data: OutcomeData, model: RiskModel) -> tuple[Reason, ...]:
    """State that the cohort cannot validate the headline risk, where its horizon was dropped."""
    headline = OUTCOMES[model.outcome].horizons_days[0]
    if headline in data.horizons_days or headline not in model.horizons_days:
        return ()
    words = f"the risk by day {headline} could not be validated: {data.dropped_horizons[headline]}"
    return (Reason("unchecked_headline", words),)


def _repeated(data: OutcomeData) -> tuple[Reason, ...]:
    """Repeated patients are in the training part and the held-out part: nothing is out of fold."""
    count = data.observation.counts.get(Decision.REPEATED, 0)
    infusions = f"{counted(count, 'infusion')} {'is' if count == 1 else 'are'}"
    words = f"{infusions} {DECISIONS[Decision.REPEATED]}: performance is overestimated"
    return (Reason("repeated_patients", words, {"infusions": count}),) if count else ()
