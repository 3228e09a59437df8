"""MLflow: its database is opened, what it raises becomes a refusal, and a bundle is fetched from it.

MLflow is imported in this room, `training.tracking`, and nowhere else.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import mlflow
from alembic.util import CommandError
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from sqlalchemy.exc import SQLAlchemyError

from training.console.locks import in_turn
from training.tracking.experiments import (
    experiment_of_new_runs,
    refuse_deleted,
    refuse_deleted_run,
    start_page,
    try_to_write,
)
from training.tracking.moved_folder import local_path, refuse_moved
from training.tracking.new_database import is_new, make_database
from training.tracking.preflight import refuse_unwritable
from training.tracking.store import (
    TRACKING_VARIABLE,
    TrackingError,
    artifact_folder,
    database_file,
    quiet,
    tracking_uri,
    without_credentials,
)

MODEL_NAME = "cart-outcomes"
PROXIED = "mlflow-artifacts:"
"""Opens the location of artifacts that go through the server."""


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
            # Within another block MLflow has forgotten the address already, and would leave the variable.
            os.environ.pop(TRACKING_VARIABLE, None)
            if before is not None:
                os.environ[TRACKING_VARIABLE] = before


def _client(uri: str) -> MlflowClient:
    """Open MLflow; a new database gets its name once complete: an incomplete one is refused for ever."""
    database = database_file(uri)
    if database is None:
        return MlflowClient()
    refuse_moved(database)
    if is_new(database):
        # Two commands creating it at once would each find an incomplete one.
        with in_turn(database.parent):
            if is_new(database):
                make_database(database)
    return MlflowClient()


def first_page() -> str:
    """Find the page of the MLflow UI to open first, as `experiments.start_page` describes it.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    with answering(), connected() as client:
        return start_page(client, artifact_folder(tracking_uri()))


def refuse_no_runs() -> None:
    """Refuse a store that would refuse the runs of a training; nothing but its experiment is made there.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached, the experiment is deleted, or it or its files cannot be written.
    """
    with answering(), connected() as client:
        given = os.environ.get("MLFLOW_RUN_ID")
        if given:
            run = client.get_run(given)
            refuse_deleted_run(run)
            experiment = client.get_experiment(run.info.experiment_id)
            refuse_deleted(experiment)
        else:
            number = experiment_of_new_runs(client, artifact_folder(tracking_uri()))
            experiment = client.get_experiment(number)
        try_to_write(client, experiment, MODEL_NAME)
        _try_artifact(str(experiment.artifact_location))


def _try_artifact(location: str) -> None:
    """Write a file to the artifact store and delete it; cloud stores are not tried."""
    folder = local_path(location)
    if folder is not None:
        refuse_unwritable([folder])
    elif location.startswith(PROXIED):
        # Its methods are without types.
        repository: Any = get_artifact_repository(f"{location.rstrip('/')}/cart-outcomes-check-{uuid4().hex}")
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "empty.txt"
            file.touch()
            try:
                repository.log_artifact(str(file))
            finally:
                with suppress(Exception):
                    repository.delete_artifacts()


@contextmanager
def answering(*, kept: str = "") -> Iterator[None]:
    """Turn what MLflow, its database or its server raise into a `TrackingError` without credentials."""
    after = f". {kept}" if kept else ""
    try:
        yield
    except TrackingError as error:
        message = f"{error}{after}"
        raise TrackingError(message) from None
    # An invalid address is a ValueError of the standard library.
    except (MlflowException, SQLAlchemyError, CommandError, OSError, ValueError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        message = f"MLflow: {without_credentials(first)}{after}"
        # The cause is dropped: it contains the address with its password.
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
