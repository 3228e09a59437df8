"""A model of published evidence alone, ready to be served."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from features.outcomes import OUTCOMES
from features.short_repr import ShortRepr
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary, Reason, Status
from training.console.stopwatch import Period, since
from training.dataset.fit_config import FitConfig
from training.evidence.evidence_set import Evidence
from training.evidence.prior import Prior
from training.evidence.published_incidence import published_incidence
from training.fitting.fitted_model import FittedModel
from training.fitting.parts import ExpectedParts, Part
from training.learners.bootstrap_replicates import replicate
from training.learners.evidence_only import Published, empty_set
from training.tasks.task import Task
from training.tasks.work import Work


@dataclass(frozen=True)
class PublishedOutcome:
    """One outcome without a local patient.

    Attributes
    ----------
    prior : Prior
    fitted : FittedModel
    period : Period or None
        When it was made.
    """

    prior: Prior
    fitted: FittedModel
    period: Period | None = None

    @property
    def as_part(self) -> Part:
        """The model, as another outcome is composed of it."""
        return Part(self.fitted.model, self.fitted.model.method, {}, None)


@dataclass(frozen=True, repr=False)
class PublishedPlan(ShortRepr):
    """An outcome whose model is made from published evidence alone.

    Attributes
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    evidence : Evidence
    config : FitConfig
        For the number of replicates.
    rng : numpy.random.Generator
    reason : Reason
        Why no patient has a part in it.
    parts : ExpectedParts
        What the outcome is composed of.
    """

    outcome: str
    evidence: Evidence
    config: FitConfig
    rng: np.random.Generator
    reason: Reason
    parts: ExpectedParts

    @property
    def steps(self) -> int:
        """Count the steps of its progress."""
        return self.config.replicates

    @property
    def folds(self) -> None:
        """Nothing is validated."""
        return


def fit_published(plan: PublishedPlan) -> Work[PublishedOutcome]:
    """Make the model of one outcome from published evidence.

    Parameters
    ----------
    plan : PublishedPlan

    Returns
    -------
    work : Work
        Its result is the published outcome.
    """
    arguments = (plan.outcome, plan.evidence, plan.config.replicates, plan.rng, plan.reason)
    (done,) = yield [Task(f"{plan.outcome}/published", _published, arguments, steps=plan.steps)]
    parts = plan.parts.ready
    while parts is None:
        yield []
        parts = plan.parts.ready
    published: PublishedOutcome = done.value
    model = published.fitted.model.composed_of(parts.composition)
    return replace(published, fitted=replace(published.fitted, model=model))


def _published(
    outcome: str, evidence: Evidence, n_replicates: int, rng: np.random.Generator, reason: Reason
) -> PublishedOutcome:
    """Make the model, composed of nothing yet."""
    began, learner, horizons = time.time(), Published(evidence), OUTCOMES[outcome].horizons_days
    nobody = empty_set(outcome, horizons)
    choice = learner.choose(nobody, rng)
    drawn = replicate(learner, choice, repeat(nobody, n_replicates), rng)
    prior = learner.prior(outcome, horizons)
    model = learner.fit(nobody, choice)
    model = replace(model, replicates=drawn, without_sources=learner.without_sources(model, nobody, choice))
    note = learner.evidence_note(model, choice)
    summary = OutcomeSummary(
        n_infusions=0,
        n_events=0,
        n_competing=0,
        cumulative_incidence=published_incidence(outcome, evidence),
        dropped_horizons={},
        counts={},
        grading="",
        censoring="",
        evidence_note=note.text if note else "",
        evidence_fact=note,
        status=Status.PUBLISHED_EVIDENCE_ONLY,
        status_reasons=(reason.text,),
        status_facts=(reason,),
    )
    return PublishedOutcome(prior, FittedModel(model, {}, None, Measured(None), summary), since(began))
