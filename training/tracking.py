"""MLflow: its database, runs and what is logged of them, and the model version registered for a bundle.

MLflow is imported here and in `training.mlflow_model` only. No patient's row or identifier goes to it: the
cohort is recorded as its name, its digest and the names of its columns, the input example is synthetic.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking.context.registry import resolve_tags
from sqlalchemy.exc import SQLAlchemyError

from features.cohort import Cohort
from training import mlflow_model
from training.provenance import installed
from training.run_records import RunRecord
from training.tracking_store import (
    TRACKING_VARIABLE,
    TrackingError,
    artifact_folder,
    database_file,
    quiet,
    tracking_uri,
)

MODEL_NAME = "cart-outcomes"
EXPERIMENT = "cart-outcomes"
SERVING_LIBRARIES = ("mlflow", "numpy", "pandas", "pydantic", "treelite", "xgboost-cpu", "xgboost")


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
    """Open MLflow; a new database that cannot be completed is taken away, or it would be refused for ever."""
    database = database_file(uri)
    is_new = database is not None and (not database.exists() or database.stat().st_size == 0)
    client = MlflowClient()
    try:
        if is_new:
            client.search_experiments(max_results=1)
    except BaseException:
        if database is not None:
            database.unlink(missing_ok=True)
        raise
    return client


@contextmanager
def answering(*, kept: str = "") -> Iterator[None]:
    """Turn what MLflow, its database or its server raise into a `TrackingError`."""
    after = f". {kept}" if kept else ""
    try:
        yield
    except TrackingError as error:
        message = f"{error}{after}"
        raise TrackingError(message) from error
    except (MlflowException, SQLAlchemyError, OSError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        message = f"MLflow: {first}{after}"
        raise TrackingError(message) from error


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
    client: MlflowClient,
    record: RunRecord,
    children: Iterable[RunRecord],
    cohort: Cohort | None,
    *,
    use: str,
    advance: Callable[[], None],
) -> Iterator[tuple[str, str]]:
    """Record child runs below a parent that stays open inside.

    Parameters
    ----------
    client : MlflowClient
        As `connected` gives it.
    record : RunRecord
        The parent run; one that `mlflow run` has opened is taken up.
    children : iterable of RunRecord
    cohort : Cohort or None
        What the runs are of.
    use : str
        What the cohort was for: ``training`` or ``validation``.
    advance : callable
        Called after each child run.

    Yields
    ------
    run_id, page : str
        Of the parent run; the page is to be put after the address of the MLflow UI.
    """
    datasets = [_dataset(cohort, use=use)] if cohort is not None else []
    with _parent_run(client, record) as (run_id, experiment_id):
        client.log_inputs(run_id, datasets)
        for child in children:
            _child_run(client, child, datasets, experiment_id=experiment_id, parent=run_id)
            advance()
        yield run_id, f"/#/experiments/{experiment_id}/runs/{run_id}?workflowType=machine_learning"


@contextmanager
def _parent_run(client: MlflowClient, record: RunRecord) -> Iterator[tuple[str, str]]:
    """Open the parent run, or take up the one that `mlflow run` has opened."""
    given = os.environ.get("MLFLOW_RUN_ID")
    if given:
        run = client.get_run(given)
        client.set_tag(given, "mlflow.runName", record.name)
    else:
        run = client.create_run(_experiment(client), tags=resolve_tags(), run_name=record.name)
    run_id = run.info.run_id
    known = set(run.data.params)
    fresh = {name: value for name, value in record.parameters.items() if name not in known}
    with _ending(client, run_id):
        _log_facts(client, run_id, record, parameters=fresh)
        yield run_id, run.info.experiment_id


@contextmanager
def _ending(client: MlflowClient, run_id: str) -> Iterator[None]:
    """Say how the run ended."""
    try:
        yield
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id)


def _experiment(client: MlflowClient) -> str:
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
    known = client.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    # The kind keeps the UI from asking what the experiment is for.
    tags = {
        "mlflow.experimentKind": "custom_model_development",
        "mlflow.note.content": "One run a training or validation; below it one a model, baseline or outcome.",
    }
    return str(client.create_experiment(name, artifact_location=artifact_folder(tracking_uri()), tags=tags))


def _child_run(
    client: MlflowClient, record: RunRecord, datasets: list[DatasetInput], *, experiment_id: str, parent: str
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
            client.log_table(run_id, dict(columns), path)
        for name, draw in record.figures.items():
            figure = draw()
            if figure is not None:
                client.log_figure(run_id, figure, f"figures/{name}")


def _log_facts(
    client: MlflowClient, run_id: str, record: RunRecord, *, parameters: Mapping[str, str]
) -> None:
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
    """Log values, those of a series step by step."""
    now = int(time.time() * 1000)
    points = [Metric(name, value, now, 0, model_id=model_id) for name, value in metrics.items()]
    for name, values in (series or {}).items():
        points += [Metric(name, value, now, step) for step, value in enumerate(values)]
    client.log_batch(run_id, metrics=points)


def _dataset(cohort: Cohort, *, use: str) -> DatasetInput:
    """Name the cohort without a row of it; MLflow's own digest would read only part of the rows."""
    columns = mlflow_model.any_columns(sorted(cohort.present))
    return DatasetInput(
        Dataset(
            name=cohort.name,
            digest=cohort.sha256[:32],
            source_type="local",
            source=json.dumps({"uri": cohort.name}),
            schema=json.dumps({"mlflow_colspec": columns.to_dict()}),
            profile=json.dumps({"num_rows": len(cohort), "num_patients": cohort.n_patients}),
        ),
        tags=[InputTag("mlflow.data.context", use)],
    )


def log_model(run_id: str, folder: Path) -> str:
    """Log the bundle as a model that runs `training.mlflow_model`; give its id."""
    with tempfile.TemporaryDirectory() as scratch:
        bundle = shutil.copytree(folder, Path(scratch) / "bundle")
        with mlflow.start_run(run_id=run_id):
            logged: Any = mlflow.pyfunc.log_model(
                name=MODEL_NAME,
                python_model=mlflow_model.__file__,
                artifacts={"bundle": str(bundle)},
                signature=mlflow_model.signature(),
                input_example=mlflow_model.input_example(),
                pip_requirements=[f"{name}=={found}" for name, found in installed(SERVING_LIBRARIES).items()],
            )
    return str(logged.model_id)


def register(client: MlflowClient, record: RunRecord, *, run_id: str, model_id: str) -> str:
    """Register the logged model as a version."""
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        about = "Outcomes after CAR T-cell therapy in B-ALL. A version is one training with all its outcomes."
        client.create_registered_model(MODEL_NAME, description=about)
    version = client.create_model_version(
        MODEL_NAME,
        source=f"models:/{model_id}",
        run_id=run_id,
        model_id=model_id,
        description=record.description,
        tags=dict(record.tags),
        await_creation_for=0,
    )
    # The list of models in the UI reads the version from this tag.
    stated = [{"name": MODEL_NAME, "version": str(version.version)}]
    client.set_logged_model_tags(model_id, {"mlflow.modelVersions": json.dumps(stated)})
    return str(version.version)
