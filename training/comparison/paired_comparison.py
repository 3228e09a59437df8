"""Two versions on the same patients: the paired difference in log loss and Brier score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.small_counts import counts_words
from serving.model.measured import Measured
from training.comparison.version_risks import (
    Contender,
    dealt_folds,
    n_fits,
    recorded_loss,
    version_risks,
    why_copied,
    why_unmade,
)
from training.console.progress import Progress, silent
from training.dataset.fit_config import FEWEST_EVENTS, FitConfig
from training.dataset.home_center import modeled_data
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.unavailable import NoData, Unavailable
from training.tasks.serial import SERIAL
from training.tasks.task import Runner
from training.validation.bootstrap_intervals import measured, metric_draws
from training.validation.center_label import answered_center
from training.validation.cross_validation import Validation
from training.validation.paired_differences import LOSS_FUNCTIONS, paired_gains

Pair = tuple[Contender, Contender]


@dataclass(frozen=True)
class Difference:
    """Two versions on the patients of one outcome.

    Attributes
    ----------
    days : int
        Horizon.
    n_infusions, n_patients, n_events : int
        The same for both; events are distinct, by the horizon.
    losses : tuple of mapping of str to Measured
        Of each version: ``log_loss`` and ``brier``, with 90 % intervals.
    gains : mapping of str to Measured
        How much lower the second version's losses are, paired by patient; above 0 it is the better.
    same : bool
        Whether both give every infusion the same risk.
    unchecked : tuple of str
        Versions cross-validated again with no recorded log loss to check it by.
    """

    days: int
    n_infusions: int
    n_patients: int
    n_events: int
    losses: tuple[Mapping[str, Measured], Mapping[str, Measured]]
    gains: Mapping[str, Measured]
    same: bool
    unchecked: tuple[str, ...] = ()


def compare_versions(
    pair: Pair, cohort: Cohort, *, progress: Progress = silent, runner: Runner = SERIAL
) -> dict[str, Difference | Unavailable]:
    """Compare two versions on the patients of a cohort.

    Parameters
    ----------
    pair : tuple of (Contender, Contender)
    cohort : Cohort
        That both, one or neither of them were trained on.
    progress : Progress
        Shows how far the work is.
    runner : Runner
        Runs the folds of repeated cross-validations; the numbers do not depend on which.

    Returns
    -------
    differences : dict of str to (Difference or Unavailable)
        By outcome that either predicts; why, where the two cannot be compared. The same cohort and versions
        give the same figures.
    """
    config = shared_config(pair, cohort.sha256)
    differences: dict[str, Difference | Unavailable] = {}
    for name in answered(pair):
        reason = why_not(name, pair)
        data = Unavailable(reason) if reason else _data(name, pair, cohort, config)
        differences[name] = (
            data if isinstance(data, Unavailable) else _compared(pair, data, cohort, config, progress, runner)
        )
    return differences


def answered(pair: Pair) -> list[str]:
    """Name the outcomes that either version predicts."""
    return [name for name in OUTCOMES if any(name in each.bundle.models for each in pair)]


def shared_config(pair: Pair, sha256: str) -> FitConfig:
    """Give the folds and draws that both share: those of the first version trained on the cohort.

    That version is then validated in the folds that its recorded metrics are from, within its home center if
    it has one. On a cohort that neither was trained on, all infusions are compared.
    """
    trained = [each for each in pair if each.bundle.cohort.sha256 == sha256]
    return trained[0].recipe.config if trained else replace(pair[0].recipe.config, home_center=0)


def why_not(name: str, pair: Pair) -> str:
    """Say why two versions cannot be compared in an outcome, whatever the patients; empty where they can."""
    for each in pair:
        if name not in each.bundle.models:
            return f"{each.name} does not predict it"
    first, second = (each.bundle.estimand for each in pair)
    if first != second:
        return f"they have different estimands: {first} and {second}"
    if len({each.bundle.summaries[name].grading for each in pair if each.trained_on(name)}) > 1:
        return "they were trained on different grading scales"
    return ""


def _data(name: str, pair: Pair, cohort: Cohort, config: FitConfig) -> OutcomeData | Unavailable:
    """Prepare an outcome, or say why it cannot be compared on these patients."""
    homes = {each.recipe.config.home_center for each in pair if each.trained_on(name) == cohort.sha256}
    if len(homes) > 1:
        first, second = (answered_center(number) for number in sorted(homes))
        return Unavailable(f"on this cohort, one was trained for {first} and one for {second}")
    for each in pair:
        unmade = why_unmade(each, name, cohort.sha256) or why_copied(each, name, cohort)
        if unmade:
            return Unavailable(unmade)
    data = modeled_data(cohort, OUTCOMES[name], config)
    if isinstance(data, NoData):
        return Unavailable(data.reason)
    reason = _too_few(data) or _without_risk(name, pair, data)
    return Unavailable(reason) if reason else data


def _too_few(data: OutcomeData) -> str:
    """Say so where there are too few patients for an interval."""
    if min(data.n_headline_events, data.n_headline_free) >= FEWEST_EVENTS:
        return ""
    events, free = counts_words(data.n_headline_events, data.n_headline_free)
    return (
        f"there are {events} distinct events and {free} event-free patients "
        f"at day {data.horizons_days[0]}; {FEWEST_EVENTS} of each are needed"
    )


def _without_risk(name: str, pair: Pair, data: OutcomeData) -> str:
    headline = data.horizons_days[0]
    lacking = [each.name for each in pair if headline not in each.bundle.models[name].horizons_days]
    return f"{' and '.join(lacking)} cannot predict the risk by day {headline}" if lacking else ""


def _compared(
    pair: Pair, data: OutcomeData, cohort: Cohort, config: FitConfig, progress: Progress, runner: Runner
) -> Difference | Unavailable:
    sha256 = cohort.sha256
    folds = dealt_folds(data, config)
    risks: list[Validation] = []
    with progress(
        data.outcome.title, sum(n_fits(each, data, config, sha256=sha256) for each in pair)
    ) as advance:
        for each in pair:
            predicted = version_risks(
                each, data, folds, config, sha256=sha256, runner=runner, advance=advance
            )
            if isinstance(predicted, Unavailable):
                return predicted
            risks.append(predicted)
    made = [each for each in pair if n_fits(each, data, config, sha256=sha256)]
    unchecked = tuple(each.name for each in made if recorded_loss(each, data) is None)
    return replace(_difference(data, risks[0], risks[1]), unchecked=unchecked)


def _difference(data: OutcomeData, first: Validation, second: Validation) -> Difference:
    return Difference(
        days=data.horizons_days[0],
        n_infusions=len(data),
        n_patients=len(np.unique(data.groups)),
        n_events=data.n_headline_events,
        losses=(_losses(first), _losses(second)),
        gains=paired_gains(second, {"first": first})["first"],
        same=bool(np.array_equal(first.risk[:, :, 0], second.risk[:, :, 0])),
    )


def _losses(validation: Validation) -> dict[str, Measured]:
    return {
        name: measured(metric_draws(metric, validation.risk[:, :, 0], validation.folds, 0))
        for name, metric in LOSS_FUNCTIONS.items()
    }
