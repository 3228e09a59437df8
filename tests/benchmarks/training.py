"""How long a training takes: ``python -m tests.benchmarks.training``.

The same training with one worker and with more, measured in turn, and one outcome without validation by the
number of patients.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from features.cohort import Cohort
from features.synthetic.simulation import simulated_cohort
from tests.benchmarks.side_by_side import CONFIG, ratio_table, timed_in_turn
from training.fitting.train import train
from training.tasks.chosen import chosen_runner
from training.tasks.task import Runner

SEED = 20260101
SIZES = (1_000, 4_000, 16_000)
ALONE = replace(CONFIG, outcomes=("relapse",), validate=False)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=250, help="of the validated training")
    parser.add_argument("--rounds", type=int, default=3, help="of the validated training")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="workers to compare")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="patients without validation")
    asked = parser.parse_args()
    print(by_workers(asked.patients, asked.workers, asked.rounds))  # noqa: T201
    print("\n| patients | seconds | power of the patients |\n| --- | --- | --- |")  # noqa: T201
    before: tuple[int, float] | None = None
    for size in asked.sizes:
        seconds = without_validation(size, max(asked.workers))
        power = "" if before is None else f"{power_of(before, (size, seconds)):.2f}"
        print(f"| {size} | {seconds:.1f} | {power} |", flush=True)  # noqa: T201
        before = size, seconds


def by_workers(n_patients: int, numbers: list[int], rounds: int) -> str:
    """Time the validated training of three outcomes; workers are started once, before the first round."""
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(SEED))
    with ExitStack() as started:
        runners = {number: started.enter_context(chosen_runner(number)) for number in numbers}
        for runner in runners.values():
            train(cohort, replace(ALONE, replicates=20), runner=runner)
        ways = {f"{number} workers": _trained(cohort, runner) for number, runner in runners.items()}
        return ratio_table(timed_in_turn(ways, rounds=rounds))


def without_validation(n_patients: int, workers: int) -> float:
    """Time one outcome without validation, the start of the workers included."""
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(SEED))
    start = time.perf_counter()
    with chosen_runner(workers) as runner:
        train(cohort, ALONE, runner=runner)
    return time.perf_counter() - start


def power_of(before: tuple[int, float], after: tuple[int, float]) -> float:
    """State the power of the number of patients that the time grew by.

    Examples
    --------
    >>> power_of((1000, 2.0), (4000, 8.0))
    1.0
    """
    return math.log(after[1] / before[1]) / math.log(after[0] / before[0])


def _trained(cohort: Cohort, runner: Runner) -> Callable[[], object]:
    return lambda: train(cohort, CONFIG, runner=runner)


if __name__ == "__main__":
    main()
