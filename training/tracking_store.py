"""Where MLflow keeps its runs, whether it can be reached, and how to keep it from talking."""

from __future__ import annotations

import logging
import os
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from features.problems import Refused

TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"
DEFAULT_DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
SQLITE = "sqlite:///"
QUIET = {
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # A server that is gone is found out in seconds instead of minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
"""Settings of MLflow while we talk to it; those in the environment already win."""


class TrackingError(Refused):
    """MLflow cannot be reached or refuses; says why, and what is kept where."""


def tracking_uri() -> str:
    """Name the database of runs.

    Returns
    -------
    uri : str
        What `TRACKING_VARIABLE` says, else SQLite in the working directory, as an absolute path.

    Raises
    ------
    TrackingError
        If a folder is named, or the SQLite file cannot be written.
    """
    named = os.environ.get(TRACKING_VARIABLE, "")
    if not named:
        named = f"{SQLITE}{Path(DEFAULT_DATABASE).absolute()}"
    elif "://" not in named or named.startswith("file:"):
        message = (
            f"{TRACKING_VARIABLE} names a folder, and MLflow keeps its runs in a database: "
            f"name one, e.g. {SQLITE}{DEFAULT_DATABASE}"
        )
        raise TrackingError(message)
    database = database_file(named)
    if database is not None:
        _refuse_unwritable(database)
    return named


def database_file(uri: str) -> Path | None:
    """Find the file of an SQLite database; None for any other.

    Examples
    --------
    >>> database_file("sqlite:////var/runs/mlflow.db"), database_file("https://mlflow.example.org")
    (PosixPath('/var/runs/mlflow.db'), None)
    """
    return Path(uri.removeprefix(SQLITE)).absolute() if uri.startswith(SQLITE) else None


def artifact_folder(uri: str) -> str | None:
    """Folder of artifacts beside an SQLite database; None where a server decides."""
    database = database_file(uri)
    return (database.parent / ARTIFACTS).as_uri() if database is not None else None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow and its database migrations from printing; refusals still arrive as exceptions."""
    added = {name: value for name, value in QUIET.items() if name not in os.environ}
    levels = {name: logging.getLogger(name).level for name in ("mlflow", "alembic")}
    os.environ.update(added)
    for name in levels:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"mlflow\.|alembic\.|sqlalchemy\.")
            warnings.filterwarnings("ignore", message=".*Any type hint is inferred as AnyType")
            yield
    finally:
        for name in added:
            os.environ.pop(name, None)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _refuse_unwritable(database: Path) -> None:
    """Find out at once what MLflow would retry for minutes."""
    try:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.Error as error:
        message = f"MLflow's database {database} cannot be written: {error}"
        raise TrackingError(message) from error
