"""Which learners an outcome is fitted with, which of them are validated, and why others are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from features.outcomes import OUTCOMES
from features.small_counts import counts_words
from training.dataset.fit_config import FEWEST_EVENTS, MODELS, FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.fitting.parts import ExpectedParts
from training.learners.learner import BASELINES, Learner

FEW_BASELINES = ("prevalence", "published")
"""What the model of an outcome that is not a main one is compared with."""


def needed_by_others(data: OutcomeData, config: FitConfig, parts: ExpectedParts) -> bool:
    """Whether a requested outcome is composed of this one, and its risks out of fold can be made."""
    needed = any(data.outcome.name in OUTCOMES[name].rests_on for name in config.outcomes)
    several = len(np.unique(data.groups)) > 1  # patients: one cannot be held out
    return needed and config.validate and parts.validated and several


def candidates(data: OutcomeData, config: FitConfig) -> tuple[str, ...]:
    """Name the learners whose models may be released.

    By default all compete for a main outcome, and the first alone is fitted to every other one.
    """
    return config.models if _with_all(data, config) else MODELS[:1]


def requested_learners(data: OutcomeData, config: FitConfig) -> tuple[str, ...]:
    """Name the candidates and what they are compared with."""
    compared = BASELINES if _with_all(data, config) else FEW_BASELINES
    return tuple(dict.fromkeys((*candidates(data, config), *(compared if config.validate else ()))))


def _with_all(data: OutcomeData, config: FitConfig) -> bool:
    return data.outcome.main or config.models != MODELS


def too_few(data: OutcomeData, learner: Learner) -> str:
    """Why the data are too few for a learner; empty if they suffice."""
    if not learner.fewest_events:
        return ""
    if min(data.n_headline_events, data.n_headline_free) < learner.fewest_events:
        events, free = counts_words(data.n_headline_events, data.n_headline_free)
        return (
            f"{learner.name}: {events} distinct events and {free} event-free "
            f"patients at day {data.horizons_days[0]}; at least {learner.fewest_events} of each are needed"
        )
    whole = data.training_set()
    for position in np.argsort(data.horizons_days):
        horizon, label = data.horizons_days[position], whole.label[whole.weight[:, position] > 0, position]
        if not ((label == 0).any() and (label == 1).any()):
            # Every refit would give the same risk: an interval of width 0.
            lacking = "no event" if (label == 0).any() else "no event-free patient"
            return f"{learner.name}: {lacking} at day {horizon}; at least one is needed at every horizon"
    return ""


def learners_for_others(
    data: OutcomeData, models: Sequence[str], learners: Mapping[str, Learner]
) -> tuple[str, ...]:
    """Name the learners whose risks out of fold go into outcomes that are composed of this one.

    The first model is the one that is released; baselines of the others are composed of baselines.
    """
    fitted = (name for name in FEW_BASELINES if not too_few(data, learners[name]))
    return tuple(dict.fromkeys((*models[:1], *fitted)))


def validated_learners(
    data: OutcomeData, config: FitConfig, learners: Mapping[str, Learner], parts: ExpectedParts
) -> tuple[str, ...]:
    """Name the learners that are validated: none if there are too few events, or parts without validation."""
    if not config.validate or min(data.n_headline_events, data.n_headline_free) < FEWEST_EVENTS:
        return ()
    if not parts.validated:
        return ()
    return tuple(name for name in requested_learners(data, config) if not too_few(data, learners[name]))
