"""Update a version: apply the updates indicated by another cohort, and validate them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from features.advice import plain
from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.problems import DataError, Problem
from serving.model.bundle import Bundle
from serving.model.cohort_summary import CohortSummary
from serving.model.composed_risk import linked
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import ModelUpdate, OutcomeSummary
from training.console.progress import Progress, silent
from training.console.stopwatch import Period, Stopwatch, since
from training.dataset.cohort_summary import cohort_summary
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.external.changed_outcomes import changed_with, without_validation
from training.external.closed_testing import Choice, choice_words
from training.external.external_validation import ExternalOutcome, ExternalValidation
from training.external.parts_of_update import parts_by_learner
from training.external.replicate_updates import replicates_updated
from training.external.update_learner import ORIGINAL, UPDATED, Unchanged, Updater
from training.external.update_methods import NONE, RECALIBRATION, REVISION
from training.external.updated_model import updated_model
from training.learners.easix import easix_model
from training.learners.learner import Fitter
from training.learners.prevalence import Prevalence
from training.learners.score_models import score_models
from training.tasks.serial import SERIAL
from training.tasks.task import Runner, Shared
from training.tasks.work import Work, run
from training.validation.cross_validation import Validation, cross_validated
from training.validation.instability import headline_replicates, instability
from training.validation.outcome_summary import outcome_summary
from training.validation.plausibility import data_doubts
from training.validation.shared_folds import Folds, shared_folds
from training.validation.subgroups import by_subgroup

N_VALIDATED = 3
"""The update and two baselines."""


@dataclass(frozen=True)
class UpdatedOutcome:
    """One outcome with its update.

    Attributes
    ----------
    data : OutcomeData
    choice : Choice
    model : RiskModel
        With replicates.
    validation : Validation
        Out-of-fold: in each fold the update was selected and fitted without the held-out patients.
    baselines : mapping of str to Validation
        The released model and the prevalence, in the same folds.
    summary : OutcomeSummary
    periods : mapping of str to Period
        When the update and each baseline were measured.
    """

    data: OutcomeData
    choice: Choice
    model: RiskModel
    validation: Validation
    baselines: Mapping[str, Validation]
    summary: OutcomeSummary
    periods: Mapping[str, Period] = field(default_factory=dict)


@dataclass(frozen=True)
class UpdatedVersion:
    """A bundle made from another.

    Attributes
    ----------
    parent, bundle : Bundle
        Before and after the update.
    cohort : Cohort
        On which it was updated.
    config : FitConfig
    outcomes : mapping of str to UpdatedOutcome
        Those that were updated; all others are unchanged.
    period : Period or None
        When it was made.
    """

    parent: Bundle
    bundle: Bundle
    cohort: Cohort
    config: FitConfig
    outcomes: Mapping[str, UpdatedOutcome]
    period: Period | None = None


def updated_version(
    validation: ExternalValidation, *, progress: Progress = silent, runner: Runner = SERIAL
) -> UpdatedVersion | None:
    """Make a new bundle with the updates indicated by an external validation.

    Parameters
    ----------
    validation : ExternalValidation
    progress : Progress
        Shows how far the work is.
    runner : Runner
        Runs folds and replicates; the numbers do not depend on which.

    Returns
    -------
    version : UpdatedVersion or None
        None if no update is indicated. The same seed gives the same bundle.

    Raises
    ------
    DataError
        If a model's effects are reversed in the cohort, or it was trained or updated on this cohort.
    """
    _refuse(validation)
    began = time.time()
    config, parent = validation.config, validation.bundle
    rngs = dict(zip(OUTCOMES, np.random.default_rng([config.seed, 1]).spawn(len(OUTCOMES)), strict=True))
    wanted = _wanted(validation)
    outcomes: dict[str, UpdatedOutcome] = {}
    # An outcome comes after those that it is composed of.
    for name in (each for each in OUTCOMES if each in wanted):
        with progress(f"updating {OUTCOMES[name].title}", _steps(parent.models[name], config)) as advance:
            work = _updated(validation, name, wanted[name], rngs[name], outcomes)
            outcomes[name] = run(work, runner, advance=advance)
    if not outcomes:
        return None
    summaries = {**parent.summaries, **{name: each.summary for name, each in outcomes.items()}}
    summaries |= {
        name: without_validation(parent.summaries[name], parts)
        for name, parts in changed_with(parent, outcomes).items()
    }
    bundle = replace(
        parent,
        cohort=_cohort(parent, validation.cohort),
        models=linked({**parent.models, **{name: each.model for name, each in outcomes.items()}}),
        summaries=summaries,
        digest="",
        provenance={},
    )
    return UpdatedVersion(parent, bundle, validation.cohort, config, outcomes, since(began))


def _wanted(validation: ExternalValidation) -> dict[str, ExternalOutcome]:
    """Pick the outcomes to update, and those whose risk changes because they are composed of one of them."""
    wanted: dict[str, ExternalOutcome] = {}
    for name in (each for each in OUTCOMES if each in validation.outcomes):
        outcome = validation.outcomes[name]
        if outcome.choice.update.kind != NONE or any(part in wanted for part in OUTCOMES[name].rests_on):
            wanted[name] = outcome
    return wanted


def _refuse(validation: ExternalValidation) -> None:
    """Refuse cohorts that cannot update the model."""
    problems = []
    if not validation.external:
        problems.append(
            Problem(
                Code.COHORT_NOT_EXTERNAL,
                "the model was trained or updated on this cohort: there is nothing to update",
            )
        )
    for name, outcome in validation.outcomes.items():
        update = outcome.choice.update
        if update.kind in (RECALIBRATION, REVISION) and update.slope <= 0:
            rule = f"{name}: effects are reversed in this cohort (calibration slope {update.slope:.2f})"
            problems.append(
                Problem(Code.EFFECTS_REVERSED, rule, advice=plain("no update helps; train a new model on it"))
            )
    if problems:
        raise DataError(problems, source=validation.cohort.name)


def _updated(
    external: ExternalValidation,
    name: str,
    outcome: ExternalOutcome,
    rng: np.random.Generator,
    updated: Mapping[str, UpdatedOutcome],
) -> Work[UpdatedOutcome]:
    """Update one outcome, and validate it by repeating the update in folds."""
    parent, data, choice, config = external.bundle, outcome.data, outcome.choice, external.config
    models = linked({**parent.models, **{part: each.model for part, each in updated.items()}})
    before = models[name]
    fold_rng, fit_rng, replicate_rng = rng.spawn(3)
    folds = _folds(data, config, fold_rng, updated)
    known = {part: {UPDATED: each.validation, **each.baselines} for part, each in updated.items()}
    parts = yield from parts_by_learner(
        data, config, folds, released=parent.models, updated=models, known=known
    )
    # Cross-validation composes the risks, of out-of-fold risks of the parts.
    among = replace(before, composition=None)
    fitters: dict[str, Fitter] = {
        UPDATED: Updater(among),
        ORIGINAL: Unchanged(among),
        Prevalence.name: Prevalence(),
    }
    watch, shared = Stopwatch(), Shared(data)
    # None of them draws anything.
    rngs = dict.fromkeys(fitters, fit_rng)
    validations = yield from cross_validated(fitters, shared, folds, rngs, parts=lambda: parts, watch=watch)
    model = updated_model(before, choice.update)
    if before.replicates is not None:
        replicates = yield from replicates_updated(
            before, choice, shared, replicate_rng, key=UPDATED, watch=watch
        )
        model = replace(model, replicates=replicates)
    validation = validations.pop(UPDATED)
    summary = outcome_summary(
        data,
        model,
        validation,
        validations,
        subgroups=by_subgroup(data, validation),
        interval_note=None,
        evidence_note=None,
        doubts=data_doubts(data),
        # Parameters that were tried, as everywhere, not only those that were kept.
        parameters=choice.possible[-1].n_parameters,
    )
    earlier = parent.summaries[name]
    summary = replace(
        summary,
        interval_note=earlier.interval_note,
        evidence_note=earlier.evidence_note,
        interval_fact=earlier.interval_fact,
        evidence_fact=earlier.evidence_fact,
        instability=_instability(model, data),
        easix=easix_model(data.scoring_set(), horizon_days=model.horizons_days[0]),
        scores=score_models(data.scoring_set(), horizon_days=model.horizons_days[0]),
        update=_stated(parent, name, external.cohort, choice),
    )
    return UpdatedOutcome(data, choice, model, validation, validations, summary, watch.periods())


def _folds(
    data: OutcomeData, config: FitConfig, rng: np.random.Generator, updated: Mapping[str, UpdatedOutcome]
) -> Folds:
    """Deal folds, or take those in which an updated part was validated."""
    shared = [updated[part].validation.folds for part in data.parts if part in updated]
    return shared_folds(data, config, rng, like=shared[0] if shared else None)


def _steps(model: RiskModel, config: FitConfig) -> int:
    replicates = len(model.replicates) if model.replicates is not None else 0
    return N_VALIDATED * config.repeats * config.folds + replicates


def _stated(parent: Bundle, name: str, cohort: Cohort, choice: Choice) -> ModelUpdate:
    update, before = choice.update, parent.summaries[name].update
    return ModelUpdate(
        kind=update.kind,
        shift=update.shift,
        slope=update.slope,
        more=dict(update.added_factors),
        tests=choice_words(choice),
        parent_digest=parent.digest,
        cohort=cohort.name,
        cohort_sha256=cohort.sha256,
        earlier=(*before.earlier, before.cohort_sha256) if before is not None else (),
    )


def _instability(model: RiskModel, data: OutcomeData) -> Measured | None:
    """Summarize the width of the intervals over the patients of the update."""
    if model.replicates is None:
        return None
    risk = model.risk(data.patients)[:, 0]
    width = instability(risk, headline_replicates(model, data.patients)).interval_width
    return Measured(width.median, width.lower, width.upper)


def _cohort(parent: Bundle, cohort: Cohort) -> CohortSummary:
    """Keep the training cohort, in whose ranges the effects hold; synthetic if either is.

    A model based on published evidence only has none: it gets the cohort of the update.
    """
    if not parent.cohort.trained:
        return cohort_summary(cohort)
    return replace(parent.cohort, synthetic=parent.cohort.synthetic or cohort.synthetic)
