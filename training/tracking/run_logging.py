"""Log a run to MLflow: facts, metrics, tables, figures, and when the work was done.

No patient's row or identifier goes to MLflow: the cohort is recorded as its name, its digest and the names of
its columns.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking.context.registry import resolve_tags

from training.console.resource_usage import EVERY_SECONDS, SYSTEM
from training.console.stopwatch import Period
from training.records.outbox import KeptCohort, KeptRun, Unrecorded, figure_file, note_attempt
from training.tracking.experiments import experiment_of_new_runs, mark, run_page
from training.tracking.model_signature import any_columns
from training.tracking.store import artifact_folder, impatient, tracking_uri

DESCRIPTION = "mlflow.note.content"
LONGEST_DESCRIPTION = 7900
"""Characters. MLflow cuts a longer tag; the table that is left out is an artifact too."""


@contextmanager
def recorded_runs(
    client: MlflowClient, unrecorded: Unrecorded, folder: Path, *, advance: Callable[[], None]
) -> Iterator[tuple[str, str]]:
    """Record child runs below a parent that stays open inside.

    Parameters
    ----------
    client : MlflowClient
        As `connected` gives it.
    unrecorded : Unrecorded
        The runs; the parent may be one that `mlflow run` has opened, which is taken up.
    folder : Path
        Beside which they are kept.
    advance : callable
        Called after each child run.

    Yields
    ------
    run_id, page : str
        Of the parent run; the page is to be put after the address of the MLflow UI.
    """
    cohort = unrecorded.cohort
    datasets = [_dataset(cohort, use=unrecorded.use)] if cohort is not None else []
    with _parent_run(client, unrecorded.parent) as (run_id, experiment_id):
        note_attempt(folder, run_id)
        client.log_inputs(run_id, datasets)
        _log_figures(client, run_id, [figure_file(folder, None, name) for name in unrecorded.parent.figures])
        for n, child in enumerate(unrecorded.children):
            figures = [figure_file(folder, n, name) for name in child.figures]
            _child_run(client, child, figures, datasets, experiment_id=experiment_id, parent=run_id)
            advance()
        yield run_id, run_page(experiment_id, run_id)


def end_interrupted(client: MlflowClient, run_id: str) -> None:
    """Mark a run and its children as failed, if the server was gone when they failed.

    Parameters
    ----------
    client : MlflowClient
    run_id : str
        Of the parent run; empty, or one that the server does not know, is nothing to be ended.
    """
    if run_id:
        end_running(client, run_id, "FAILED")


def end_running(client: MlflowClient, run_id: str, status: str, *instead_of: str) -> None:
    """Give a status to a run and its children where they have none yet."""
    with suppress(MlflowException):
        parent = client.get_run(run_id)
        below = client.search_runs([parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run_id}'")
        for run in (parent, *below):
            if run.info.status in {"RUNNING", *instead_of}:
                client.set_terminated(run.info.run_id, status)


@contextmanager
def _parent_run(client: MlflowClient, record: KeptRun) -> Iterator[tuple[str, str]]:
    """Open the parent run, or continue the one that `mlflow run` has opened."""
    given = os.environ.get("MLFLOW_RUN_ID")
    # A run that `mlflow run` has opened has a start of its own.
    period = None if given else record.period
    if given:
        run = client.get_run(given)
        mark(client, client.get_experiment(run.info.experiment_id))
        client.set_tag(given, "mlflow.runName", record.name)
    else:
        experiment = experiment_of_new_runs(client, artifact_folder(tracking_uri()))
        run = client.create_run(
            experiment, start_time=_started(period), tags=resolve_tags(), run_name=record.name
        )
    run_id = run.info.run_id
    known = set(run.data.params)
    fresh = {name: value for name, value in record.parameters.items() if name not in known}
    with _ending(client, run_id, period):
        _log_facts(client, run_id, record, parameters=fresh)
        _log_tables(client, run_id, record)
        yield run_id, run.info.experiment_id


def _started(period: Period | None) -> int | None:
    return period.started if period is not None else None


@contextmanager
def _ending(client: MlflowClient, run_id: str, period: Period | None) -> Iterator[None]:
    """End the run when the recorded work ends; a server that has failed is tried only once."""
    try:
        yield
    except BaseException as error:
        status = "FAILED" if isinstance(error, Exception) else "KILLED"
        with suppress(Exception), impatient():
            client.set_terminated(run_id, status)
        raise
    client.set_terminated(run_id, end_time=period.ended if period is not None else None)


def _child_run(
    client: MlflowClient,
    record: KeptRun,
    figures: list[Path],
    datasets: list[DatasetInput],
    *,
    experiment_id: str,
    parent: str,
) -> None:
    tags = {**resolve_tags(), "mlflow.parentRunId": parent}
    run = client.create_run(
        experiment_id, start_time=_started(record.period), tags=tags, run_name=record.name
    )
    run_id = run.info.run_id
    with _ending(client, run_id, record.period):
        _log_facts(client, run_id, record, parameters=record.parameters)
        log_metrics(client, run_id, record.metrics, series=record.series, period=record.period)
        client.log_inputs(run_id, datasets if record.local else [])
        _log_tables(client, run_id, record)
        _log_figures(client, run_id, figures)


def _log_figures(client: MlflowClient, run_id: str, figures: list[Path]) -> None:
    for file in figures:
        client.log_artifact(run_id, str(file), "figures")


def _log_tables(client: MlflowClient, run_id: str, record: KeptRun) -> None:
    for path, text in record.tables.items():
        client.log_text(run_id, text, path)
    for path, columns in record.grids.items():
        client.log_table(run_id, columns, path)


def _log_facts(client: MlflowClient, run_id: str, record: KeptRun, *, parameters: Mapping[str, str]) -> None:
    tags = {**record.tags, DESCRIPTION: described(record)}
    client.log_batch(
        run_id,
        params=[Param(name, value) for name, value in parameters.items()],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )


def described(record: KeptRun) -> str:
    """Write the description of a run: that of its record, with its note where both fit."""
    whole = f"{record.description}\n\n{record.note}"
    return whole if record.note and len(whole) <= LONGEST_DESCRIPTION else record.description


def log_metrics(
    client: MlflowClient,
    run_id: str,
    metrics: Mapping[str, float],
    *,
    series: Mapping[str, list[float]] | None = None,
    model_id: str | None = None,
    period: Period | None = None,
) -> None:
    """Log values at the end of a period, or now; samples of the machine are as far apart as taken."""
    now = period.ended if period is not None else int(time.time() * 1000)
    points = [Metric(name, value, now, 0, model_id=model_id) for name, value in metrics.items()]
    for name, values in (series or {}).items():
        apart = int(1000 * EVERY_SECONDS) if name.startswith(SYSTEM) else 0
        first = now - apart * (len(values) - 1)
        points += [Metric(name, value, first + apart * step, step) for step, value in enumerate(values)]
    client.log_batch(run_id, metrics=points)


def _dataset(cohort: KeptCohort, *, use: str) -> DatasetInput:
    """Name the cohort without a row of it; MLflow's own digest would read only part of the rows."""
    columns = any_columns(list(cohort.columns))
    return DatasetInput(
        Dataset(
            name=cohort.name,
            digest=cohort.sha256[:32],
            source_type="local",
            source=json.dumps({"uri": cohort.name}),
            schema=json.dumps({"mlflow_colspec": columns.to_dict()}),
            profile=json.dumps({"num_rows": cohort.n_infusions, "num_patients": cohort.n_patients}),
        ),
        tags=[InputTag("mlflow.data.context", use)],
    )
