"""One outcome of a cohort: every model fitted and validated in shared folds, the best chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from features.event_labels import labels
from features.short_repr import ShortRepr
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Doubt, Reason
from training.console.stopwatch import Period, Stopwatch
from training.dataset.fit_config import FEWEST_EVENTS, FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.random_streams import learner_seeds
from training.dataset.unavailable import Unavailable
from training.fitting.fitted_model import FittedModel
from training.learners.bootstrap_replicates import replicate, weighted_sets
from training.learners.easix import easix_model
from training.learners.learner import BASELINES, Learner
from training.validation.cross_validation import Validation, cross_validate, log_loss_gain, shared_folds
from training.validation.instability import instability
from training.validation.internal_external import internal_external
from training.validation.outcome_summary import by_center, outcome_summary
from training.validation.plausibility import data_doubts


@dataclass(frozen=True, repr=False)
class FittedOutcome(ShortRepr):
    """All models of one outcome.

    Attributes
    ----------
    data : OutcomeData
    models : mapping of str to FittedModel
        By learner; only the chosen one has replicates.
    baselines : mapping of str to Validation
        Other learners in the same folds, by name; empty without validation.
    chosen : str
        The learner whose model is released.
    not_fitted : mapping of str to str
        Requested models and baselines that could not be fitted, and why.
    periods : mapping of str to Period
        When each learner was validated and fitted.
    """

    data: OutcomeData
    models: Mapping[str, FittedModel]
    baselines: Mapping[str, Validation]
    chosen: str
    not_fitted: Mapping[str, str]
    periods: Mapping[str, Period] = field(default_factory=dict)


def fit_outcome(
    data: OutcomeData,
    config: FitConfig,
    learners: Mapping[str, Learner],
    rng: np.random.Generator,
    advance: Callable[[], None],
) -> FittedOutcome | Unavailable:
    """Fit the models of one outcome.

    Parameters
    ----------
    data : OutcomeData
    config : FitConfig
    learners : mapping of str to Learner
        From `training.learners.learner.learners`.
    rng : numpy.random.Generator
    advance : callable
        Called after each of `steps`.

    Returns
    -------
    fitted : FittedOutcome or Unavailable
        Why, where none of the requested models can be fitted.
    """
    not_fitted = {
        name: why for name in _requested_learners(config) if (why := _too_few(data, learners[name]))
    }
    models = [name for name in config.models if name not in not_fitted]
    if not models:
        return Unavailable("; ".join(dict.fromkeys(not_fitted[name] for name in config.models)))
    seeds, watch = learner_seeds(rng, learners), Stopwatch()
    validations = _validations(data, config, learners, seeds, advance, watch)
    chosen = min(models, key=lambda name: _loss(validations.get(name)))
    doubts = data_doubts(data)
    fitted = {}
    for name in models:
        learner, rng = learners[name], seeds[name]
        with watch.at(name):
            whole = data.training_set()
            choice = learner.choose(whole, rng)
            model = learner.fit(whole, choice)
            advance()
            if name == chosen:
                sets = weighted_sets(data, config.replicates, rng)
                model = replace(
                    model,
                    replicates=replicate(learner, choice, sets, rng, advance=advance),
                    without_sources=learner.without_sources(model, whole, choice),
                )
        note = learner.evidence_note(model, choice)
        measured = _measured(
            name, model, data, validations, notes=(learner.interval_note, note), doubts=doubts
        )
        fitted[name] = replace(measured, parameters=learner.parameters(choice))
    if validations:
        with watch.at(chosen):
            held = internal_external(
                learners[chosen], data, data.center, seeds["centers"], n_draws=config.bootstrap_draws
            )
        summary = replace(fitted[chosen].summary, by_center=by_center(held), center_notes=held.notes)
        fitted[chosen] = replace(fitted[chosen], summary=summary)
    fitted[chosen] = _with_easix(_with_instability(fitted[chosen], data), data, learners["easix"])
    baselines = {name: validation for name, validation in validations.items() if name not in fitted}
    return FittedOutcome(data, fitted, baselines, chosen, not_fitted, watch.periods())


def steps(data: OutcomeData, config: FitConfig, learners: Mapping[str, Learner]) -> int:
    """Count the steps that `fit_outcome` will tell of."""
    models = [name for name in config.models if not _too_few(data, learners[name])]
    if not models:
        return 0
    validated = len(_validated(data, config, learners)) * config.repeats * config.folds
    return validated + len(models) + config.replicates


def _requested_learners(config: FitConfig) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*config.models, *(BASELINES if config.validate else ()))))


def _too_few(data: OutcomeData, learner: Learner) -> str:
    """Why the data are too few for a learner; empty if they suffice."""
    if not learner.fewest_events:
        return ""
    if min(data.n_headline_events, data.n_headline_free) < learner.fewest_events:
        return (
            f"{learner.name}: {data.n_headline_events} distinct events and {data.n_headline_free} event-free "
            f"patients at day {data.horizons_days[0]}; at least {learner.fewest_events} of each are needed"
        )
    day, event = data.observation.day, data.observation.event
    for horizon in sorted(data.horizons_days):
        label = labels(day, event, horizon_days=horizon)
        if not ((label == 0).any() and (label == 1).any()):
            # Every refit would give the same risk: an interval of width 0.
            lacking = "no event" if (label == 0).any() else "no event-free patient"
            return f"{learner.name}: {lacking} at day {horizon}; at least one is needed at every horizon"
    return ""


def _validated(data: OutcomeData, config: FitConfig, learners: Mapping[str, Learner]) -> tuple[str, ...]:
    """Name the learners that are validated: none if there are too few events."""
    if not config.validate or min(data.n_headline_events, data.n_headline_free) < FEWEST_EVENTS:
        return ()
    return tuple(name for name in _requested_learners(config) if not _too_few(data, learners[name]))


def _validations(
    data: OutcomeData,
    config: FitConfig,
    learners: Mapping[str, Learner],
    seeds: Mapping[str, np.random.Generator],
    advance: Callable[[], None],
    watch: Stopwatch,
) -> dict[str, Validation]:
    names = _validated(data, config, learners)
    if not names:
        return {}
    folds = shared_folds(data, config, seeds["folds"])
    validations = {}
    for name in names:
        with watch.at(name):
            validations[name] = cross_validate(learners[name], data, folds, seeds[name], advance=advance)
    return validations


def _measured(
    name: str,
    model: RiskModel,
    data: OutcomeData,
    validations: Mapping[str, Validation],
    *,
    notes: tuple[Reason | None, Reason | None],
    doubts: tuple[Doubt, ...],
) -> FittedModel:
    """Put a model beside what was measured of it; its parameters are still to come."""
    validation = validations.get(name)
    others = {other: each for other, each in validations.items() if other in BASELINES and other != name}
    gain = Measured(None)
    if validation is not None:
        gain = log_loss_gain(validation, validations["prevalence"])
    interval_note, evidence_note = notes
    summary = outcome_summary(
        data,
        model,
        validation,
        others,
        interval_note=interval_note,
        evidence_note=evidence_note,
        doubts=doubts,
    )
    return FittedModel(model, {}, validation, gain, summary)


def _with_instability(fitted: FittedModel, data: OutcomeData) -> FittedModel:
    """Add how much the replicates disagree over the training infusions."""
    model = fitted.model
    widths = instability(
        model.risk(data.patients)[:, 0], model.replicate_risks(data.patients)[:, :, 0]
    ).interval_width
    width = Measured(widths.median, widths.lower, widths.upper)
    return replace(fitted, summary=replace(fitted.summary, instability=width))


def _with_easix(fitted: FittedModel, data: OutcomeData, baseline: Learner) -> FittedModel:
    """Add the model of EASIX alone, if there are enough events."""
    if _too_few(data, baseline):
        return fitted
    easix = easix_model(data.training_set(), horizon_days=fitted.model.horizons_days[0])
    return replace(fitted, summary=replace(fitted.summary, easix=easix))


def _loss(validation: Validation | None) -> Any:
    """Out-of-fold log loss; 0 without validation, so that the model named first is taken."""
    return validation.headline_log_loss if validation is not None else 0.0
