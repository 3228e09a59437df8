"""A project folder that was moved or copied: found at once, explained, and corrected by one command."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow.tracking._tracking_service import utils
from rich.console import Console

from tests.recorded import in_folder_of
from training.commands.relocate import relocate
from training.console.locks import InUseError, bundle_folder
from training.tracking.experiments import experiment_of_new_runs
from training.tracking.moved_folder import moved_roots
from training.tracking.runs import connected
from training.tracking.store import TrackingError, artifact_folder, tracking_uri

NAMES = ("project", "my trial", "Проект 1", "100 % (new) #2")
LOCATIONS = """
SELECT artifact_location FROM experiments UNION SELECT artifact_uri FROM runs
UNION SELECT artifact_location FROM logged_models UNION SELECT storage_location FROM model_versions
UNION SELECT value FROM trace_tags
"""


def text_of(client: Any, run_id: str) -> str:
    return Path(client.download_artifacts(run_id, "note.txt")).read_text()


@pytest.fixture(autouse=True)
def new_process() -> None:
    """Forget where MLflow's client has written to before, as another command does."""
    utils._artifact_repos_cache.clear()


def said(folder: Path) -> str:
    """Relocate in a folder."""
    console = Console(file=io.StringIO(), width=400)
    with in_folder_of(folder):
        relocate(console=console)
    utils._artifact_repos_cache.clear()
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def locations(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "mlflow.db")) as opened:
        return {location for (location,) in opened.execute(LOCATIONS)}


@pytest.fixture(scope="module")
def made_once(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]
) -> tuple[Path, str]:
    """Record a run with a file, a logged model with a version, and a run kept elsewhere on purpose."""
    folder = tmp_path_factory.mktemp("made") / "old trial"
    folder.mkdir()
    with in_folder_of(new_database(folder)), connected() as client:
        experiment = experiment_of_new_runs(client, artifact_folder(tracking_uri()))
        run_id = str(client.create_run(experiment).info.run_id)
        client.log_text(run_id, "kept", "note.txt")
        client.create_run(experiment)
        model = client.create_logged_model(experiment, "m", source_run_id=run_id)
        client.create_registered_model("m")
        client.create_model_version("m", f"models:/{model.model_id}", run_id, model_id=model.model_id)
        elsewhere = folder.with_name("old trials") / "mlartifacts"
        other = client.create_experiment("elsewhere", artifact_location=elsewhere.as_uri())
        client.log_text(client.create_run(other).info.run_id, "elsewhere", "note.txt")
    return folder, run_id


@pytest.fixture
def made(made_once: tuple[Path, str], tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Put the recorded folder in its old place, to be moved away."""
    folder, run_id = made_once
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    yield folder, run_id
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_moved_folder_is_found_and_relocated(made: tuple[Path, str], name: str, tmp_path: Path) -> None:
    """Every command says what to do; afterwards runs find their files and new ones are kept beside them."""
    old, run_id = made
    new = tmp_path / "moved" / name
    new.parent.mkdir()
    shutil.move(old, new)
    with in_folder_of(new), pytest.raises(TrackingError) as refused, connected():
        pass
    assert f"the folder {old} was moved to {new}" in str(refused.value)
    assert str(refused.value).endswith("run: cart-outcomes relocate")
    before = (new / "mlflow.db").read_bytes()
    words = said(new)
    assert f"{old} is now {new}" in words
    assert "experiments.artifact_location: " in words
    assert not old.exists()
    (backup,) = new.glob("mlflow.db.before-relocate-*")
    assert str(backup) in words
    assert "1 run with no files in the new folder; some runs never had any" in words
    assert locations(new) == {
        str(place).replace(old.as_uri() + "/", new.as_uri() + "/").replace(f"{old}/", f"{new}/")
        for place in locations_of(before, tmp_path)
    }
    with in_folder_of(new), connected() as client:
        assert text_of(client, run_id) == "kept"
        client.log_text(run_id, "again", "second.txt")
    assert (new / "mlartifacts" / run_id / "artifacts" / "second.txt").is_file()
    assert "nothing was changed" in said(new)


def locations_of(database: bytes, folder: Path) -> set[str]:
    """Read the locations of a database as it was."""
    (folder / "before").mkdir()
    (folder / "before" / "mlflow.db").write_bytes(database)
    return locations(folder / "before")


def test_a_copied_folder_does_not_write_to_the_first_one(made: tuple[Path, str], tmp_path: Path) -> None:
    """Nothing would fail, and that is the danger; the first one stays as it is."""
    old, run_id = made
    new = tmp_path / "copy"
    shutil.copytree(old, new)
    refused = pytest.raises(TrackingError, match="new runs would be written among them")
    with in_folder_of(new), refused, connected():
        pass
    said(new)
    with in_folder_of(new), connected() as client:
        client.log_text(run_id, "again", "second.txt")
    assert not list(old.rglob("second.txt"))
    with in_folder_of(old), connected() as client:
        assert text_of(client, run_id) == "kept"


def test_files_kept_elsewhere_on_purpose_stay_there(made: tuple[Path, str], tmp_path: Path) -> None:
    """A folder whose name begins like the old one is another folder."""
    old, _ = made
    assert moved_roots(old / "mlflow.db") == []
    shutil.move(old, tmp_path / "moved")
    said(tmp_path / "moved")
    elsewhere = (old.with_name("old trials") / "mlartifacts").as_uri()
    assert sum(location.startswith(elsewhere) for location in locations(tmp_path / "moved")) == 2


def test_a_folder_reached_by_a_link_was_not_moved(made: tuple[Path, str], tmp_path: Path) -> None:
    """The link and the folder are one place."""
    old, run_id = made
    (tmp_path / "link").symlink_to(old)
    with in_folder_of(tmp_path / "link"), connected() as client:
        assert text_of(client, run_id) == "kept"


def test_a_database_without_its_files_is_not_pointed_to_nothing(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    """The message says which folder to move."""
    old, _ = made
    new = tmp_path / "moved"
    shutil.move(old, new)
    (new / "mlartifacts").rename(tmp_path / "left")
    before = (new / "mlflow.db").read_bytes()
    with pytest.raises(TrackingError, match=f"Move that folder to {new / 'mlartifacts'} first"):
        said(new)
    assert (new / "mlflow.db").read_bytes() == before
    assert not list(new.glob("*before-relocate*"))


def test_nothing_is_relocated_while_another_command_writes(made: tuple[Path, str], tmp_path: Path) -> None:
    """One that trains, or one that is recording."""
    old, _ = made
    new = tmp_path / "moved"
    shutil.move(old, new)
    with bundle_folder(new / ".cart-outcomes" / "last-training"), pytest.raises(InUseError, match="writing"):
        said(new)
    with closing(sqlite3.connect(new / "mlflow.db", isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        with pytest.raises(InUseError, match="Wait for it to finish"):
            said(new)
    assert "is now" in said(new)


def test_a_server_keeps_its_own_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to change from here."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    with pytest.raises(Exception, match="relocate updates SQLite files only"):
        relocate(console=Console(file=io.StringIO()))
