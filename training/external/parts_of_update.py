"""Out-of-fold risks of what an updated outcome is composed of: as updated, as released, and by prevalence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serving.model.risk_model import RiskModel
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.external.update_learner import ORIGINAL, UPDATED
from training.learners.prevalence import Prevalence
from training.tasks.task import Shared
from training.tasks.work import Work
from training.validation.cross_validation import Validation, cross_validated
from training.validation.shared_folds import Folds, shared_folds


def parts_by_learner(
    data: OutcomeData,
    config: FitConfig,
    folds: Folds,
    *,
    released: Mapping[str, RiskModel],
    updated: Mapping[str, RiskModel],
    known: Mapping[str, Mapping[str, Validation]],
) -> Work[dict[str, dict[str, Validation]]]:
    """Choose the risks of the parts that go with those of each learner in the folds of an update.

    Parameters
    ----------
    data : OutcomeData
        Of the outcome.
    config : FitConfig
    folds : Folds
        Of the outcome; its parts are held out with it.
    released, updated : mapping of str to RiskModel
        Models of the parts before and after the update.
    known : mapping of str to mapping of str to Validation
        Of the parts that were updated, by learner.

    Returns
    -------
    work : Work
        Its result has the validation of each part, by learner: the released model is composed of released
        parts, the prevalence of prevalences.
    """
    by_learner: dict[str, dict[str, Validation]] = {UPDATED: {}, ORIGINAL: {}, Prevalence.name: {}}
    for name, part in data.parts.items():
        of_part = known.get(name)
        if of_part is None:
            of_part = {
                # Neither saw any of these patients.
                UPDATED: _by_one_model(updated[name], part, folds),
                ORIGINAL: _by_one_model(released[name], part, folds),
                Prevalence.name: (yield from _by_prevalence(part, config, folds, data.outcome.name)),
            }
        for learner, parts in by_learner.items():
            parts[name] = of_part[learner]
    return by_learner


def _by_one_model(model: RiskModel, part: OutcomeData, folds: Folds) -> Validation:
    repeats = len(folds.number)
    risk = np.repeat(model.risk(part.patients)[None], repeats, axis=0)
    return Validation(model.horizons_days, risk, folds, {}, np.full((repeats, 1), np.nan))


def _by_prevalence(part: OutcomeData, config: FitConfig, folds: Folds, whole: str) -> Work[Validation]:
    """Cross-validate the prevalence of a part, itself composed of prevalences."""
    parts: dict[str, Validation] = {}
    for name, each in part.parts.items():
        parts[name] = yield from _by_prevalence(each, config, folds, whole)
    # It draws nothing, and the folds are dealt.
    rng = np.random.default_rng(0)
    of_part = shared_folds(part, config, rng, like=folds)
    # Tasks are named by it, and another outcome may be composed of the same part.
    learner = f"{Prevalence.name} for {whole}"
    done = yield from cross_validated(
        {learner: Prevalence()}, Shared(part), of_part, {learner: rng}, parts=lambda: {learner: parts}
    )
    return done[learner]
