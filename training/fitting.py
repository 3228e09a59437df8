"""A whole training: from a checked cohort to fitted, validated models and their bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problems import DataError, Problem
from features.synthetic.simulation import synthetic_patients
from serving.bundle import Bundle
from serving.risk_model import RiskModel
from serving.summary import Measured, OutcomeSummary
from training.cohort_summary import cohort_summary
from training.config import FitConfig
from training.learners import BASELINES, LEARNERS, Learner
from training.outcome_data import OutcomeData, outcome_data
from training.progress import Progress, silent
from training.replicates import replicate
from training.status import validation_status
from training.validation import Folds, Validation, cross_validate, log_loss_gain, shared_folds

GOLDEN_PATIENTS = 8


@dataclass(frozen=True)
class FittedModel:
    """One learner's model of one outcome.

    Attributes
    ----------
    model : RiskModel
        Fitted on the whole cohort, with replicates.
    parameters : mapping of str to float, int or str
        What was chosen.
    validation : Validation or None
        Out of fold; None where it was switched off.
    gain : Measured
        Paired gain in out-of-fold log loss over the prevalence, headline horizon.
    summary : OutcomeSummary
        For the bundle.
    """

    model: RiskModel
    parameters: Mapping[str, float | int | str]
    validation: Validation | None
    gain: Measured
    summary: OutcomeSummary


@dataclass(frozen=True)
class FittedOutcome:
    """All models of one outcome.

    Attributes
    ----------
    data : OutcomeData
    models : mapping of str to FittedModel
        By learner.
    baselines : mapping of str to Validation
        By name, in the same folds; empty without validation.
    chosen : str
        The learner whose model is released.
    """

    data: OutcomeData
    models: Mapping[str, FittedModel]
    baselines: Mapping[str, Validation]
    chosen: str


@dataclass(frozen=True)
class Training:
    """One finished training.

    Attributes
    ----------
    cohort : Cohort
    config : FitConfig
    outcomes : mapping of str to FittedOutcome
    left_out : mapping of str to str
        Outcomes asked for that could not be trained, and why.
    bundle : Bundle
        Of the chosen models.
    """

    cohort: Cohort
    config: FitConfig
    outcomes: Mapping[str, FittedOutcome]
    left_out: Mapping[str, str]
    bundle: Bundle


def train(cohort: Cohort, config: FitConfig, *, progress: Progress = silent) -> Training:
    """Fit and validate the models of every outcome asked for.

    Parameters
    ----------
    cohort : Cohort
    config : FitConfig
    progress : Progress
        Shows how far the work is.

    Returns
    -------
    training : Training
        The same seed gives the same bundle.

    Raises
    ------
    DataError
        If no outcome can be trained, with the reason for each, or a grading scale is refused.
    """
    prepared = {name: outcome_data(cohort, OUTCOMES[name], config) for name in config.outcomes}
    left_out = {name: found for name, found in prepared.items() if isinstance(found, str)}
    datas = {name: found for name, found in prepared.items() if isinstance(found, OutcomeData)}
    if not datas:
        problems = [Problem(f"{name} cannot be trained: {reason}") for name, reason in left_out.items()]
        raise DataError(problems, source=cohort.name)

    golden_rng, *rngs = np.random.default_rng(config.seed).spawn(1 + len(OUTCOMES))
    seeds = dict(zip(OUTCOMES, rngs, strict=True))
    outcomes = {}
    for name, data in datas.items():
        with progress(OUTCOMES[name].title, _steps(data, config)) as advance:
            outcomes[name] = _fit_outcome(data, config, seeds[name], advance)
    bundle = Bundle(
        estimand=config.estimand,
        cohort=cohort_summary(cohort),
        models={name: fitted.models[fitted.chosen].model for name, fitted in outcomes.items()},
        summaries={name: fitted.models[fitted.chosen].summary for name, fitted in outcomes.items()},
        left_out=left_out,
        golden=synthetic_patients(GOLDEN_PATIENTS, rng=golden_rng),
    )
    return Training(cohort=cohort, config=config, outcomes=outcomes, left_out=left_out, bundle=bundle)


def _steps(data: OutcomeData, config: FitConfig) -> int:
    validated = (
        (len(config.models) + len(BASELINES)) * config.repeats * config.folds if config.validate else 0
    )
    return validated + len(config.models) * (1 + config.replicates)


def _fit_outcome(
    data: OutcomeData, config: FitConfig, rng: np.random.Generator, advance: Any
) -> FittedOutcome:
    folds_rng, *rngs = rng.spawn(1 + len(BASELINES) + len(LEARNERS))
    seeds = dict(zip([*BASELINES, *LEARNERS], rngs, strict=True))
    folds = shared_folds(data, config, folds_rng) if config.validate else None
    baselines = {}
    if folds is not None:
        baselines = {
            name: cross_validate(learner, data, folds, seeds[name], advance=advance)
            for name, learner in BASELINES.items()
        }
    models = {
        name: _fit_model(LEARNERS[name], data, config, folds, baselines, seeds[name], advance)
        for name in config.models
    }
    return FittedOutcome(data, models, baselines, chosen=_best(models))


def _fit_model(
    learner: Learner,
    data: OutcomeData,
    config: FitConfig,
    folds: Folds | None,
    baselines: Mapping[str, Validation],
    rng: np.random.Generator,
    advance: Any,
) -> FittedModel:
    validation, gain = None, Measured(None)
    if folds is not None:
        validation = cross_validate(learner, data, folds, rng, advance=advance)
        gain = log_loss_gain(validation, baselines["prevalence"])
    whole = data.training_set()
    choice = learner.choose(whole, rng)
    model = learner.fit(whole, choice)
    advance()
    replicates = replicate(learner, choice, data, rng, n_replicates=config.replicates, advance=advance)
    return FittedModel(
        model=replace(model, replicates=replicates),
        parameters=learner.parameters(choice),
        validation=validation,
        gain=gain,
        summary=_summary(data, config, validation, gain, interval_note=learner.interval_note),
    )


def _summary(
    data: OutcomeData,
    config: FitConfig,
    validation: Validation | None,
    gain: Measured,
    *,
    interval_note: str,
) -> OutcomeSummary:
    whole, seen = data.training_set(), data.observation
    metrics = dict(validation.metrics) if validation is not None else {}
    headline = data.horizons_days[0]
    if validation is not None:
        metrics[headline] = {**metrics[headline], "log_loss_gain_over_prevalence": gain}
    status, reasons = validation_status(
        metrics.get(headline, {}), gain, n_events=data.n_headline_events, n_non_events=data.n_headline_free
    )
    observed = (whole.weight * whole.label).sum(axis=0) / whole.weight.sum(axis=0)
    return OutcomeSummary(
        n_infusions=len(data),
        n_events=data.n_events,
        n_competing=int(((seen.event == 2) & (seen.day <= max(data.horizons_days))).sum()),
        cumulative_incidence=dict(zip(data.horizons_days, observed.tolist(), strict=True)),
        dropped_horizons=dict(data.dropped_horizons),
        counts={words: count for words, count in seen.counts.items() if count},
        grading=f"rows graded by {config.allow_grading} allowed by name"
        if config.allow_grading and data.outcome.grading is not None
        else "",
        censoring=data.censoring_assumption,
        interval_note=interval_note,
        metrics=metrics,
        status=status,
        status_reasons=reasons,
    )


def _best(models: Mapping[str, FittedModel]) -> str:
    """Name the model with the best out-of-fold log loss; the first asked for without validation."""

    def loss(name: str) -> float:
        validation = models[name].validation
        return validation.headline_log_loss if validation is not None else 0.0

    return min(models, key=loss)
