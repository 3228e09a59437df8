"""A whole training: from a checked cohort, or from published evidence alone, to models and their bundle."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.cohort import Cohort
from features.outcomes import OUTCOMES, with_composed_of
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.short_repr import ShortRepr
from features.synthetic.simulation import synthetic_patients
from serving.model.bundle import Bundle
from serving.model.cohort_summary import NO_COHORT
from serving.model.masked_bundle import masked_bundle, masked_summary
from serving.model.validation_summary import OutcomeSummary, Reason
from training.console.progress import Progress, silent
from training.console.stopwatch import Period, since
from training.dataset.cohort_summary import cohort_summary
from training.dataset.fit_config import FitConfig
from training.dataset.home_center import modeled_data
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.random_streams import training_seeds
from training.dataset.unavailable import Unavailable
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior_from_studies import published_prior
from training.fitting.fit_evidence_only import PublishedOutcome, PublishedPlan, fit_published
from training.fitting.fit_outcome import FittedOutcome, fit_outcome
from training.fitting.outcome_plan import OutcomePlan, plan_outcome
from training.fitting.parts import ExpectedParts, Part
from training.learners.learner import Learner, learners
from training.tasks.serial import SERIAL
from training.tasks.task import Runner
from training.tasks.work import Work, run, together
from training.validation.shared_folds import Folds

GOLDEN_PATIENTS = 8


@dataclass(frozen=True, repr=False)
class Training(ShortRepr):
    """One finished training.

    Attributes
    ----------
    cohort : Cohort or None
        None where published evidence is all there is.
    config : FitConfig
    evidence : Evidence
        What the anchored models start from.
    outcomes : mapping of str to FittedOutcome
        Those with data in the cohort.
    published : mapping of str to PublishedOutcome
        Those that rest on published evidence alone.
    left_out : mapping of str to str
        Requested outcomes without a model, and why.
    bundle : Bundle
        Of the chosen models.
    period : Period or None
        When it was fitted; in no bundle, so that a seed repeats it.
    record_infusions : bool
        Whether contributions of single infusions of a real cohort may be recorded.
    small_counts : bool
        Whether bundle and runs may state counts of fewer than five infusions.
    """

    cohort: Cohort | None
    config: FitConfig
    evidence: Evidence
    outcomes: Mapping[str, FittedOutcome]
    published: Mapping[str, PublishedOutcome]
    left_out: Mapping[str, str]
    bundle: Bundle
    period: Period | None = None
    record_infusions: bool = False
    small_counts: bool = False

    @property
    def shows_infusions(self) -> bool:
        """Whether contributions of single infusions are recorded: of a synthetic cohort, or as requested."""
        return self.synthetic or self.record_infusions

    @property
    def shared_bundle(self) -> Bundle:
        """The bundle as it is written: without small counts, unless they were requested."""
        return masked_bundle(self.bundle, small_counts=self.small_counts)

    def shown(self, summary: OutcomeSummary) -> OutcomeSummary:
        """Give a summary as people may see it: without small counts, unless they were requested."""
        return summary if self.small_counts else masked_summary(summary)

    @property
    def synthetic(self) -> bool:
        """Whether the cohort was generated."""
        return self.cohort is not None and self.cohort.synthetic


def train(
    cohort: Cohort | None,
    config: FitConfig,
    *,
    progress: Progress = silent,
    runner: Runner = SERIAL,
    further_learners: Callable[[Evidence], Mapping[str, Learner]] = lambda evidence: {},
) -> Training:
    """Fit and validate the models of every requested outcome.

    Parameters
    ----------
    cohort : Cohort or None
        Without one the models are the published evidence.
    config : FitConfig
    progress : Progress
        Shows how far the work is.
    runner : Runner
        Runs the tasks of all outcomes; the numbers do not depend on which.
    further_learners : callable
        Makes further learners that ``config.models`` may name.

    Returns
    -------
    training : Training
        The same seed gives the same bundle.

    Raises
    ------
    DataError
        If no outcome can be trained, with the reason for each; a grading scale or the evidence is refused.
    """
    began, chosen = time.time(), config.evidence
    config = replace(config, outcomes=with_composed_of(config.outcomes))
    evidence = read_evidence(chosen.file, excluded=chosen.excluded, literature=chosen.literature)
    made = {**learners(evidence), **further_learners(evidence)}
    golden_rng, seeds = training_seeds(config.seed)
    datas, published_why, left_out = _sorted_out(cohort, config)
    planned: dict[str, Folds | None] = {}
    known: dict[str, Part] = {}
    works, steps = {}, 0
    # An outcome comes after those that it is composed of.
    for name in (each for each in config.outcomes if each not in left_out):
        sources = _Sources(evidence, made, seeds[name], datas.get(name), published_why.get(name))
        parts = ExpectedParts(OUTCOMES[name], planned, known)
        plan = _planned(name, config, sources, parts)
        if isinstance(plan, Unavailable):
            left_out[name] = plan.reason
            continue
        planned[name], steps = plan.folds, steps + plan.steps
        works[name] = _kept_for_others(name, plan, known)
    title = OUTCOMES[next(iter(works))].title if len(works) == 1 else f"{len(works)} outcomes"
    with progress(title, steps) as advance:
        fitted = run(together(works), runner, advance=advance)
    outcomes = {name: each for name, each in fitted.items() if isinstance(each, FittedOutcome)}
    published = {name: each for name, each in fitted.items() if isinstance(each, PublishedOutcome)}
    if not (outcomes or published):
        problems = [
            Problem(Code.OUTCOME_NOT_TRAINED, f"{name} cannot be trained: {reason}")
            for name, reason in left_out.items()
        ]
        raise DataError(problems, source=cohort.name if cohort is not None else "published evidence")
    answering = {
        **{name: fitted.models[fitted.chosen] for name, fitted in outcomes.items()},
        **{name: fitted.fitted for name, fitted in published.items()},
    }
    bundle = Bundle(
        estimand=config.estimand,
        cohort=cohort_summary(cohort, home_center=config.home_center) if cohort is not None else NO_COHORT,
        models={name: answering[name].model for name in config.outcomes if name in answering},
        summaries={name: answering[name].summary for name in config.outcomes if name in answering},
        left_out=left_out,
        golden=synthetic_patients(GOLDEN_PATIENTS, rng=golden_rng),
    )
    return Training(cohort, config, evidence, outcomes, published, left_out, bundle, since(began))


@dataclass(frozen=True, repr=False)
class _Sources(ShortRepr):
    """What a model of one outcome is made from: data, or the reason why evidence has to do without."""

    evidence: Evidence
    learners: Mapping[str, Learner]
    rng: np.random.Generator
    data: OutcomeData | None
    why_published: Reason | None


def _planned(
    name: str, config: FitConfig, sources: _Sources, parts: ExpectedParts
) -> OutcomePlan | PublishedPlan | Unavailable:
    """Decide how one outcome is fitted, to data if there are any."""
    if parts.absent:
        titles = " and ".join(OUTCOMES[part].title for part in parts.absent)
        return Unavailable(f"its risk is composed with that of {titles}, which has no model")
    if sources.data is not None:
        return plan_outcome(sources.data, config, sources.learners, sources.rng, parts)
    assert sources.why_published is not None
    prior = published_prior(name, OUTCOMES[name].horizons_days, sources.evidence)
    if not (prior.base_sources or prior.published):
        why = sources.why_published.text
        return Unavailable(f"{why}, and the evidence has no rate and no effect for it")
    return PublishedPlan(name, sources.evidence, config, sources.rng, sources.why_published, parts)


def _kept_for_others(
    name: str, plan: OutcomePlan | PublishedPlan, known: dict[str, Part]
) -> Work[FittedOutcome | PublishedOutcome]:
    """Fit one outcome, and keep it for those that are composed of it."""
    fitted: FittedOutcome | PublishedOutcome
    if isinstance(plan, OutcomePlan):
        fitted = yield from fit_outcome(plan)
    else:
        fitted = yield from fit_published(plan)
    known[name] = fitted.as_part
    return fitted


def _sorted_out(
    cohort: Cohort | None, config: FitConfig
) -> tuple[dict[str, OutcomeData], dict[str, Reason], dict[str, str]]:
    """Sort outcomes into those with data in the cohort, those from evidence alone, and those left out."""
    if cohort is None:
        without = Reason("no_local_cohort", "no local cohort was used")
        return {}, dict.fromkeys(config.outcomes, without), {}
    datas, published, left_out = {}, {}, {}
    for name in config.outcomes:
        data = modeled_data(cohort, OUTCOMES[name], config)
        if isinstance(data, OutcomeData):
            datas[name] = data
        elif data.recorded and "anchored" in config.models:
            words = f"the cohort has too little data on it: {data.reason}"
            published[name] = Reason("uninformative_cohort", words)
        else:
            left_out[name] = data.reason
    return datas, published, left_out
