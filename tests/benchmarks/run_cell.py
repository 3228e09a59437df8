"""One cohort of the benchmark: drawn, fitted by every learner that is still to run, and measured."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.columns import Values
from features.log_odds import logit
from serving.model.risk_model import RiskModel
from tests.benchmarks.cohorts import N_INTERVALS, Center, Test
from tests.benchmarks.measures import (
    coverage_and_width,
    coverage_by_decile,
    excess_log_loss,
    slope_on_truth,
)
from tests.benchmarks.own_learners import LinearOnly, Variants, own_learners, recorded_name
from tests.benchmarks.peers import predict
from tests.benchmarks.results import Result
from tests.benchmarks.settings import SETTINGS
from tests.benchmarks.worlds import WORLDS
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.training_set import TrainingSet
from training.learners.bootstrap_replicates import replicate, weighted_sets
from training.learners.prevalence import Prevalence

OWN = "own"
OWN_DRAWS = "anchored"
"""Source of the draws of all own learners: candidates differ by what they do, not by their name."""
N_REPLICATES = 200
N_REPLICATES_OF_TREES, MANY = 40, 4000
"""Replicates where each of them takes longest: of trees, with so many patients. Percentiles of 40 hold 2 to
4 % less than those of 200."""
EFFECTIVE_N = "effective_sample_size"
"""Parameter by which a learner states an effective sample size."""


@dataclass(frozen=True)
class Cell:
    """One cohort and what is still to be fitted on it.

    Attributes
    ----------
    world, setting, outcome : str
    n, cohort, seed : int
    fits : tuple of (str, str)
        Learners with their inputs.
    replicates : int
        For the intervals of own learners; 0 for none.
    variants : tuple of (str, str)
        Candidates, see `tests.benchmarks.own_learners`.
    linear_only : bool
        Whether own learners go without trees.
    """

    world: str
    setting: str
    outcome: str
    n: int
    cohort: int
    seed: int
    fits: tuple[tuple[str, str], ...]
    replicates: int = N_REPLICATES
    variants: Variants = ()
    linear_only: bool = False

    def rng(self, what: str) -> np.random.Generator:
        """Draw from a source that depends on the cohort and on what for, not on what else is run.

        Nor on the setting: the plain cohort and the one with gaps have the same patients.
        """
        names = (zlib.crc32(name.encode()) for name in (self.world, self.outcome, what))
        return np.random.default_rng(np.random.SeedSequence([self.seed, *names, self.n, self.cohort]))


def run_cell(cell: Cell) -> list[Result]:
    """Draw a cohort and its test set; fit and measure the learners of the cell."""
    world = WORLDS[cell.world](cell.outcome, cell.rng("world"))
    center = Center(world, SETTINGS[cell.setting], cell.rng(f"setting {cell.setting}"))
    data, test = center.cohort(cell.n, cell.rng("cohort")).data, center.test_set(cell.rng("test"))
    return [
        _own_result(cell, name, data, test) if inputs == OWN else _peer_result(cell, name, inputs, data, test)
        for name, inputs in cell.fits
    ]


def _peer_result(cell: Cell, name: str, inputs: str, data: OutcomeData, test: Test) -> Result:
    start = time.process_time()
    predicted = predict(name, inputs, data, test.patients, cell.rng(f"{name} {inputs}"))
    seconds = time.process_time() - start
    return _result(
        cell, (name, inputs), test, predicted.risk, seconds=seconds, fell_back=int(predicted.fell_back)
    )


def _own_result(cell: Cell, name: str, data: OutcomeData, test: Test) -> Result:
    learner: Any = own_learners(cell.variants)[name]
    learner = LinearOnly(learner) if cell.linear_only else learner
    rng, start = cell.rng(OWN_DRAWS), time.process_time()
    training = data.training_set()
    model, choice = _fitted(learner, training, rng)
    failed = choice is None
    risk = model.risk(test.patients)[:, 0]
    seconds = time.process_time() - start
    recorded = recorded_name(name, linear_only=cell.linear_only)
    result = _result(cell, (recorded, OWN), test, risk, seconds=seconds, fell_back=int(failed))
    result = replace(result, additivity=_additivity(model, test))
    if failed:
        return result
    stated = learner.parameters(choice).get(EFFECTIVE_N, float("nan"))
    result = replace(result, effective_n=float(stated))
    if not cell.replicates:
        return result
    drawn = replicate(learner, choice, _weighted(cell, model, data, training, rng), rng)
    return replace(result, **_interval(replace(model, replicates=drawn), test, risk))


def _fitted(learner: Any, training: TrainingSet, rng: np.random.Generator) -> tuple[RiskModel, Any]:
    """Choose and fit; where that fails, the prevalence and no choice."""
    try:
        choice = learner.choose(training, rng)
        return learner.fit(training, choice), choice
    except (ValueError, ArithmeticError):
        return Prevalence().fit(training, None), None


def _weighted(
    cell: Cell, model: RiskModel, data: OutcomeData, training: TrainingSet, rng: np.random.Generator
) -> Iterator[TrainingSet]:
    """Weigh the cohort at random, once a replicate; fewer times where trees take longest."""
    many_trees = model.trees is not None and cell.n >= MANY
    n_replicates = min(cell.replicates, N_REPLICATES_OF_TREES) if many_trees else cell.replicates
    return _sharing_terms(training, weighted_sets(data, n_replicates, rng))


def _result(cell: Cell, learner: tuple[str, str], test: Test, risk: Values, **measured: Any) -> Result:
    return Result(
        *(cell.world, cell.setting, cell.outcome, cell.n, cell.cohort, *learner),
        excess=excess_log_loss(test.risk, risk),
        slope=slope_on_truth(test.risk, risk),
        **measured,
    )


def _sharing_terms(training: TrainingSet, sets: Iterable[TrainingSet]) -> Iterator[TrainingSet]:
    """Give all weighted sets one and the same patients, whose terms are then computed once."""
    for weighted in sets:
        yield replace(weighted, patients=training.patients)


def _interval(model: RiskModel, test: Test, risk: Values) -> dict[str, Any]:
    low, high = (end[:, 0] for end in model.interval(test.checked))
    true_risk, predicted = test.risk[:N_INTERVALS], risk[:N_INTERVALS]
    coverage, width = coverage_and_width(true_risk, low, high)
    deciles = coverage_by_decile(true_risk, low, high, predicted)
    return {"coverage": coverage, "width": width, "deciles": " ".join(f"{share:.2f}" for share in deciles)}


def _additivity(model: RiskModel, test: Test) -> float:
    explained = model.explain(test.checked).log_odds
    return float(np.abs(explained - logit(model.risk(test.checked))).max())
