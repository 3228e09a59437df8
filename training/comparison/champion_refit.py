"""The paired gain of a training over the champion, whichever cohort the champion is from."""

from __future__ import annotations

import json

from serving.model.bundle import Bundle
from serving.model.measured import Measured
from training.comparison.champion_gain import CHAMPION_GAIN, champion_facts
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender, n_fits, version_risks, why_unmade
from training.console.progress import Progress, silent
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.unavailable import Unavailable
from training.fitting.fitted_model import FittedModel
from training.fitting.train import Training
from training.tasks.serial import SERIAL
from training.tasks.task import Runner
from training.validation.cross_validation import log_loss_gain


def facts_over_champion(
    training: Training,
    champion: Bundle | None,
    recipe: Recipe | None,
    *,
    progress: Progress = silent,
    runner: Runner = SERIAL,
) -> dict[str, str]:
    """Compare a training with the champion, for the provenance of its bundle.

    On new patients the champion predicts as released. On the cohort that it was trained on, its
    cross-validation is repeated in the folds of the training, so that both are out-of-fold.

    Parameters
    ----------
    training : Training
    champion : Bundle or None
        None where nothing was promoted yet.
    recipe : Recipe or None
        How the champion was made; None where that cannot be read.
    progress : Progress
        Shows how far the work is.
    runner : Runner
        Runs the folds.

    Returns
    -------
    facts : dict of str to str
        As `training.comparison.champion_gain.champion_facts` gives them; empty without a champion.
    """
    facts = champion_facts(training, champion)
    if champion is None or training.cohort is None or champion.cohort.sha256 != training.cohort.sha256:
        return facts
    if recipe is None or recipe.config.home_center != training.config.home_center:
        return facts
    if champion.digest == training.bundle.digest:
        return facts
    contender = Contender(champion, recipe)
    for name, fitted in training.outcomes.items():
        gain = _gain(contender, fitted.models[fitted.chosen], fitted.data, training, progress, runner)
        if gain.value is not None:
            facts[f"{CHAMPION_GAIN}.{name}"] = json.dumps([gain.value, gain.low, gain.high])
    return facts


def _gain(
    champion: Contender,
    model: FittedModel,
    data: OutcomeData,
    training: Training,
    progress: Progress,
    runner: Runner,
) -> Measured:
    """Measure the paired gain at the headline horizon; None unless both are out-of-fold there."""
    if model.validation is None or not _comparable(champion, data):
        return Measured(None)
    sha256 = champion.bundle.cohort.sha256
    fits = n_fits(champion, data, training.config, sha256=sha256)
    with progress(f"champion: {data.outcome.title}", fits) as advance:
        again = version_risks(
            champion,
            data,
            model.validation.folds,
            training.config,
            sha256=sha256,
            runner=runner,
            advance=advance,
        )
    return Measured(None) if isinstance(again, Unavailable) else log_loss_gain(model.validation, again)


def _comparable(champion: Contender, data: OutcomeData) -> bool:
    name, bundle = data.outcome.name, champion.bundle
    if name not in bundle.models or bundle.estimand != data.estimand:
        return False
    summary = bundle.summaries[name]
    known = data.horizons_days[0] in bundle.models[name].horizons_days and summary.grading == data.grading
    return known and not why_unmade(champion, name, bundle.cohort.sha256)
