"""A database of runs that is made before it is needed: the same, with no name until then, gone if unused."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.recorded import Recording
from training.tracking import new_database
from training.tracking.new_database import made_ahead, make_database
from training.tracking.runs import connected
from training.tracking.store import TrackingError


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a database that is not there yet, and have temporary folders beside it."""
    place = tmp_path / "runs" / "mlflow.db"
    place.parent.mkdir()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{place}")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return place


@pytest.fixture
def fillings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Have a database filled with a word, and note where."""
    places: list[Path] = []

    def fill(file: Path) -> None:
        places.append(file)
        file.write_text("filled")

    monkeypatch.setattr(new_database, "_fill", fill)
    return places


LISTED = (
    "SELECT type, name FROM sqlite_master ORDER BY type, name",
    "SELECT stored.name, cell.name, cell.type FROM sqlite_master AS stored, "
    "pragma_table_info(stored.name) AS cell "
    "WHERE stored.type = 'table' ORDER BY stored.name, cell.cid",
    "SELECT version_num FROM alembic_version",
)


def schema_of(database: Path) -> list[list[tuple[str, ...]]]:
    """List tables, indices and columns of a database, and its last migration."""
    with closing(sqlite3.connect(database)) as connection:
        return [connection.execute(query).fetchall() for query in LISTED]


def test_a_database_made_ahead_is_the_same(recorded_once: Recording, database: Path) -> None:
    """As one that is made when a run needs it, and MLflow uses it."""
    with made_ahead():
        assert not database.exists()
        with connected() as client:
            assert [each.name for each in client.search_experiments()] == ["Default"]
    assert schema_of(database) == schema_of(recorded_once.folder / "mlflow.db")


def test_it_is_used_once(database: Path, fillings: list[Path]) -> None:
    """Where it was removed since, another one is made in its place."""
    with made_ahead():
        make_database(database)
        assert database.read_text() == "filled"
        make_database(database)
    ahead, beside = fillings
    assert not ahead.is_relative_to(database.parent)
    assert beside.parent == database.parent
    assert list(database.parent.iterdir()) == [database]


def test_nothing_is_left_of_a_command_that_is_refused(database: Path, fillings: list[Path]) -> None:
    """Neither in the folder of runs nor in the one of temporary files, and a later command makes its own."""
    with pytest.raises(TrackingError, match="refused"), made_ahead():
        _refuse_after(fillings)
    assert list(database.parent.parent.rglob("*")) == [database.parent]
    make_database(database)
    assert len(fillings) == 2


def _refuse_after(fillings: list[Path]) -> None:
    assert fillings[0].exists()
    message = "refused"
    raise TrackingError(message)


@pytest.mark.parametrize("named", ["sqlite:///{}", "http://127.0.0.1:1"])
def test_nothing_is_made_where_there_is_a_database(
    named: str, database: Path, fillings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or where a server keeps it."""
    database.write_text("there")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", named.format(database))
    with made_ahead():
        assert fillings == []


def test_why_none_can_be_made_is_said_when_it_is_needed(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then a command goes on."""

    def full(_: Path) -> None:
        message = "no space left on device"
        raise OSError(message)

    monkeypatch.setattr(new_database, "_fill", full)
    with made_ahead(), pytest.raises(OSError, match="no space left on device"):
        make_database(database)
