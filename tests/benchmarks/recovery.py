"""How well each learner recovers a known true risk: ``python -m tests.benchmarks.recovery``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from features.log_odds import logit
from serving.model.risk_model import RiskModel
from tests.benchmarks.cohorts import Test, cohort_of, test_set_of
from tests.benchmarks.contenders import FEWEST_TO_JUDGE, behind
from tests.benchmarks.measures import coverage_and_width, excess_log_loss, slope_on_truth
from tests.benchmarks.peers import PEERS, predict, variants
from tests.benchmarks.results import Result, append, finished
from tests.benchmarks.worlds import BASE_RATES, WORLDS
from training.dataset.outcome_dataset import OutcomeData
from training.evidence.evidence_set import read_evidence
from training.learners.bootstrap_replicates import replicate, weighted_sets
from training.learners.learner import Learner, learners
from training.learners.prevalence import Prevalence

SIZES = (8, 30, 60, 120, 250, 500, 1000, 4000)
N_REPLICATES = 200
N_REPLICATES_OF_TREES, MANY = 40, 4000
"""Replicates where each of them takes longest: of trees, with so many patients. Percentiles of 40 hold 2 to
4 % less than those of 200."""
N_INTERVALS = 500
"""Test patients whose intervals are checked."""
OWN = "own"
WITH_INTERVALS = ("anchored",)
SINGLE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@cache
def own_learners() -> dict[str, Learner]:
    """Name the learners of this project that are measured."""
    made = learners(read_evidence())
    return {name: made[name] for name in ("anchored", "published", "ridge")}


@dataclass(frozen=True)
class Cell:
    """One cohort and what is still to be fitted on it.

    Attributes
    ----------
    world, outcome : str
    n, cohort, seed : int
    fits : tuple of (str, str)
        Learners with their inputs.
    intervals : tuple of str
        Own learners whose intervals are measured.
    replicates : int
    """

    world: str
    outcome: str
    n: int
    cohort: int
    seed: int
    fits: tuple[tuple[str, str], ...]
    intervals: tuple[str, ...]
    replicates: int

    def rng(self, what: str) -> np.random.Generator:
        """Draw from a source that depends on the cohort and on what for, not on what else is run."""
        names = (zlib.crc32(name.encode()) for name in (self.world, self.outcome, what))
        return np.random.default_rng(np.random.SeedSequence([self.seed, *names, self.n, self.cohort]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cells that are not in the file yet."""
    asked = _parser().parse_args(arguments)
    if asked.out.exists() and not asked.resume:
        message = f"{asked.out} exists; add to it with --resume, or name another file"
        raise SystemExit(message)
    cells = list(_cells(asked))
    # Before the workers import numpy: two of them, one thread each.
    os.environ.update(dict.fromkeys(SINGLE_THREAD, "1"))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress, _pool(asked.workers) as pool:
        bar = progress.add_task("cohorts", total=len(cells))
        for results in pool.imap_unordered(run_cell, cells):
            append(asked.out, results)
            progress.advance(bar)


def run_cell(cell: Cell) -> list[Result]:
    """Draw a cohort and its test set, fit and measure the learners asked for."""
    world = WORLDS[cell.world](cell.outcome, cell.rng("world"))
    data, test = cohort_of(world, cell.n, cell.rng("cohort")), test_set_of(world, cell.rng("test"))
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
    learner, rng, start = own_learners()[name], cell.rng(name), time.process_time()
    training = data.training_set()
    try:
        choice = learner.choose(training, rng)
        model, failed = learner.fit(training, choice), False
    except (ValueError, ArithmeticError):
        model, failed = Prevalence().fit(training, None), True
    risk = model.risk(test.patients)[:, 0]
    result = _result(
        cell, (name, OWN), test, risk, seconds=time.process_time() - start, fell_back=int(failed)
    )
    result = replace(result, additivity=_additivity(model, test))
    if failed or name not in cell.intervals:
        return result
    many_trees = model.trees is not None and cell.n >= MANY
    n_replicates = min(cell.replicates, N_REPLICATES_OF_TREES) if many_trees else cell.replicates
    drawn = replicate(learner, choice, weighted_sets(data, n_replicates, rng), rng)
    coverage, width = _interval(replace(model, replicates=drawn), test)
    return replace(result, coverage=coverage, width=width)


def _result(cell: Cell, learner: tuple[str, str], test: Test, risk: Any, **measured: Any) -> Result:
    return Result(
        *(cell.world, cell.outcome, cell.n, cell.cohort, *learner),
        excess=excess_log_loss(test.risk, risk),
        slope=slope_on_truth(test.risk, risk),
        **measured,
    )


def _interval(model: RiskModel, test: Test) -> tuple[float, float]:
    checked = np.arange(N_INTERVALS)
    low, high = model.interval(test.patients.take(checked))
    return coverage_and_width(test.risk[checked], low[:, 0], high[:, 0])


def _additivity(model: RiskModel, test: Test) -> float:
    explained = model.explain(test.patients).log_odds
    return float(np.abs(explained - logit(model.risk(test.patients))).max())


def _cells(asked: argparse.Namespace) -> Iterator[Cell]:
    """List the cohorts, first of every cell, second of every cell ...: a run that is stopped is of use."""
    done, left_behind = finished(asked.out), behind(asked.out, factor=asked.contenders)
    for cohort in range(asked.cohorts):
        for n in asked.sizes:
            for world in asked.worlds:
                for outcome in asked.outcomes:
                    place = (world, outcome, str(n), str(cohort))
                    out = left_behind.get((world, outcome, n), frozenset())
                    fits = tuple(
                        fit
                        for fit in _fits(asked, outcome, n)
                        if (*place, *fit) not in done and fit not in out
                    )
                    if fits:
                        yield Cell(
                            world,
                            outcome,
                            n,
                            cohort,
                            asked.seed,
                            fits,
                            tuple(asked.intervals),
                            asked.replicates,
                        )


def _fits(asked: argparse.Namespace, outcome: str, n: int) -> list[tuple[str, str]]:
    peers = [fit for fit in variants(outcome, n) if fit[0] == "prevalence" or fit[1] in asked.inputs]
    own = [(name, OWN) for name in own_learners()]
    return [fit for fit in peers + own if not asked.learners or fit[0] in asked.learners]


def _pool(workers: int) -> Any:
    """Start processes that import everything anew, so that they find the threads set."""
    return multiprocessing.get_context("spawn").Pool(workers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    known = list(dict.fromkeys([*PEERS, *own_learners()]))
    parser.add_argument("--worlds", nargs="+", choices=list(WORLDS), default=list(WORLDS))
    parser.add_argument("--outcomes", nargs="+", choices=list(BASE_RATES), default=list(BASE_RATES))
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--cohorts", type=int, default=20, help="of each world, outcome and size")
    parser.add_argument("--learners", "--models", nargs="+", choices=known, default=[], help="all by default")
    parser.add_argument(
        "--inputs", nargs="+", choices=["terms", "raw"], default=["terms", "raw"], help="of peers"
    )
    parser.add_argument("--intervals", nargs="*", default=list(WITH_INTERVALS), help="own learners to check")
    parser.add_argument("--replicates", type=int, default=N_REPLICATES)
    parser.add_argument(
        "--contenders",
        type=float,
        default=0.0,
        help=f"leave out peers that after {FEWEST_TO_JUDGE} cohorts have so many times the best one's excess",
    )
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("results.csv"))
    parser.add_argument("--resume", action="store_true", help="add what the file does not hold yet")
    return parser


if __name__ == "__main__":
    main()
