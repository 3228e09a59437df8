"""MLflow: its database, its runs and what is logged of them.

MLflow is imported here, in `training.logged_model` and in `training.mlflow_model` only. No patient's row or
identifier goes to it: the cohort is recorded as its name, its digest and the names of its columns.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import mlflow
from alembic.util import CommandError
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking.context.registry import resolve_tags
from sqlalchemy.exc import SQLAlchemyError

from training import mlflow_model
from training.alone import in_turn
from training.experiments import experiment_of_new_runs, mark, run_page, start_page
from training.system_metrics import EVERY_SECONDS, SYSTEM
from training.tracking_store import (
    SQLITE,
    TRACKING_VARIABLE,
    TrackingError,
    artifact_folder,
    database_file,
    impatient,
    quiet,
    tracking_uri,
    without_credentials,
)
from training.unrecorded import KeptCohort, KeptRun, Unrecorded, figure_file, note_attempt

MODEL_NAME = "cart-outcomes"


@contextmanager
def connected() -> Iterator[MlflowClient]:
    """Open the database of runs, creating it where there is none; MLflow stays silent inside.

    Raises
    ------
    TrackingError
        If the database cannot be written.
    """
    uri, before = tracking_uri(), os.environ.get(TRACKING_VARIABLE)
    with quiet():
        mlflow.set_tracking_uri(uri)
        try:
            yield _client(uri)
        finally:
            # MLflow leaves the address in the environment; later calls must read what the user set.
            mlflow.set_tracking_uri(None)  # type: ignore[arg-type]
            if before is not None:
                os.environ[TRACKING_VARIABLE] = before


def _client(uri: str) -> MlflowClient:
    """Open MLflow; a new database gets its name when it is whole: half of one would be refused for ever."""
    database = database_file(uri)
    if database is None:
        return MlflowClient()
    if _is_new(database):
        # Two commands that both make it would each find the other's half.
        with in_turn(database.parent):
            if _is_new(database):
                _make_database(database)
    return MlflowClient()


def _is_new(database: Path) -> bool:
    return not database.exists() or database.stat().st_size == 0


def _make_database(database: Path) -> None:
    made = database.with_name(f".{database.name}.new")
    try:
        made.unlink(missing_ok=True)
        MlflowClient(tracking_uri=f"{SQLITE}{made}").search_experiments(max_results=1)
        made.replace(database)
    finally:
        made.unlink(missing_ok=True)


def first_page() -> str:
    """Find the page of the MLflow UI to open first, as `training.experiments.start_page` describes it.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    with answering(), connected() as client:
        return start_page(client, artifact_folder(tracking_uri()))


@contextmanager
def answering(*, kept: str = "") -> Iterator[None]:
    """Turn what MLflow, its database or its server raise into a `TrackingError` without credentials."""
    after = f". {kept}" if kept else ""
    try:
        yield
    except TrackingError as error:
        message = f"{error}{after}"
        raise TrackingError(message) from None
    # An address that is none is a ValueError of the standard library.
    except (MlflowException, SQLAlchemyError, CommandError, OSError, ValueError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        message = f"MLflow: {without_credentials(first)}{after}"
        # What caused it is left behind: it names the address with its password.
        raise TrackingError(message) from None


def download_bundle(run_model: str, folder: Path) -> None:
    """Copy the bundle of a logged or registered model into a folder that does not exist yet.

    Parameters
    ----------
    run_model : str
        ``models:/...``
    folder : Path
    """
    with tempfile.TemporaryDirectory() as scratch:
        got = mlflow.artifacts.download_artifacts(
            artifact_uri=f"{run_model}/artifacts/bundle", dst_path=scratch
        )
        shutil.copytree(got, folder)


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
        for n, child in enumerate(unrecorded.children):
            figures = [figure_file(folder, n, name) for name in child.figures]
            _child_run(client, child, figures, datasets, experiment_id=experiment_id, parent=run_id)
            advance()
        yield run_id, run_page(experiment_id, run_id)


def end_interrupted(client: MlflowClient, run_id: str) -> None:
    """Say that a run and its children failed, where nobody could say so: the server was gone.

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
    """Open the parent run, or take up the one that `mlflow run` has opened."""
    given = os.environ.get("MLFLOW_RUN_ID")
    if given:
        run = client.get_run(given)
        mark(client, client.get_experiment(run.info.experiment_id))
        client.set_tag(given, "mlflow.runName", record.name)
    else:
        experiment = experiment_of_new_runs(client, artifact_folder(tracking_uri()))
        run = client.create_run(experiment, tags=resolve_tags(), run_name=record.name)
    run_id = run.info.run_id
    known = set(run.data.params)
    fresh = {name: value for name, value in record.parameters.items() if name not in known}
    with _ending(client, run_id):
        _log_facts(client, run_id, record, parameters=fresh)
        yield run_id, run.info.experiment_id


@contextmanager
def _ending(client: MlflowClient, run_id: str) -> Iterator[None]:
    """Say how the run ended; a server that has failed us is told once, and need not hear it."""
    try:
        yield
    except BaseException as error:
        status = "FAILED" if isinstance(error, Exception) else "KILLED"
        with suppress(Exception), impatient():
            client.set_terminated(run_id, status)
        raise
    client.set_terminated(run_id)


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
    run_id = client.create_run(experiment_id, tags=tags, run_name=record.name).info.run_id
    with _ending(client, run_id):
        _log_facts(client, run_id, record, parameters=record.parameters)
        log_metrics(client, run_id, record.metrics, series=record.series)
        client.log_inputs(run_id, datasets if record.local else [])
        for path, text in record.tables.items():
            client.log_text(run_id, text, path)
        for path, columns in record.grids.items():
            client.log_table(run_id, columns, path)
        for file in figures:
            client.log_artifact(run_id, str(file), "figures")


def _log_facts(client: MlflowClient, run_id: str, record: KeptRun, *, parameters: Mapping[str, str]) -> None:
    tags = {**record.tags, "mlflow.note.content": record.description}
    client.log_batch(
        run_id,
        params=[Param(name, value) for name, value in parameters.items()],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )


def log_metrics(
    client: MlflowClient,
    run_id: str,
    metrics: Mapping[str, float],
    *,
    series: Mapping[str, list[float]] | None = None,
    model_id: str | None = None,
) -> None:
    """Log values, those of a series step by step; samples of the machine are told as far apart as taken."""
    now = int(time.time() * 1000)
    points = [Metric(name, value, now, 0, model_id=model_id) for name, value in metrics.items()]
    for name, values in (series or {}).items():
        apart = int(1000 * EVERY_SECONDS) if name.startswith(SYSTEM) else 0
        first = now - apart * (len(values) - 1)
        points += [Metric(name, value, first + apart * step, step) for step, value in enumerate(values)]
    client.log_batch(run_id, metrics=points)


def _dataset(cohort: KeptCohort, *, use: str) -> DatasetInput:
    """Name the cohort without a row of it; MLflow's own digest would read only part of the rows."""
    columns = mlflow_model.any_columns(list(cohort.columns))
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
