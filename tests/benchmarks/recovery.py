"""How well each learner recovers a known true risk: ``python -m tests.benchmarks.recovery``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tests.benchmarks.contenders import FEWEST_TO_JUDGE, behind
from tests.benchmarks.own_learners import OWN_LEARNERS, own_learners, parse_variant, recorded_name
from tests.benchmarks.peers import PEERS, QUICK, variants
from tests.benchmarks.readings import BASE_RATES
from tests.benchmarks.results import append, finished
from tests.benchmarks.run_cell import N_REPLICATES, OWN, Cell, run_cell
from tests.benchmarks.settings import SETTINGS
from tests.benchmarks.worlds import MAIN_WORLDS, WORLDS
from training.tasks.chosen import chosen_runner
from training.tasks.code_digest import code_digest
from training.tasks.kept_results import run_digest
from training.tasks.task import Task

SIZES = (8, 30, 60, 120, 250, 500, 1000, 4000)
SINGLE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cells that are not in the file yet."""
    options = parsed(arguments)
    if options.out.exists() and not options.resume:
        message = f"{options.out} exists; add to it with --resume, or name another file"
        raise SystemExit(message)
    cells = list(cells_of(options))
    # Before the workers import numpy: each has one thread.
    os.environ.update(dict.fromkeys(SINGLE_THREAD, "1"))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    digest = run_digest("recovery", code_digest(), repr(cells)) if options.dask else ""
    with (
        Progress(*columns, TimeRemainingColumn()) as progress,
        chosen_runner(options.workers, options.dask, digest=digest) as runner,
    ):
        bar = progress.add_task("cohorts", total=len(cells))
        for _, done in runner.finished(cell_tasks(cells)):
            append(options.out, done.value)
            progress.advance(bar)


def cell_tasks(cells: Sequence[Cell]) -> list[Task]:
    """Make a task of every cell: its random numbers follow from what it is."""
    return [Task(f"cell {number}", run_cell, (cell,)) for number, cell in enumerate(cells)]


def cells_of(options: argparse.Namespace) -> Iterator[Cell]:
    """List the cohorts, first of every cell, second of every cell ...: a run that is stopped is of use."""
    done, left_behind = finished(options.out), behind(options.out, factor=options.contenders)
    kinds = [
        (world, setting, outcome)
        for world in options.worlds
        for setting in options.settings
        for outcome in options.outcomes
    ]
    for cohort in range(options.from_cohort, options.from_cohort + options.cohorts):
        for n in options.sizes:
            for kind in kinds:
                out = left_behind.get((*kind, n), frozenset())
                fits = tuple(
                    (name, inputs)
                    for name, inputs in _fits(options, kind[-1], n)
                    if (*kind, str(n), str(cohort), _recorded(options, name, inputs), inputs) not in done
                    and (name, inputs) not in out
                )
                if fits:
                    yield Cell(
                        *(*kind, n, cohort, options.seed, fits),
                        replicates=options.replicates,
                        variants=options.variants,
                        linear_only=options.linear_only,
                    )


def _fits(options: argparse.Namespace, outcome: str, n: int) -> list[tuple[str, str]]:
    peers = [fit for fit in variants(outcome, n) if fit[0] == "prevalence" or fit[1] in options.inputs]
    own = [(name, OWN) for name in (*OWN_LEARNERS, *(name for name, _ in options.variants))]
    return [fit for fit in peers + own if not options.learners or fit[0] in options.learners]


def _recorded(options: argparse.Namespace, name: str, inputs: str) -> str:
    return recorded_name(name, linear_only=options.linear_only and inputs == OWN)


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; refuse candidates and learners that do not exist before anything runs."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        options.variants = tuple(parse_variant(text) for text in options.variant)
        known = [*PEERS, *own_learners(options.variants)]
    except ValueError as error:
        parser.error(str(error))
    options.learners += [*QUICK, *(name for name, _ in options.variants)] if options.quick else []
    unknown = [name for name in options.learners if name not in known]
    if unknown:
        parser.error(f"no learner {', '.join(unknown)}; choose from {', '.join(known)}")
    options.replicates = 0 if options.no_intervals else options.replicates
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--worlds", nargs="+", choices=list(WORLDS), default=list(MAIN_WORLDS))
    add("--settings", nargs="+", choices=list(SETTINGS), default=["plain"])
    add("--outcomes", nargs="+", choices=list(BASE_RATES), default=list(BASE_RATES))
    add("--sizes", nargs="+", type=int, default=list(SIZES))
    add("--cohorts", type=int, default=40, help="of each world, setting, outcome and size")
    add("--from-cohort", type=int, default=0, help="number of the first cohort, to draw fresh ones")
    add("--learners", "--models", nargs="+", default=[], help="peers and own learners; all by default")
    add("--quick", action="store_true", help="own learners and the peers that take less than a second")
    add("--inputs", nargs="+", choices=["terms", "raw"], default=["terms", "raw"], help="of peers")
    add(
        "--variant",
        action="append",
        default=[],
        metavar="NAME=MODULE:ATTRIBUTE",
        help="a candidate beside the learners, on the same cohorts; may be repeated",
    )
    add("--linear-only", action="store_true", help="own learners without trees, as NAME_linear")
    add("--no-intervals", action="store_true", help="own learners without replicates; --resume adds none")
    add("--replicates", type=int, default=N_REPLICATES)
    add(
        "--contenders",
        type=float,
        default=0.0,
        help=f"leave out peers that after {FEWEST_TO_JUDGE} cohorts have so many times the best one's excess",
    )
    add("--seed", type=int, default=20260101)
    add("--workers", type=int, default=2, help="processes of this machine; 0 for one a core")
    add("--dask", default="", help="address of a scheduler whose workers were started in this folder")
    add("--out", type=Path, default=Path("results.csv"))
    add("--resume", action="store_true", help="add what the file does not hold yet")
    return parser


if __name__ == "__main__":
    main()
