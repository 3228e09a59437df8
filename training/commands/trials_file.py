"""The file that keeps the trials of `tune`, so that an interrupted search can be resumed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from features.problems import Refused

TRIALS_FILE = "tuning.db"
"""Its name by default."""


def beside_runs() -> Path:
    """Name the file that is used by default: beside the database of runs, or here if that is a server."""
    from training.tracking.store import database_file, tracking_uri

    database = database_file(tracking_uri())
    return database.with_name(TRIALS_FILE) if database is not None else Path(TRIALS_FILE)


def refuse_trials_file(file: Path) -> None:
    """Refuse a file for the trials before any work is done.

    Parameters
    ----------
    file : Path

    Raises
    ------
    Refused
        If its folder does not exist, or it exists and is no database of trials.

    Examples
    --------
    >>> refuse_trials_file(Path("pyproject.toml"))
    Traceback (most recent call last):
        ...
    features.problems.Refused: pyproject.toml is not a file of trials; choose another file with --study
    """
    if not file.parent.is_dir():
        message = f"{file}: its folder does not exist; create it, or choose another file with --study"
        raise Refused(message)
    if file.is_file() and file.stat().st_size and not _holds_trials(file):
        message = f"{file.name} is not a file of trials; choose another file with --study"
        raise Refused(message)


def _holds_trials(file: Path) -> bool:
    """Whether a file is a database of Optuna's, or one without any table yet; one that is locked may be."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            tables = {
                name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
    return not tables or "studies" in tables
