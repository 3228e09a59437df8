"""A new SQLite database of MLflow: made whole before it gets its name, perhaps while workers fit."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from training.tracking.store import DEFAULT_DATABASE, SQLITE, TrackingError, database_file, named_store, quiet

_ahead: dict[Path, Path] = {}
"""Databases that were made ahead, by the place where they are needed."""


@contextmanager
def made_ahead() -> Iterator[None]:
    """Make a database before a run needs it; it is in a temporary folder until then.

    It is the one that the environment names, if that is SQLite and there is none yet. MLflow takes nearly a
    second for its migrations, in which processes that fit can already work. A command that is refused later
    leaves no database behind. Why it cannot be made is said when a run needs it.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Path(folder) / DEFAULT_DATABASE
        try:
            with suppress(TrackingError, MlflowException, SQLAlchemyError, CommandError, OSError), quiet():
                database = database_file(named_store())
                if database is not None and is_new(database):
                    _fill(made)
                    _ahead[database] = made
            yield
        finally:
            _ahead.clear()


def is_new(database: Path) -> bool:
    """Whether there is no database yet."""
    return not database.exists() or database.stat().st_size == 0


def make_database(database: Path) -> None:
    """Make a database, or take the one that was made ahead.

    Parameters
    ----------
    database : Path
        It gets its name once it is complete: MLflow refuses an incomplete one for ever.
    """
    whole = database.with_name(f".{database.name}.new")
    ahead = _ahead.pop(database, None)
    try:
        whole.unlink(missing_ok=True)
        if ahead is None:
            _fill(whole)
        else:
            shutil.copyfile(ahead, whole)
        with whole.open("rb+") as file:
            os.fsync(file.fileno())
        whole.replace(database)
    finally:
        whole.unlink(missing_ok=True)


def _fill(file: Path) -> None:
    with _written_later():
        MlflowClient(tracking_uri=f"{SQLITE}{file}").search_experiments(max_results=1)


@contextmanager
def _written_later() -> Iterator[None]:
    """Let SQLite not wait for the disk after each of the hundreds of statements of MLflow's migrations."""

    def without_waiting(connection: Any, _: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", without_waiting)
    try:
        yield
    finally:
        event.remove(Engine, "connect", without_waiting)
