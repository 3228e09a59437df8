"""Where MLflow stores its runs, whether it can be reached, and how to keep it quiet."""

from __future__ import annotations

import logging
import os
import re
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
    # A missing server is detected in seconds instead of minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    # A server may not ask for a retry in an hour.
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
}
"""Settings of MLflow during our requests; existing environment variables take precedence."""
IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}
"""Settings for a last request to a server that has just failed; they override the environment."""
TALKATIVE = ("mlflow", "alembic", "urllib3")
CREDENTIALS = re.compile(r"://\S*@")
"""Greedy: a password may hold any character, and too little of an address does no harm."""
HOSTED = ("databricks", "databricks-uc", "uc")
"""Addresses of MLflow's without a host."""
SERVERS = ("http://", "https://")
DATABASES = re.compile(r"(postgresql|mysql|mssql)(\+\w+)?://")


class TrackingError(Refused):
    """MLflow cannot be reached or refuses; says why, and where the work is stored."""


def tracking_uri() -> str:
    """Name the database of runs, and find out whether it can be used.

    Returns
    -------
    uri : str
        As `named_store` gives it.

    Raises
    ------
    TrackingError
        If the address is not supported, or the database cannot be reached or written.
    """
    named = named_store()
    database = database_file(named)
    if database is not None:
        _refuse_unwritable(database)
    elif DATABASES.match(named):
        _refuse_unreachable(named)
    return named


def named_store() -> str:
    """Name the database of runs.

    Returns
    -------
    uri : str
        What `TRACKING_VARIABLE` says, else SQLite in the working directory; SQLite by its absolute path.

    Raises
    ------
    TrackingError
        If the address is of no kind that keeps runs.
    """
    named = os.environ.get(TRACKING_VARIABLE, "")
    if not named:
        return f"{SQLITE}{Path(DEFAULT_DATABASE).absolute()}"
    scheme = named.partition(":")[0]
    if scheme not in HOSTED and ("://" not in named or scheme == "file"):
        message = (
            f"{TRACKING_VARIABLE} names a folder, but MLflow stores its runs in a database: "
            f"set it to a database, e.g. {SQLITE}{DEFAULT_DATABASE}"
        )
        raise TrackingError(message)
    if not (named.startswith((SQLITE, *SERVERS)) or DATABASES.match(named)):
        message = (
            f"{TRACKING_VARIABLE} has an unsupported address ({scheme}): use a server (http, https), "
            f"a PostgreSQL database (postgresql+pg8000) or a file ({SQLITE}{DEFAULT_DATABASE})"
        )
        raise TrackingError(message)
    database = database_file(named)
    return named if database is None else f"{SQLITE}{database}"


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


def without_credentials(text: str) -> str:
    """Take user and password out of every address in a text.

    Examples
    --------
    >>> without_credentials("API request to https://ada:secret@mlflow.example.org/api failed")
    'API request to https://mlflow.example.org/api failed'
    """
    return CREDENTIALS.sub("://", text)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow and its database migrations from printing; refusals still arrive as exceptions."""
    added = {name: value for name, value in QUIET.items() if name not in os.environ}
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}
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


@contextmanager
def impatient() -> Iterator[None]:
    """Try each request once, for seconds at most: its answer is not worth a longer wait."""
    before = {name: os.environ.get(name) for name in IMPATIENT}
    os.environ.update(IMPATIENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _refuse_unwritable(database: Path) -> None:
    """Fail at once where MLflow would retry for minutes."""
    try:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.Error as error:
        message = f"MLflow's database {database} cannot be written: {error}"
        raise TrackingError(message) from error


def _refuse_unreachable(uri: str) -> None:
    """Fail at once where MLflow would retry for minutes."""
    from sqlalchemy import create_engine, exc

    try:
        engine = create_engine(uri)
        engine.connect().close()
        engine.dispose()
    except ImportError as error:
        message = (
            f"{TRACKING_VARIABLE} needs a database driver that is not installed ({error.name}): "
            "use an installed one, as in postgresql+pg8000://USER:PASSWORD@HOST/DATABASE"
        )
        raise TrackingError(message) from None
    except exc.SQLAlchemyError as error:
        first = without_credentials(str(error).splitlines()[0])
        message = f"the MLflow database named in {TRACKING_VARIABLE} cannot be reached: {first}"
        raise TrackingError(message) from None
