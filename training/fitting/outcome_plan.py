"""What is to be fitted and validated of one outcome, decided before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from features.short_repr import ShortRepr
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.random_streams import learner_seeds
from training.dataset.unavailable import Unavailable
from training.fitting.parts import ExpectedParts
from training.fitting.requested_learners import (
    candidates,
    learners_for_others,
    needed_by_others,
    requested_learners,
    too_few,
    validated_learners,
)
from training.learners.learner import Learner
from training.validation.shared_folds import Folds, shared_folds


@dataclass(frozen=True, repr=False)
class OutcomePlan(ShortRepr):
    """What is to be fitted of one outcome.

    Attributes
    ----------
    data : OutcomeData
    config : FitConfig
    learners : mapping of str to Learner
    seeds : mapping of str to numpy.random.Generator
        Of folds, centers and every learner.
    models : tuple of str
        Learners whose models may be released, at least one.
    not_fitted : mapping of str to str
        Requested models and baselines that cannot be fitted, and why.
    validated : tuple of str
        Learners that are cross-validated.
    for_others : bool
        Whether that is only because another outcome is composed of this one.
    folds : Folds or None
        None where nothing is cross-validated.
    parts : ExpectedParts
        What the outcome is composed of.
    """

    data: OutcomeData
    config: FitConfig
    learners: Mapping[str, Learner]
    seeds: Mapping[str, np.random.Generator]
    models: tuple[str, ...]
    not_fitted: Mapping[str, str]
    validated: tuple[str, ...]
    for_others: bool
    folds: Folds | None
    parts: ExpectedParts

    @property
    def steps(self) -> int:
        """Count the steps of its progress."""
        folds = len(self.validated) * self.config.repeats * self.config.folds
        return folds + len(self.models) + self.config.replicates

    def fold_seeds(self) -> dict[str, np.random.Generator]:
        """Give the generators of the cross-validation.

        They are copies where it is made for others alone: what is fitted does not depend on what else is
        requested.
        """
        chosen = {name: self.seeds[name] for name in self.validated}
        return deepcopy(chosen) if self.for_others else chosen


def plan_outcome(
    data: OutcomeData,
    config: FitConfig,
    learners: Mapping[str, Learner],
    rng: np.random.Generator,
    parts: ExpectedParts,
) -> OutcomePlan | Unavailable:
    """Decide which models of an outcome are fitted and validated, and deal their folds.

    Parameters
    ----------
    data : OutcomeData
    config : FitConfig
    learners : mapping of str to Learner
        From `training.learners.learner.learners`.
    rng : numpy.random.Generator
    parts : ExpectedParts
        What the outcome is composed of.

    Returns
    -------
    plan : OutcomePlan or Unavailable
        Why, where none of the requested models can be fitted.
    """
    not_fitted = {
        name: why for name in requested_learners(data, config) if (why := too_few(data, learners[name]))
    }
    models = tuple(name for name in candidates(data, config) if name not in not_fitted)
    if not models:
        return Unavailable("; ".join(dict.fromkeys(not_fitted[name] for name in candidates(data, config))))
    seeds = learner_seeds(rng, learners)
    validated = validated_learners(data, config, learners, parts)
    for_others = not validated and needed_by_others(data, config, parts)
    folds = None
    if validated or for_others:
        dealing = deepcopy(seeds["folds"]) if for_others else seeds["folds"]
        folds = shared_folds(data, config, dealing, like=parts.folds)
    return OutcomePlan(
        data,
        config,
        learners,
        seeds,
        models,
        not_fitted,
        learners_for_others(data, models, learners) if for_others else validated,
        for_others,
        folds,
        parts,
    )
