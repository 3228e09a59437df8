"""Risks of a registered version for the patients of a cohort, without using a patient's own outcome.

Individual risks are never stored. So on the training cohort the version's cross-validation is repeated and
compared with the recorded log loss; where the comparison has other folds, it is then repeated in those. On
any other cohort the released model predicts, without refitting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from features.cohort import Cohort
from serving.model.bundle import Bundle
from serving.model.measured import Measured
from training.comparison.training_recipe import Recipe
from training.dataset.cohort_summary import same_patients
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.random_streams import learner_seeds, training_seeds
from training.dataset.unavailable import Unavailable
from training.evidence.evidence_set import read_evidence
from training.external.external_validation import seen_cohorts
from training.learners.learner import learners
from training.tasks.serial import SERIAL
from training.tasks.task import Runner
from training.validation.cross_validation import Validation, cross_validate
from training.validation.shared_folds import Folds, shared_folds

SAME_LOSS = 1e-3
"""Difference in log loss that another machine or library may make to the same cross-validation."""


@dataclass(frozen=True)
class Contender:
    """A registered version.

    Attributes
    ----------
    bundle : Bundle
    recipe : Recipe
    """

    bundle: Bundle
    recipe: Recipe

    @property
    def name(self) -> str:
        """The version, in words."""
        return f"version {self.bundle.version}"

    def trained_on(self, outcome: str) -> str:
        """Digest of an outcome's training cohort; empty if no patient data were used."""
        return self.bundle.cohort.sha256 if self.bundle.summaries[outcome].n_infusions else ""


def why_unmade(version: Contender, outcome: str, sha256: str) -> str:
    """Say why a version has no unbiased risks for a cohort; empty where it has.

    Parameters
    ----------
    version : Contender
    outcome : str
        That it predicts.
    sha256 : str
        Of the cohort.

    Returns
    -------
    reason : str
    """
    updated = any(summary.update is not None for summary in version.bundle.summaries.values())
    if updated and sha256 in seen_cohorts(version.bundle):
        return (
            f"{version.name} is an update that was fitted to these patients; "
            "choose a cohort that it was neither trained nor updated on"
        )
    if version.trained_on(outcome) == sha256 and version.recipe.searched:
        return (
            f"{version.name} was tuned on these patients, and the search is not repeated; "
            "choose a cohort that it was not trained on"
        )
    if version.trained_on(outcome) == sha256 and version.recipe.own_evidence:
        return (
            f"{version.name} was trained with {version.recipe.own_evidence}, which is not stored: "
            "its cross-validation cannot be repeated"
        )
    return ""


def why_copied(version: Contender, outcome: str, cohort: Cohort) -> str:
    """Say that a version was trained on these patients in another file; empty where it was not.

    Its cross-validation belongs to that file, and its own risks are those of its training patients.
    """
    trained = version.bundle.cohort
    if version.trained_on(outcome) in ("", cohort.sha256) or not same_patients(trained, cohort):
        return ""
    return (
        f"{version.name} was trained on these patients in another file or order; "
        f"give the same file or table: {trained.name}"
    )


def version_risks(
    version: Contender,
    data: OutcomeData,
    folds: Folds,
    config: FitConfig,
    *,
    sha256: str,
    runner: Runner = SERIAL,
    advance: Callable[[], None] = lambda: None,
) -> Validation | Unavailable:
    """Make the risks of a version in given folds.

    Parameters
    ----------
    version : Contender
    data : OutcomeData
        Of the cohort, at a headline horizon that the version knows.
    folds : Folds
        Dealt by `config`.
    config : FitConfig
        Seed and folds of the comparison.
    sha256 : str
        Of the cohort.
    runner : Runner
        Runs the folds.
    advance : callable
        Called after each fold.

    Returns
    -------
    risks : Validation or Unavailable
        The headline horizon comes first. Unavailable, with the reason, if repeating the cross-validation
        gives another log loss.
    """
    if version.trained_on(data.outcome.name) != sha256:
        return _released(version.bundle, data, folds)
    again = _Repetition(version, config, f"{version.name} for {data.outcome.name}", runner, advance)
    if _own_folds(version, config):
        repeated = again.validated(data, folds)
        reason = _why_changed(version, data, repeated)
        return Unavailable(reason) if reason else repeated
    reason = _recorded_otherwise(again, data)
    return Unavailable(reason) if reason else again.validated(data, folds)


def n_fits(version: Contender, data: OutcomeData, config: FitConfig, *, sha256: str) -> int:
    """Count the folds in which `version_risks` fits a version, with all that its risk is composed of.

    Parameters
    ----------
    version : Contender
    data : OutcomeData
    config : FitConfig
        Of the comparison.
    sha256 : str
        Of the cohort.

    Returns
    -------
    count : int
        None on patients that it was not trained on; those of its own cross-validation too, where they are
        others and there is a recorded loss to compare with.
    """
    if version.trained_on(data.outcome.name) != sha256:
        return 0
    fits = n_parts(data)
    own, shared = version.recipe.config, fits * config.repeats * config.folds
    if _own_folds(version, config) or recorded_loss(version, data) is None:
        return shared
    return shared + fits * own.repeats * own.folds


def n_parts(data: OutcomeData) -> int:
    """Count an outcome and all that its risk is composed of."""
    return 1 + sum(n_parts(part) for part in data.parts.values())


def dealt_folds(data: OutcomeData, config: FitConfig) -> Folds:
    """Deal the folds of an outcome as a training with this configuration does.

    Parameters
    ----------
    data : OutcomeData
    config : FitConfig
        Seed, folds and repeats.

    Returns
    -------
    folds : Folds
        Those of the outcome that it is composed of, with labels and weights of its own.
    """
    if data.outcome.given is not None:
        dealt = dealt_folds(data.parts[data.outcome.given.outcome], config)
        return shared_folds(data, config, np.random.default_rng(), like=dealt)
    seeds = learner_seeds(training_seeds(config.seed)[1][data.outcome.name], ())
    return shared_folds(data, config, seeds["folds"])


def recorded_loss(version: Contender, data: OutcomeData) -> float | None:
    """Give the out-of-fold log loss at the headline horizon that was recorded; None without validation."""
    stated = version.bundle.summaries[data.outcome.name].metrics.get(data.horizons_days[0], {})
    return stated.get("log_loss", Measured(None)).value


def _own_folds(version: Contender, config: FitConfig) -> bool:
    """Whether the folds of a comparison are those of a version's own cross-validation."""
    own = version.recipe.config
    return (own.seed, own.folds, own.repeats) == (config.seed, config.folds, config.repeats)


def _recorded_otherwise(again: _Repetition, data: OutcomeData) -> str:
    """Repeat a version's cross-validation in its own folds, to compare it with the recorded loss."""
    if recorded_loss(again.version, data) is None:
        return ""
    own = replace(again.version.recipe.config, bootstrap_draws=1)
    in_own = replace(again, config=own, key=f"{again.key} in its own folds")
    return _why_changed(again.version, data, in_own.validated(data, dealt_folds(data, own)))


def _released(bundle: Bundle, data: OutcomeData, folds: Folds) -> Validation:
    model, headline = bundle.models[data.outcome.name], data.horizons_days[0]
    horizon = model.horizons_days.index(headline)
    risk = model.risk(data.patients)[None, :, horizon : horizon + 1]
    repeats = len(folds.number)
    return Validation((headline,), np.repeat(risk, repeats, axis=0), folds, {}, np.full((repeats, 1), np.nan))


@dataclass(frozen=True)
class _Repetition:
    """A version's cross-validation once more, with the random numbers that its training had.

    Attributes
    ----------
    version : Contender
    config : FitConfig
        Seed and folds.
    key : str
        Tells the tasks from those of other repetitions that the same runner runs.
    runner : Runner
    advance : callable
        Called after each fold.
    """

    version: Contender
    config: FitConfig
    key: str
    runner: Runner
    advance: Callable[[], None]

    def validated(self, data: OutcomeData, folds: Folds) -> Validation:
        """Cross-validate an outcome, and before it those that it is composed of."""
        evidence, name = self.version.recipe.config.evidence, data.outcome.name
        made = learners(read_evidence(excluded=evidence.excluded, literature=evidence.literature))
        method = self.version.bundle.models[name].method
        seeds = learner_seeds(training_seeds(self.config.seed)[1][name], made)
        parts = {}
        for part, each in data.parts.items():
            same = shared_folds(each, self.config, seeds["folds"], like=folds)
            parts[part] = self.validated(each, same)
        return cross_validate(
            made[method],
            data,
            folds,
            seeds[method],
            parts=parts,
            name=f"{self.key}/{method}",
            runner=self.runner,
            advance=self.advance,
        )


def _why_changed(version: Contender, data: OutcomeData, repeated: Validation) -> str:
    """Say so if the version cannot be reproduced: code or evidence have changed since."""
    recorded = recorded_loss(version, data)
    if recorded is None or abs(repeated.headline_log_loss - recorded) <= SAME_LOSS:
        return ""
    return (
        f"repeating the cross-validation of {version.name} gives a log loss of "
        f"{repeated.headline_log_loss:.3f}, but {recorded:.3f} was recorded: "
        "the code or the evidence has changed since"
    )
