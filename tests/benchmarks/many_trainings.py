"""CPU time of the list of runs and of the experiment's page: ``python -m tests.benchmarks.many_trainings``.

Fills a store with trainings whose runs have as many metrics, parameters and tags as real ones, fits nothing,
and measures `cart-outcomes compare` and the renewal of the experiment's description.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mlflow.entities import Metric, Param, RunTag

from features.measures import GAIN
from features.outcomes import OUTCOMES
from serving.model.measured import Measured
from tests.recorded import in_folder_of
from training.records.league_file import IN_FILE, LeagueEntry, league_grid
from training.records.metric_names import outcome_metric
from training.tracking.experiments import DESCRIPTION, experiment_of_new_runs
from training.tracking.renewal import renew_experiment
from training.tracking.run_list import list_models
from training.tracking.runs import connected

MODELS = ("anchored", "ridge", "xgboost", "prevalence", "easix", "published")
OF_OTHERS = ("anchored", "prevalence", "published")
"""Models and baselines of outcomes that are not main ones."""
METRICS_OF_A_MODEL, TAGS = 50, 25
"""As a training on the synthetic cohort records them, about."""


def main(arguments: list[str] | None = None) -> None:
    """Fill a store and print CPU seconds."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--trainings", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="store to keep and use again (default: a temporary one)")
    chosen = parser.parse_args(arguments)
    if chosen.folder is not None:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        measure(chosen.folder, chosen.trainings)
        return
    with tempfile.TemporaryDirectory(prefix="cart-outcomes-runs-") as made:
        measure(Path(made), chosen.trainings)


def measure(folder: Path, n_trainings: int) -> None:
    """Fill a store up to a number of trainings, and print how long its commands take."""
    with in_folder_of(folder):
        with connected() as client:
            experiment = experiment_of_new_runs(client, (folder.absolute() / "mlartifacts").as_uri())
            known = client.search_runs([experiment], "tags.kind = 'training'", max_results=n_trainings)
            for number in range(len(known), n_trainings):
                fill(client, experiment, number)
        _say("list of 20 trainings", list_models)
        _say(f"list of {n_trainings} trainings", lambda: list_models(limit=n_trainings))
        with connected() as client:
            _say("renewal of the page", lambda: renew_experiment(client, experiment))
            length = len(client.get_experiment(experiment).tags[DESCRIPTION])
        sys.stdout.write(f"description: {length} characters\n")


def fill(client: Any, experiment: str, number: int) -> None:
    """Record one training: the parent run, and a child a model of each outcome."""
    tags = {f"chosen.{name}": MODELS[number % 3] for name in OUTCOMES}
    tags |= {f"status.{name}": "internally validated" for name in OUTCOMES}
    tags |= {"kind": "training", "cohort": f"cohort {number}.csv", "cohort_sha256": f"{number:064}"}
    metrics: dict[str, float] = {}
    for position, name in enumerate(OUTCOMES):
        for measure in (GAIN, "auroc", "calibration_slope", "observed_expected", "log_loss"):
            metrics |= {outcome_metric(name, measure): 0.5 + 0.001 * ((number * 7 + position) % 100)}
            metrics |= {f"apparent/{name}/auroc": 0.8}
    parent = _run(client, experiment, metrics, tags, {"seed": str(number)})
    for path, columns in league_grid(list(_league())).items():
        client.log_table(parent, columns, path)
    for outcome, known in OUTCOMES.items():
        for model in MODELS if known.main else OF_OTHERS:
            figures = {f"group/{n}": 0.1 * n for n in range(METRICS_OF_A_MODEL)} | {
                "log_loss": 0.5,
                "auroc": 0.7,
            }
            of_model = {"kind": "model", "outcome": outcome, "mlflow.parentRunId": parent, "chosen": "no"}
            _run(client, experiment, figures, of_model, {"outcome": outcome, "model": model})


def _league() -> Iterator[LeagueEntry]:
    """List every model of every outcome with made-up figures."""
    figures = dict.fromkeys(IN_FILE, Measured(0.5, 0.4, 0.6))
    for outcome, known in OUTCOMES.items():
        for rank, model in enumerate(MODELS if known.main else OF_OTHERS, start=1):
            yield LeagueEntry(outcome, known.horizons_days[0], rank, model, rank == 1, figures)


def _run(
    client: Any, experiment: str, metrics: dict[str, float], tags: dict[str, str], parameters: dict[str, str]
) -> str:
    run = client.create_run(experiment, run_name=f"training {len(metrics)}")
    run_id, now = str(run.info.run_id), int(time.time() * 1000)
    filled = {**{f"fact_{n}": "x" * 40 for n in range(TAGS)}, **tags}
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in metrics.items()],
        params=[Param(name, value) for name, value in parameters.items()],
        tags=[RunTag(name, value) for name, value in filled.items()],
    )
    client.set_terminated(run_id)
    return run_id


def _say(what: str, work: Callable[[], object]) -> None:
    started = time.process_time()
    work()
    sys.stdout.write(f"{what}: {time.process_time() - started:.2f} s of CPU\n")


if __name__ == "__main__":
    main()
