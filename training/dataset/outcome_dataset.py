"""One outcome of a cohort, ready for fitting: who is known, which horizons stand, labels and weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.checking.duplicates import duplicates
from features.checking.near_equal_ids import near_equal
from features.cohort import Cohort
from features.columns import Columns, Values
from features.decisions import Decision
from features.event_labels import labels
from features.observation import Observation
from features.outcome import Estimand, Given, Outcome, observe
from features.outcomes import OUTCOMES
from features.short_repr import ShortRepr
from training.dataset.centers import Centers, numbered_centers
from training.dataset.dependent_censoring import FurtherTherapyCensoring, can_model, fit_further_therapy
from training.dataset.event_counts import distinct_events, event_free_patients
from training.dataset.fit_config import FitConfig
from training.dataset.grading_scales import allowed_counts, refused_scales
from training.dataset.infusion_subset import of_infusions
from training.dataset.milder_grade import milder_grade
from training.dataset.training_set import TrainingSet
from training.dataset.unavailable import NoData
from training.statistics.censoring_weights import (
    FEWEST_AT_RISK,
    censoring_survival,
    censoring_weights,
    horizon_dropped,
)

TINY_COHORT = 20
"""Infusions below which a horizon is kept however few are still followed: ten would be most of the cohort.
The prior stabilizes the anchored model in such a cohort; other models rarely have enough events there."""


FEWEST_GIVEN = 5
"""Infusions that can have an outcome, at least, where only some can: the share with it among fewer would be
0, 1 or next to nothing known."""


@dataclass(frozen=True, repr=False)
class OutcomeData(ShortRepr):
    """One outcome of a cohort.

    Attributes
    ----------
    outcome : Outcome
    estimand : Estimand
    patients : Columns of `Patient`
        Infusions with anything known of the outcome.
    observation : Observation
        Of the same infusions.
    groups : ndarray of shape (n_infusions,)
        Patient of each infusion, as a number.
    position : ndarray of shape (n_infusions,)
        Row of each infusion in the cohort.
    center : ndarray of shape (n_infusions,)
        Center of each infusion; empty where not recorded.
    horizons_days : tuple of int
        Horizons that can be estimated, headline first.
    dropped_horizons : mapping of int to str
        The others, and why.
    n_events : int
        Distinct events by the last horizon.
    n_headline_events, n_headline_free : int
        Distinct events by the headline horizon, and patients known to be free of it there.
    models_therapy : bool
        Whether censoring by further therapy is modeled: decided on the whole cohort, for all its parts.
    grading : str
        Another grading scale that was allowed, in words; empty if none was.
    parts : mapping of str to OutcomeData
        Outcomes that the risk is composed of (`features.outcome.Given`), of the same infusions.
    home : str
        Center whose patients are answered for; empty for those of a new center.
    """

    outcome: Outcome
    estimand: Estimand
    patients: Columns
    observation: Observation
    groups: NDArray[np.int64]
    position: NDArray[np.int64]
    center: NDArray[np.str_]
    horizons_days: tuple[int, ...]
    dropped_horizons: Mapping[int, str]
    n_events: int
    n_headline_events: int
    n_headline_free: int
    models_therapy: bool = False
    grading: str = ""
    parts: Mapping[str, OutcomeData] = field(default_factory=dict)
    home: str = field(default="", repr=False)

    def __len__(self) -> int:
        return len(self.observation)

    def training_set(
        self, index: NDArray[Any] | None = None, *, multiplicity: Values | None = None
    ) -> TrainingSet:
        """Label and weigh infusions to fit a model, with censoring estimated from these infusions alone.

        Where only some can have the outcome, those who cannot weigh 0 at a horizon.

        Parameters
        ----------
        index : ndarray, optional
            Positions of infusions; all by default.
        multiplicity : ndarray of shape (n_picked,), optional
            How many times each counts (a bootstrap draw).

        Returns
        -------
        training : TrainingSet
        """
        everybody = self.scoring_set(index, multiplicity=multiplicity)
        chosen = np.arange(len(self)) if index is None else index
        return replace(everybody, weight=np.where(self.can_have(chosen), everybody.weight, 0.0))

    @property
    def fitted(self) -> OutcomeData:
        """All infusions that a model is fitted to."""
        return self

    @cached_property
    def centers(self) -> Centers | None:
        """Center of each infusion; None with fewer than three that have one who can have the outcome."""
        counted = np.flatnonzero(self.can_have(np.arange(len(self))).any(axis=1))
        return numbered_centers(self.center, counted, home=self.home)

    def can_have(self, index: NDArray[Any]) -> NDArray[np.bool_]:
        """Mark infusions known to be of those who can have the outcome: shape (n_picked, n_horizons)."""
        given = self.outcome.given
        if given is None:
            return np.ones((len(index), len(self.horizons_days)), dtype=np.bool_)
        seen = self.parts[given.outcome].observation
        day, event = seen.day[index], seen.event[index]
        by_horizon = [labels(day, event, horizon_days=days) == given.happened for days in self.horizons_days]
        return np.column_stack(by_horizon)

    def scoring_set(
        self, index: NDArray[Any] | None = None, *, multiplicity: Values | None = None
    ) -> TrainingSet:
        """Label and weigh all infusions to measure risks, with censoring estimated from these alone.

        Parameters and value are those of `training_set`.
        """
        chosen = np.arange(len(self)) if index is None else index
        day, event = self.observation.day[chosen], self.observation.event[chosen]
        # The same columns, not a copy: what is derived of them once serves every weighting.
        patients = self.patients if index is None else self.patients.take(chosen)
        counted = np.ones(len(chosen)) if multiplicity is None else multiplicity
        therapy = self._further_therapy(chosen, patients, counted)
        ended_otherwise = self.observation.further_therapy[chosen] & (therapy is not None)
        survival = censoring_survival(day, np.where(ended_otherwise, -1, event), counted)

        label, weight = np.zeros((2, len(chosen), len(self.horizons_days)))
        for column, horizon in enumerate(self.horizons_days):
            at_horizon = labels(day, event, horizon_days=horizon)
            weight[:, column] = counted * censoring_weights(day, at_horizon, survival, horizon_days=horizon)
            if therapy is not None:
                weight[:, column] /= therapy.survival_before(patients, np.minimum(day, horizon))
            label[:, column] = np.nan_to_num(at_horizon)
        return TrainingSet(
            self.outcome.name,
            self.horizons_days,
            patients,
            label,
            weight,
            self.groups[chosen],
            milder_grade(self.observation.milder, chosen, counted),
            self.centers.take(chosen) if self.centers is not None else None,
        )

    def _further_therapy(
        self, chosen: NDArray[Any], patients: Columns, counted: Values
    ) -> FurtherTherapyCensoring | None:
        if not self.models_therapy:
            return None
        ended = self.observation.further_therapy[chosen]
        return fit_further_therapy(patients, self.observation.day[chosen], ended, counted)

    @property
    def censoring_assumption(self) -> str:
        """What is assumed of censoring, in words."""
        if self.estimand == "treatment_policy" or not self.outcome.therapies:
            return "censoring independent of risk"
        if self.models_therapy:
            return "transplant and later infusions weighted by a Cox model of burden, age and prior HSCT"
        return "assumes transplant independent of risk"


def outcome_data(cohort: Cohort, outcome: Outcome, config: FitConfig) -> OutcomeData | NoData:
    """Prepare one outcome of a cohort, or say why it has to be left out.

    Parameters
    ----------
    cohort : Cohort
    outcome : Outcome
    config : FitConfig

    Returns
    -------
    data : OutcomeData or NoData
        With any number of events; `NoData` if nothing was recorded, no horizon can be estimated, or infusions
        are graded on a scale that is neither the outcome's own nor allowed.
    """
    absent = [column for column in outcome.needed(config.estimand) if column not in cohort.present]
    if absent:
        return NoData(f"the cohort has no column {', '.join(absent)}", recorded=False)
    refused = refused_scales(cohort, outcome, config.allow_grading)
    if refused is not None:
        return refused
    observation = observe(
        outcome, cohort.follow_up, estimand=config.estimand, keep_assumed=config.assume_remission
    )
    parts = _parts(cohort, outcome, config)
    if isinstance(parts, NoData):
        return parts
    kept = np.flatnonzero(observation.known)
    for part in parts.values():
        kept = np.intersect1d(kept, part.position)
    if len(kept) == 0:
        return NoData(f"no infusion has {', '.join(outcome.needs)} filled in", recorded=False)
    groups = np.unique(cohort.patient_id[kept], return_inverse=True)[1].astype(np.int64)
    repeated = duplicates(cohort.patients.take(kept), cohort.follow_up.take(kept), groups)
    counts = {
        **observation.counts,
        **allowed_counts(cohort, outcome, config.allow_grading),
        # Their effect on every metric is not corrected.
        Decision.REPEATED: int(repeated.sum()),
        # One patient may be in the training and in the held-out part.
        Decision.NEAR_EQUAL: int(near_equal(cohort.patient_id)[kept].sum()),
    }
    known = observation.take(kept, counts=counts)
    fewest = FEWEST_AT_RISK if len(kept) >= TINY_COHORT else 1
    reasons = {
        h: horizon_dropped(known.day, known.event, horizon_days=h, fewest_at_risk=fewest)
        for h in outcome.horizons_days
    }
    parts = {name: of_infusions(part, kept) for name, part in parts.items()}
    reasons = {h: why or _why_without(outcome.given, parts, h) for h, why in reasons.items()}
    horizons = tuple(h for h, reason in reasons.items() if not reason)
    if not horizons:
        return NoData("; ".join(reasons.values()), recorded=True)
    events = distinct_events(cohort, kept, known, horizon_days=horizons[0])
    free = event_free_patients(known, groups, horizon_days=horizons[0])
    return OutcomeData(
        outcome=outcome,
        estimand=config.estimand,
        patients=cohort.patients.take(kept),
        observation=known,
        groups=groups,
        position=kept,
        center=cohort.center[kept],
        horizons_days=horizons,
        dropped_horizons={h: reason for h, reason in reasons.items() if reason},
        n_events=distinct_events(cohort, kept, known, horizon_days=max(horizons)),
        n_headline_events=events,
        n_headline_free=free,
        models_therapy=can_model(cohort.patients.take(kept), known),
        grading=f"rows graded by {config.allow_grading} are included (--allow-grading)"
        if config.allow_grading and outcome.grading is not None
        else "",
        parts=parts,
    )


def _parts(cohort: Cohort, outcome: Outcome, config: FitConfig) -> dict[str, OutcomeData] | NoData:
    """Prepare the outcomes that another is composed of, or say which of them has to be left out."""
    parts = {}
    for name in outcome.rests_on:
        part = outcome_data(cohort, OUTCOMES[name], config)
        if isinstance(part, NoData):
            return replace(part, reason=f"{OUTCOMES[name].title}: {part.reason}")
        parts[name] = part
    return parts


def _why_without(given: Given | None, parts: Mapping[str, OutcomeData], horizon_days: int) -> str:
    """Say why a horizon cannot be estimated of what only some can have, or is composed; else empty."""
    for part in parts.values():
        if horizon_days in part.dropped_horizons:
            return f"{part.outcome.title}: {part.dropped_horizons[horizon_days]}"
    if given is None:
        return ""
    seen = parts[given.outcome].observation
    among = int((labels(seen.day, seen.event, horizon_days=horizon_days) == given.happened).sum())
    if among >= FEWEST_GIVEN:
        return ""
    # Zero is a fact about no patient; the other numbers are masked.
    few = f"fewer than {FEWEST_GIVEN} infusions are" if among else "no infusion is"
    return f"{few} of {given.words} at day {horizon_days}"
