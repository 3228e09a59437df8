"""A project folder that was moved or copied: MLflow's database still names the old file locations."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from training.tracking.store import ARTIFACTS, TrackingError

RELOCATE = "cart-outcomes relocate"
WINDOWS_DRIVE = 1
"""Length of a scheme that is the drive of a path on Windows."""


@dataclass(frozen=True)
class MovedRoot:
    """A folder whose runs keep their files elsewhere now.

    Attributes
    ----------
    folder : Path
        The old folder of the project.
    n_runs : int
        Runs whose files the database places there.
    copied : bool
        Whether the old files still exist, so that new runs would be written among them.
    """

    folder: Path
    n_runs: int
    copied: bool


def refuse_moved(database: Path) -> None:
    """Refuse a database whose files are elsewhere than it says.

    Parameters
    ----------
    database : Path
        SQLite file of MLflow; may not exist yet.

    Raises
    ------
    TrackingError
        With the command that corrects it.
    """
    roots = moved_roots(database)
    if not roots:
        return
    old, here = roots[0], database.parent / ARTIFACTS
    danger = " The old files still exist, and new runs would be written among them." if old.copied else ""
    message = (
        f"the folder {old.folder} was {'copied' if old.copied else 'moved'} to {database.parent}, but "
        f"{database.name} still looks for the files of its runs in {old.folder / ARTIFACTS}.{danger} "
        f"To use {here} instead, run: {RELOCATE}"
    )
    raise TrackingError(message)


def moved_roots(database: Path) -> list[MovedRoot]:
    """Find the folders that this project's experiments were in before they were moved or copied.

    Parameters
    ----------
    database : Path

    Returns
    -------
    roots : list of MovedRoot
        An experiment whose files are kept elsewhere on purpose is not among them: its files exist there, and
        not beside the database.
    """
    if not database.is_file():
        return []
    with closing(sqlite3.connect(database, timeout=20)) as opened:
        try:
            rows = opened.execute("SELECT experiment_id, artifact_location FROM experiments").fetchall()
            runs = {each: _runs(opened, each) for each, _ in rows}
        except sqlite3.Error:
            return []  # Not MLflow's tables; MLflow says what is wrong with them.
    moved: dict[Path, MovedRoot] = {}
    for experiment, location in rows:
        files = local_path(location or "")
        if files is None or files.name != ARTIFACTS or _same(files.parent, database.parent):
            continue
        if _is_moved(files, database, runs[experiment]):
            before = moved[files.parent].n_runs if files.parent in moved else 0
            moved[files.parent] = MovedRoot(files.parent, before + len(runs[experiment]), files.is_dir())
    return list(moved.values())


def local_path(location: str) -> Path | None:
    """Find the absolute path that a location of MLflow names; None for a relative one or another store.

    Examples
    --------
    >>> local_path("file:///srv/my%20trial/mlartifacts"), local_path("/srv/a%20b")
    (PosixPath('/srv/my trial/mlartifacts'), PosixPath('/srv/a%20b'))
    >>> local_path("s3://bucket/runs"), local_path("mlruns/0"), local_path("models:/m-1")
    (None, None, None)
    """
    parts = urlsplit(location)
    if parts.scheme == "file":
        path = Path(url2pathname(parts.path))
    elif len(parts.scheme) <= WINDOWS_DRIVE:
        path = Path(location)
    else:
        return None
    return path if path.is_absolute() else None


def _runs(opened: sqlite3.Connection, experiment: int) -> list[str]:
    chosen = opened.execute("SELECT run_uuid FROM runs WHERE experiment_id = ?", (experiment,))
    return [run for (run,) in chosen]


def _is_moved(files: Path, database: Path, runs: list[str]) -> bool:
    """Whether a folder was moved or copied, rather than chosen on purpose."""
    if runs:
        return not files.is_dir() or any((database.parent / ARTIFACTS / run).is_dir() for run in runs)
    return not files.parent.is_dir() or (files.parent / database.name).is_file()


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
