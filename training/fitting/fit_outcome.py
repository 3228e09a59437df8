"""One outcome of a cohort: every model fitted and validated in shared folds, the best chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Doubt, Reason
from training.console.stopwatch import Period, Stopwatch
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.random_streams import learner_seeds
from training.dataset.unavailable import Unavailable
from training.fitting.fitted_model import FittedModel
from training.fitting.parts import NO_PARTS, Part, Parts
from training.fitting.requested_learners import (
    candidates,
    needed_by_others,
    requested_learners,
    too_few,
    validated_learners,
)
from training.learners.bootstrap_replicates import replicate, weighted_sets
from training.learners.easix import easix_model
from training.learners.learner import BASELINES, Learner
from training.learners.score_models import score_models
from training.validation.cross_validation import Validation, cross_validate, log_loss_gain
from training.validation.imputation_sensitivity import imputation_sensitivity
from training.validation.instability import instability
from training.validation.internal_external import internal_external
from training.validation.outcome_summary import by_center, outcome_summary, within_home
from training.validation.plausibility import data_doubts
from training.validation.shared_folds import shared_folds


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
    for_others : mapping of str to Validation
        Out-of-fold risks of the chosen learner where they are needed only because another outcome is composed
        of them: too few events to say what they are worth.
    center_risk : ndarray of shape (n_infusions,), optional
        Headline risk of the chosen learner by models of other centers; None without out-of-fold risks.
    """

    data: OutcomeData
    models: Mapping[str, FittedModel]
    baselines: Mapping[str, Validation]
    chosen: str
    not_fitted: Mapping[str, str]
    periods: Mapping[str, Period] = field(default_factory=dict)
    for_others: Mapping[str, Validation] = field(default_factory=dict)
    center_risk: Values | None = None

    @property
    def as_part(self) -> Part:
        """The released model, as another outcome is composed of it."""
        own = {name: each.validation for name, each in self.models.items() if each.validation is not None}
        known = {**self.baselines, **own, **self.for_others}
        return Part(self.models[self.chosen].model, self.chosen, known, self.center_risk)


def fit_outcome(
    data: OutcomeData,
    config: FitConfig,
    learners: Mapping[str, Learner],
    rng: np.random.Generator,
    advance: Callable[[], None],
    parts: Parts = NO_PARTS,
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
    parts : Parts
        What the outcome is composed of.

    Returns
    -------
    fitted : FittedOutcome or Unavailable
        Why, where none of the requested models can be fitted.
    """
    not_fitted = {
        name: why for name in requested_learners(data, config) if (why := too_few(data, learners[name]))
    }
    models = [name for name in candidates(data, config) if name not in not_fitted]
    if not models:
        return Unavailable("; ".join(dict.fromkeys(not_fitted[name] for name in candidates(data, config))))
    seeds, watch = learner_seeds(rng, learners), Stopwatch()
    validations = _validations(data, config, learners, seeds, advance, watch, parts)
    chosen = min(models, key=lambda name: _loss(validations.get(name)))
    for_others = {}
    if not validations and needed_by_others(data, config, parts):
        with watch.at(chosen):
            # Copies: what is fitted does not depend on what else is asked for.
            at_first = {name: deepcopy(seeds[name]) for name in ("folds", chosen)}
            folds = shared_folds(data, config, at_first["folds"], like=parts.folds)
            for_others[chosen] = cross_validate(
                learners[chosen],
                data,
                folds,
                at_first[chosen],
                parts=parts.validations(chosen, released=True),
                advance=advance,
            )
    doubts = data_doubts(data)
    fitted = {}
    for name in models:
        learner, rng = learners[name], seeds[name]
        with watch.at(name):
            whole = data.training_set()
            choice = learner.choose(whole, rng)
            model = replace(learner.fit(whole, choice), composition=parts.composition)
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
        if name == chosen:
            with watch.at(name):
                sensitivity = imputation_sensitivity(learner, model, whole, choice)
            fitted[name] = replace(
                fitted[name], summary=replace(fitted[name].summary, imputation_sensitivity=sensitivity)
            )
    held = None
    if validations or for_others:
        with watch.at(chosen):
            held = internal_external(
                learners[chosen],
                data,
                data.center,
                seeds["centers"],
                n_draws=config.bootstrap_draws,
                parts=parts.center_risks,
            )
    if held is not None and validations:
        notes = (*within_home(data, config), *held.notes)
        summary = replace(fitted[chosen].summary, by_center=by_center(held), center_notes=notes)
        fitted[chosen] = replace(fitted[chosen], summary=summary)
    fitted[chosen] = _with_comparators(_with_instability(fitted[chosen], data), data, learners["easix"])
    baselines = {name: validation for name, validation in validations.items() if name not in fitted}
    center_risk = held.risk if held is not None else None
    return FittedOutcome(
        data, fitted, baselines, chosen, not_fitted, watch.periods(), for_others, center_risk
    )


def _validations(
    data: OutcomeData,
    config: FitConfig,
    learners: Mapping[str, Learner],
    seeds: Mapping[str, np.random.Generator],
    advance: Callable[[], None],
    watch: Stopwatch,
    parts: Parts,
) -> dict[str, Validation]:
    names = validated_learners(data, config, learners, parts)
    if not names:
        return {}
    folds = shared_folds(data, config, seeds["folds"], like=parts.folds)
    validations = {}
    for name in names:
        with watch.at(name):
            validations[name] = cross_validate(
                learners[name],
                data,
                folds,
                seeds[name],
                parts=parts.validations(name, released=name in candidates(data, config)),
                advance=advance,
            )
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


def _with_comparators(fitted: FittedModel, data: OutcomeData, baseline: Learner) -> FittedModel:
    """Add the models of EASIX and of other scores alone, if there are enough events."""
    if too_few(data, baseline):
        return fitted
    whole, headline = data.scoring_set(), fitted.model.horizons_days[0]
    easix, scores = easix_model(whole, horizon_days=headline), score_models(whole, horizon_days=headline)
    return replace(fitted, summary=replace(fitted.summary, easix=easix, scores=scores))


def _loss(validation: Validation | None) -> Any:
    """Out-of-fold log loss; 0 without validation, so that the model named first is taken."""
    return validation.headline_log_loss if validation is not None else 0.0
