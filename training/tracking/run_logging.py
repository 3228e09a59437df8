"""Log a run to MLflow: facts, metrics, tables, figures, and when the work was done.

No patient's row or identifier goes to MLflow: the cohort is recorded as its name, its digest and the names of
its columns.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking.context.registry import resolve_tags

from training.console.stopwatch import Period
from training.records.index_page import INDEX_FILE, ListedRun, index_page
from training.records.outbox import KeptCohort, KeptRun, Unrecorded, figure_file, note_attempt
from training.records.run_names import child_title
from training.tracking.experiments import DESCRIPTION, experiment_of_new_runs, mark, run_page
from training.tracking.measured_model import dataset_digest, log_metrics, measured_model
from training.tracking.model_signature import any_columns
from training.tracking.store import artifact_folder, impatient, tracking_uri

THE_TRAINING = "All models together"
"""Title of the parent run on the page of artifacts."""
WITH_TRIALS = ("model",)
"""Tag ``kind`` of runs that may have runs below them."""
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
        recorded: dict[str, str] = {}
        for n, child in enumerate(unrecorded.children):
            figures = [figure_file(folder, n, name) for name in child.figures]
            below = recorded.get(child.below, run_id)
            of = cohort if child.local else None
            recorded[child.name] = _child_run(
                client, child, figures, datasets, cohort=of, experiment_id=experiment_id, parent=below
            )
            advance()
        client.log_text(run_id, _index(unrecorded, folder), INDEX_FILE)
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
        for run in (parent, *_below(client, parent)):
            if run.info.status in {"RUNNING", *instead_of}:
                client.set_terminated(run.info.run_id, status)


def _below(client: MlflowClient, parent: Run) -> Iterator[Run]:
    """Find the children of a run, and the trials below those that have any."""
    condition = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    for child in client.search_runs([parent.info.experiment_id], condition):
        yield child
        if child.data.tags.get("kind") in WITH_TRIALS:
            yield from _below(client, child)


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
    cohort: KeptCohort | None,
    experiment_id: str,
    parent: str,
) -> str:
    tags = {**resolve_tags(), "mlflow.parentRunId": parent}
    run = client.create_run(
        experiment_id, start_time=_started(record.period), tags=tags, run_name=record.name
    )
    run_id = run.info.run_id
    with _ending(client, run_id, record.period):
        _log_facts(client, run_id, record, parameters=record.parameters)
        client.log_inputs(run_id, datasets if record.local else [])
        log_metrics(
            client,
            run_id,
            record.metrics,
            series=record.series,
            model_id=measured_model(client, run_id, record.measured),
            cohort=cohort,
            period=record.period,
        )
        _log_tables(client, run_id, record)
        _log_figures(client, run_id, figures)
    return str(run_id)


def _index(unrecorded: Unrecorded, folder: Path) -> str:
    """Write the page with every figure and table of the parent run and its children."""
    runs = [(None, unrecorded.parent), *enumerate(unrecorded.children)]
    listed = [
        ListedRun(
            THE_TRAINING if n is None else child_title(run.name),
            figures={name: figure_file(folder, n, name).read_bytes() for name in run.figures},
            tables=run.tables,
            grids=run.grids,
        )
        for n, run in runs
    ]
    return index_page(unrecorded.parent.name, listed)


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


def _dataset(cohort: KeptCohort, *, use: str) -> DatasetInput:
    """Name the cohort without a row of it; MLflow's own digest would read only part of the rows."""
    columns = any_columns(list(cohort.columns))
    return DatasetInput(
        Dataset(
            name=cohort.name,
            digest=dataset_digest(cohort),
            source_type="local",
            source=json.dumps({"uri": cohort.name}),
            schema=json.dumps({"mlflow_colspec": columns.to_dict()}),
            profile=json.dumps({"num_rows": cohort.n_infusions, "num_patients": cohort.n_patients}),
        ),
        tags=[InputTag("mlflow.data.context", use)],
    )
