"""How long a training takes on a Dask cluster: ``python -m tests.benchmarks.distributed``.

The same training by this process, by two worker processes, and by two workers of a Dask cluster on this
machine, measured in turn.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from features.synthetic.simulation import simulated_cohort
from tests.benchmarks.side_by_side import CONFIG, ratio_table, timed_in_turn
from tests.benchmarks.training import ALONE, SEED
from tests.dask_cluster import dask_cluster
from training.fitting.train import train
from training.tasks.chosen import chosen_runner
from training.tasks.dask_cluster import DaskCluster
from training.tasks.task import Runner


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    cohort = simulated_cohort(asked.patients, rng=np.random.default_rng(SEED))
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
        cluster = started.enter_context(dask_cluster(asked.workers, folder))
        runners: dict[str, Runner] = {
            "1 process": started.enter_context(chosen_runner(1)),
            f"{asked.workers} processes": started.enter_context(chosen_runner(asked.workers)),
            f"Dask, {asked.workers} workers": started.enter_context(DaskCluster(cluster.address)),
        }
        for runner in runners.values():
            train(cohort, replace(ALONE, replicates=20), runner=runner)
        ways = {
            name: lambda runner=runner: train(cohort, CONFIG, runner=runner)  # type: ignore[misc]
            for name, runner in runners.items()
        }
        print(ratio_table(timed_in_turn(ways, rounds=asked.rounds)))  # noqa: T201


if __name__ == "__main__":
    main()
