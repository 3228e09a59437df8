"""A model of published evidence alone, ready to be served."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from features.outcomes import OUTCOMES
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary, Reason, Status
from training.console.stopwatch import Period, since
from training.dataset.fit_config import FitConfig
from training.evidence.evidence_set import Evidence
from training.evidence.prior import Prior
from training.evidence.published_incidence import published_incidence
from training.fitting.fitted_model import FittedModel
from training.fitting.parts import NO_PARTS, Part, Parts
from training.learners.bootstrap_replicates import replicate
from training.learners.evidence_only import Published, empty_set


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


def fit_published(
    outcome: str,
    evidence: Evidence,
    config: FitConfig,
    rng: np.random.Generator,
    *,
    reason: Reason,
    parts: Parts = NO_PARTS,
    advance: Callable[[], None] = lambda: None,
) -> PublishedOutcome:
    """Make the model of one outcome from published evidence.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    evidence : Evidence
    config : FitConfig
        For the number of replicates.
    rng : numpy.random.Generator
    reason : Reason
        Why no patient had a part in it.
    parts : Parts
        What the outcome is composed of.
    advance : callable
        Called after each replicate.

    Returns
    -------
    fitted : PublishedOutcome
    """
    began, learner, horizons = time.time(), Published(evidence), OUTCOMES[outcome].horizons_days
    nobody = empty_set(outcome, horizons)
    choice = learner.choose(nobody, rng)
    drawn = replicate(learner, choice, repeat(nobody, config.replicates), rng, advance=advance)
    prior = choice.anchor.prior
    model = replace(learner.fit(nobody, choice), composition=parts.composition)
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
