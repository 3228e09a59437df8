"""One outcome of a cohort: every model fitted and validated in shared folds, the best chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from features.columns import Values
from features.short_repr import ShortRepr
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Doubt, Reason
from training.console.stopwatch import Period, Stopwatch
from training.dataset.outcome_dataset import OutcomeData
from training.fitting.fitted_model import FittedModel
from training.fitting.outcome_plan import OutcomePlan
from training.fitting.parts import Part, Parts
from training.fitting.requested_learners import candidates, too_few
from training.fitting.whole_fit import WholeFit, fit_whole, fit_without_sources, measure_sensitivity
from training.learners.bootstrap_replicates import replicated
from training.learners.easix import easix_model
from training.learners.learner import BASELINES, Learner
from training.learners.score_models import score_models
from training.tasks.task import Shared, Task
from training.tasks.work import Work, together
from training.validation.cross_validation import Validation, cross_validated, log_loss_gain
from training.validation.instability import headline_replicates, instability
from training.validation.internal_external import InternalExternal, predicted_by_others
from training.validation.outcome_summary import by_center, outcome_summary, within_home
from training.validation.plausibility import data_doubts
from training.validation.subgroups import BySubgroup, by_subgroup


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


def fit_outcome(plan: OutcomePlan) -> Work[FittedOutcome]:
    """Fit and validate the models of one outcome.

    The folds of every learner and the fits to all infusions are tasks of the first round, so that an outcome
    that is composed of others waits for them only afterwards.

    Parameters
    ----------
    plan : OutcomePlan

    Returns
    -------
    work : Work
        Its result is the fitted outcome.
    """
    data, watch = Shared(plan.data), Stopwatch()
    learners = {name: Shared(plan.learners[name]) for name in plan.models}
    first = yield from together(
        {
            "validations": _validations(plan, data, watch),
            # After the folds, whose choices come first in the random numbers of a learner.
            "wholes": _whole_fits(plan, data, learners, watch),
        }
    )
    parts = plan.parts.ready
    while parts is None:
        yield []
        parts = plan.parts.ready
    known, wholes = first["validations"], first["wholes"]
    validations = {} if plan.for_others else known
    chosen = min(plan.models, key=lambda name: _loss(validations.get(name)))
    whole = wholes[chosen]
    composed = {name: each.model.composed_of(parts.composition) for name, each in wholes.items()}
    last = yield from together(
        {
            "fits": _further_fits(plan, data, learners[chosen], whole, parts, watch),
            "subgroups": _subgroups(
                data, {name: validations[name] for name in composed if name in validations}
            ),
        }
    )
    further = last["fits"]
    complete = replace(
        whole.model, replicates=further["replicates"], without_sources=further["without_sources"]
    )
    composed[chosen] = complete.composed_of(parts.composition)
    fitted = {}
    for name, model in composed.items():
        notes = plan.learners[name].interval_note, wholes[name].evidence_note
        measured = _measured(
            name,
            model,
            plan.data,
            validations,
            subgroups=last["subgroups"].get(name, {}),
            notes=notes,
            doubts=further["doubts"],
        )
        fitted[name] = replace(measured, parameters=wholes[name].parameters, choice=wholes[name].choice)
    held = further["centers"]
    facts: dict[str, Any] = {"imputation_sensitivity": further["sensitivity"]}
    if held is not None and validations:
        notes = (*within_home(plan.data, plan.config), *held.notes)
        facts |= {"by_center": by_center(held), "center_notes": notes}
    released = replace(fitted[chosen], summary=replace(fitted[chosen].summary, **facts))
    fitted[chosen] = _with_comparators(
        _with_instability(released, plan.data), plan.data, plan.learners["easix"]
    )
    return FittedOutcome(
        plan.data,
        fitted,
        {name: validation for name, validation in validations.items() if name not in fitted},
        chosen,
        plan.not_fitted,
        watch.periods(),
        known if plan.for_others else {},
        held.risk if held is not None else None,
    )


def _validations(plan: OutcomePlan, data: Shared, watch: Stopwatch) -> Work[dict[str, Validation]]:
    """Cross-validate, if anything is to be."""
    if plan.folds is None:
        return {}
    released = plan.models if plan.for_others else candidates(plan.data, plan.config)

    def parts() -> dict[str, dict[str, Validation]] | None:
        ready = plan.parts.ready
        if ready is None:
            return None
        return {name: ready.validations(name, released=name in released) for name in plan.validated}

    learners = {name: plan.learners[name] for name in plan.validated}
    return (
        yield from cross_validated(learners, data, plan.folds, plan.fold_seeds(), parts=parts, watch=watch)
    )


def _whole_fits(
    plan: OutcomePlan, data: Shared, learners: Mapping[str, Shared], watch: Stopwatch
) -> Work[dict[str, WholeFit]]:
    """Fit every model to all infusions."""
    outcome = plan.data.outcome.name
    done = yield [
        Task(f"{outcome}/{name}/whole", fit_whole, (learner, data, deepcopy(plan.seeds[name])))
        for name, learner in learners.items()
    ]
    for name, each in zip(learners, done, strict=True):
        watch.add_all(name, [each])
    return {name: each.value for name, each in zip(learners, done, strict=True)}


def _further_fits(
    plan: OutcomePlan,
    data: Shared,
    learner: Shared,
    whole: WholeFit,
    parts: Parts,
    watch: Stopwatch,
) -> Work[dict[str, Any]]:
    """Make what the released model alone has, from replicates to fits by centers; look for doubts."""
    outcome, choice, name = plan.data.outcome.name, Shared(whole.choice), learner.value.name
    n_replicates = plan.config.replicates
    fitted = (learner, whole.model, data, choice)
    longest: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
        "without_sources": (fit_without_sources, fitted),
        "sensitivity": (measure_sensitivity, (*fitted, parts.composition)),
    }
    works: dict[str, Work[Any]] = {}
    # The two longest tasks come first, so that no worker begins one when the others have nothing left.
    for what, (function, arguments) in longest.items():
        task = Task(f"{outcome}/{name}/{what}", function, arguments, steps=0)
        works[what] = _alone(task, name, watch)
    works["doubts"] = _doubts(data)
    works["replicates"] = replicated(learner, data, choice, n_replicates, deepcopy(whole.rng), watch=watch)
    works["centers"] = _by_other_centers(plan, learner, data, parts, watch)
    return (yield from together(works))


def _alone(task: Task, name: str, watch: Stopwatch) -> Work[Any]:
    """Run one task."""
    done = yield [task]
    watch.add_all(name, done)
    return done[0].value


def _doubts(data: Shared) -> Work[tuple[Doubt, ...]]:
    """Look for what makes the data implausible; workers have imported what that takes."""
    done = yield [Task(f"{data.value.outcome.name}/doubts", data_doubts, (data,), steps=0)]
    return tuple(done[0].value)


def _subgroups(data: Shared, validations: Mapping[str, Validation]) -> Work[dict[str, BySubgroup]]:
    """Measure every model in groups of patients."""
    done = yield [
        Task(f"{data.value.outcome.name}/{name}/subgroups", by_subgroup, (data, each), steps=0)
        for name, each in validations.items()
    ]
    return {name: each.value for name, each in zip(validations, done, strict=True)}


def _by_other_centers(
    plan: OutcomePlan, learner: Shared, data: Shared, parts: Parts, watch: Stopwatch
) -> Work[InternalExternal | None]:
    """Predict every center by the others, if the outcome is cross-validated."""
    if plan.folds is None:
        return None
    center, rng, n_draws = plan.data.center, plan.seeds["centers"], plan.config.bootstrap_draws
    return (
        yield from predicted_by_others(
            learner, data, center, rng, n_draws=n_draws, parts=parts.center_risks, watch=watch
        )
    )


def _measured(
    name: str,
    model: RiskModel,
    data: OutcomeData,
    validations: Mapping[str, Validation],
    *,
    subgroups: BySubgroup,
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
        subgroups=subgroups,
        interval_note=interval_note,
        evidence_note=evidence_note,
        doubts=doubts,
    )
    return FittedModel(model, {}, validation, gain, summary)


def _with_instability(fitted: FittedModel, data: OutcomeData) -> FittedModel:
    """Add how much the replicates disagree over the training infusions."""
    model = fitted.model
    risk = model.risk(data.patients)[:, 0]
    widths = instability(risk, headline_replicates(model, data.patients)).interval_width
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
