"""Update the file locations in MLflow's database after its folder was moved or copied."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.console.locks import InUseError, in_turn
from training.tracking.moved_folder import MovedRoot, local_path, moved_roots
from training.tracking.store import ARTIFACTS, TrackingError

LOCATIONS = (
    ("experiments", "artifact_location", ""),
    ("runs", "artifact_uri", ""),
    ("logged_models", "artifact_location", ""),
    ("model_versions", "source", ""),
    ("model_versions", "storage_location", ""),
    ("trace_tags", "value", "key = 'mlflow.artifactLocation'"),
)
"""Table, column and condition of the locations that MLflow keeps as absolute addresses."""
SECONDS_TO_WAIT = 5
IN_USE = "Another command is writing to {path}. Wait for it to finish, then run the command again"


@dataclass(frozen=True)
class Relocation:
    """What was changed.

    Attributes
    ----------
    roots : tuple of Path
        Old folders.
    changed : dict of str to int
        Rows by ``table.column``.
    missing : int
        Runs whose files are not beside the database either.
    backup : Path
        The database before the change.
    """

    roots: tuple[Path, ...]
    changed: dict[str, int]
    missing: int
    backup: Path


def relocate(database: Path) -> Relocation | None:
    """Rewrite the locations under the old folders, in one transaction, after a copy of the database was made.

    Parameters
    ----------
    database : Path
        SQLite file of MLflow.

    Returns
    -------
    relocation : Relocation or None
        None where every location is right.

    Raises
    ------
    InUseError
        If another command is writing.
    TrackingError
        If the files are not beside the database, or it cannot be written.
    """
    with _alone(database), closing(_opened(database)) as opened:
        roots = moved_roots(database)
        if not roots:
            return None
        _refuse_missing_files(database, roots)
        backup = _backup(opened, database)
        try:
            changed = _rewritten(opened, [root.folder for root in roots], database.parent)
            missing = _missing(opened, database)
            opened.execute("COMMIT")
        except sqlite3.Error as error:
            message = f"MLflow's database {database} cannot be written ({error}); it is unchanged"
            raise TrackingError(message) from error
    return Relocation(tuple(root.folder for root in roots), changed, missing, backup)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Keep other commands of this folder out, and refuse where one is training or recording."""
    for lock in sorted((database.parent / ".cart-outcomes").glob("*.lock")):
        with lock.open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUseError(IN_USE.format(path=lock.with_suffix(""))) from None
    with in_turn(database.parent):
        yield


def _opened(database: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(database, timeout=SECONDS_TO_WAIT, isolation_level=None)
    try:
        opened.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        opened.close()
        if "locked" in str(error):
            raise InUseError(IN_USE.format(path=database)) from None
        message = f"MLflow's database {database} cannot be written: {error}"
        raise TrackingError(message) from error
    return opened


def _refuse_missing_files(database: Path, roots: list[MovedRoot]) -> None:
    """Refuse files that are in neither folder: they must be moved first."""
    here = database.parent / ARTIFACTS
    for root in roots:
        if root.n_runs and not here.is_dir():
            message = (
                f"{here} does not exist: the files of {root.n_runs} runs were in {root.folder / ARTIFACTS}. "
                f"Move that folder to {here} first, then run the command again"
            )
            raise TrackingError(message)


def _backup(opened: sqlite3.Connection, database: Path) -> Path:
    """Copy the database as it is, under a name that is free."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    backup = database.with_name(f"{database.name}.before-relocate-{stamp}")
    if backup.exists():
        message = f"{backup} exists; run the command again in a second"
        raise TrackingError(message)
    try:
        # A connection of its own reads: the transaction keeps out writers alone.
        with closing(sqlite3.connect(backup)) as copy, closing(sqlite3.connect(database)) as reading:
            reading.backup(copy)
        shutil.copymode(database, backup)
    except (OSError, sqlite3.Error) as error:
        backup.unlink(missing_ok=True)
        opened.execute("ROLLBACK")
        message = f"{backup} cannot be written ({error}); the database is unchanged"
        raise TrackingError(message) from error
    return backup


def _rewritten(opened: sqlite3.Connection, roots: list[Path], home: Path) -> dict[str, int]:
    """Move every location under one of the roots below a new home; give the number of rows by column."""
    tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    changed: dict[str, int] = {}
    for table, column, condition in LOCATIONS:
        if table not in tables:
            continue
        where = f" WHERE {condition}" if condition else ""
        for row, location in opened.execute(f"SELECT rowid, {column} FROM {table}{where}").fetchall():
            moved = moved_location(location or "", roots, home)
            if moved is not None:
                opened.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (moved, row))
                changed[f"{table}.{column}"] = changed.get(f"{table}.{column}", 0) + 1
    return changed


def moved_location(location: str, roots: list[Path], home: Path) -> str | None:
    """State a location under a new home, as the address or path that it was; None where it is under no root.

    Examples
    --------
    >>> roots, home = [Path("/old trial")], Path("/new")
    >>> moved_location("file:///old%20trial/mlartifacts/1/artifacts", roots, home)
    'file:///new/mlartifacts/1/artifacts'
    >>> moved_location("/old trial/mlruns/0", roots, home)
    '/new/mlruns/0'
    >>> print(moved_location("/old trials/mlruns/0", roots, home))
    None
    """
    path = local_path(location)
    under = [root for root in roots if path is not None and path.is_relative_to(root)]
    if path is None or not under:
        return None
    moved = home / path.relative_to(max(under, key=lambda root: len(root.parts)))
    return moved.as_uri() if location.startswith("file:") else str(moved)


def _missing(opened: sqlite3.Connection, database: Path) -> int:
    """Count runs whose folder should be beside the database and is not; a run without files has none."""
    here = database.parent / ARTIFACTS
    folders = [local_path(location or "") for (location,) in opened.execute("SELECT artifact_uri FROM runs")]
    return sum(
        1 for folder in folders if folder is not None and folder.is_relative_to(here) and not folder.is_dir()
    )
