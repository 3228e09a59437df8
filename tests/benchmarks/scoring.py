"""Time and memory of scoring long cohorts: ``python -m tests.benchmarks.scoring --rows 20000 100000``.

Each way runs in a process of its own, one after the other in turn, so that a busy machine slows all of them.
Times are CPU time. ``whole`` reads, predicts and writes the cohort as one table, ``parts`` as `score` does.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.cohort import Cohort
from features.read_cohort import read_cohort
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from serving.answers.infusion_lines import Detail, Layout, layout_of, predicted
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from training.commands.score_input import PartStart, opened_input
from training.commands.score_parts import CSV, encoded

WAYS = ("whole csv", "parts csv", "parts parquet", "parts csv risk")
SIMULATED = 5_000
"""Patients that are simulated; longer cohorts repeat them under other identifiers."""
MOST_WHOLE = 20_000
"""Rows that are still read as a whole, which takes 80 KB of memory a row."""


@dataclass
class Measured:
    """What one process took.

    Attributes
    ----------
    reading, predicting, writing : float
        CPU seconds: reading and checking, risks, and their file.
    peak_mb : float
        Resident memory at most.
    """

    reading: float = 0.0
    predicting: float = 0.0
    writing: float = 0.0
    peak_mb: float = 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for each length and way."""
    options = _parser().parse_args(arguments)
    if options.way:
        print(json.dumps(asdict(measured(options.way, options.cohort, options.bundle))))  # noqa: T201
        return
    for line in compared(options.rows, options.repeats, options.bundle):
        print(line, flush=True)  # noqa: T201


def compared(lengths: Sequence[int], repeats: int, bundle: Path | None) -> Iterator[str]:
    """Write a Markdown table.

    Parameters
    ----------
    lengths : sequence of int
        Rows of the cohorts.
    repeats : int
        Runs of each way; the fastest counts.
    bundle : Path, optional
        Folder of the model; a small one made by hand by default.

    Yields
    ------
    line : str
        Rows, way, CPU microseconds a row of reading and checking, predicting, writing; peak memory.
    """
    yield "| rows | way | reading, us a row | predicting | writing | all, s | peak memory, MB |"
    yield f"|{' --- |' * 7}"
    with tempfile.TemporaryDirectory() as place:
        folder = bundle or Path(place) / "bundle"
        if bundle is None:
            write_bundle(make_bundle(), folder)
        for n_rows in lengths:
            files = _written(n_rows, Path(place))
            ways = [way for way in WAYS if n_rows <= MOST_WHOLE or not way.startswith("whole")]
            runs = [(way, _run(way, files[way.split()[1]], folder)) for _ in range(repeats) for way in ways]
            for way in ways:
                yield _row(n_rows, way, [run for each, run in runs if each == way])


def measured(way: str, cohort: Path, bundle: Path) -> Measured:
    """Score a cohort in this process.

    Parameters
    ----------
    way : str
        One of `WAYS`.
    cohort, bundle : Path
    """
    scorer, taken = Scorer(read_bundle(bundle)), Measured()
    if way.startswith("whole"):
        read = _timed(taken, "reading", lambda: read_cohort(cohort))
        table = _timed(taken, "predicting", lambda: _whole_table(scorer, read))
        _timed(taken, "writing", lambda: table.to_csv(cohort.with_suffix(".out"), index=False))
    else:
        _in_parts(taken, scorer, cohort, Detail.RISK if way.endswith("risk") else Detail.INTERVAL)
    taken.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return taken


def _in_parts(taken: Measured, scorer: Scorer, cohort: Path, detail: Detail) -> None:
    opened = _timed(taken, "reading", lambda: opened_input(cohort, None))
    _timed(taken, "reading", lambda: opened.check(lambda _: None))
    parts, layout = opened.parts(PartStart()), layout_of(scorer.bundle, detail)
    with cohort.with_suffix(".out").open("wb") as file:
        while (part := _timed(taken, "reading", lambda: next(parts, None))) is not None:
            infusions = part[0]
            numbers = _timed(taken, "predicting", partial(_predicted, scorer, infusions, layout, detail))
            content = _timed(taken, "writing", partial(encoded, numbers, layout, CSV))
            _timed(taken, "writing", partial(file.write, content))


def _predicted(scorer: Scorer, infusions: Cohort, layout: Layout, detail: Detail) -> list[Any]:
    return list(predicted(scorer, infusions, layout, detail))


def _timed(taken: Measured, stage: str, work: Callable[[], Any]) -> Any:
    begun = time.process_time()
    made = work()
    setattr(taken, stage, getattr(taken, stage) + time.process_time() - begun)
    return made


def _whole_table(scorer: Scorer, cohort: Cohort) -> pd.DataFrame:
    frames = []
    for name, risks in scorer.risks(cohort.patients).items():
        for horizon, days in enumerate(risks.horizons_days):
            numbers = {each: getattr(risks, each)[:, horizon] for each in ("risk", "low", "high")}
            identifiers = {"patient_id": cohort.patient_id, "infusion_number": cohort.infusion_number}
            frames.append(pd.DataFrame({**identifiers, "outcome": name, "horizon_days": days, **numbers}))
    table = pd.concat(frames, keys=range(len(frames)), names=["part", "infusion"])
    return table.sort_index(level=["infusion", "part"]).reset_index(drop=True)


def _written(n_rows: int, folder: Path) -> dict[str, Path]:
    """Write a cohort of a length as CSV and Parquet."""
    n_patients = min(SIMULATED, n_rows)
    table = simulation_table(simulate(n_patients, rng=np.random.default_rng(7))).head(n_rows)
    copies = -(-n_rows // len(table))
    files = {kind: folder / f"c{n_rows}.{kind}" for kind in ("csv", "parquet")}
    parts = [table.assign(patient_id=table["patient_id"] + f"-{copy}") for copy in range(copies)]
    whole = pd.concat(parts).head(n_rows)
    whole.to_csv(files["csv"], index=False)
    pd.read_csv(files["csv"], low_memory=False).to_parquet(files["parquet"], index=False)
    return files


def _run(way: str, cohort: Path, bundle: Path) -> Measured:
    command = [sys.executable, "-m", "tests.benchmarks.scoring", "--way", way]
    ran = subprocess.run(
        [*command, "--cohort", str(cohort), "--bundle", str(bundle)],
        check=True,
        capture_output=True,
        text=True,
    )
    return Measured(**json.loads(ran.stdout))


def _row(n_rows: int, way: str, runs: Sequence[Measured]) -> str:
    stages = ("reading", "predicting", "writing")
    least = {stage: min(getattr(run, stage) for run in runs) for stage in stages}
    each = [f"{1e6 * least[stage] / n_rows:.0f}" for stage in stages]
    peak = max(run.peak_mb for run in runs)
    return f"| {n_rows} | {way} | {' | '.join(each)} | {sum(least.values()):.1f} | {peak:.0f} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000], help="Rows of the cohorts")
    parser.add_argument("--repeats", type=int, default=1, help="Runs of each way")
    parser.add_argument("--bundle", type=Path, help="Bundle folder (default: a small one made by hand)")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--cohort", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    main()
