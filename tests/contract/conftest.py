"""What is made once for many tests of MLflow: an empty database, a recorded training, three releases."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from tests.command_line import paper
from tests.known_site import Site, known_site, own_records
from tests.recorded import Recording, in_folder_of, light_training, record, unpainted
from tests.releases import DATABASE, State, another, empty_store, fewer_outcomes, linear, promoted, register


@pytest.fixture
def console() -> Console:
    """Keep what a person would read; `said` gives it."""
    return paper()


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Put an empty database of runs in a folder: a copy of one that is made once, which takes seconds."""
    from training.tracking.runs import connected

    made = tmp_path_factory.mktemp("empty")
    with in_folder_of(made), connected():
        pass

    def copied(folder: Path) -> Path:
        shutil.copy(made / DATABASE, folder / DATABASE)
        with closing(sqlite3.connect(folder / DATABASE)) as database, database:
            # The default experiment is kept where its database was made.
            database.execute("UPDATE experiments SET artifact_location = ?", (f"{folder}/mlruns/0",))
        return folder

    return copied


@pytest.fixture(scope="session")
def recorded_once(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]
) -> Recording:
    """Train and record, once for the whole session."""
    with unpainted():
        return record(light_training(), new_database(tmp_path_factory.mktemp("mlflow")))


@pytest.fixture(scope="module")
def figures_unpainted() -> Iterator[None]:
    """Record trainings with figures of one dot."""
    with unpainted():
        yield


@pytest.fixture(scope="module")
def recorded(recorded_once: Recording) -> Iterator[Recording]:
    """Work where the database of runs is."""
    with in_folder_of(recorded_once.folder):
        yield recorded_once


@pytest.fixture(scope="module")
def three_versions(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]
) -> Iterator[Path]:
    """Register three versions, the third with fewer outcomes, and release the first."""
    place = new_database(tmp_path_factory.mktemp("releases"))
    with in_folder_of(place):
        empty_store()
        for name, bundle in (("one", linear()), ("two", another()), ("three", fewer_outcomes())):
            register(bundle, place / name)
        promoted("1")
        (place / "start").mkdir()
        State(place, place / "start").keep()
        yield place
        empty_store()


@pytest.fixture
def first_released(three_versions: Path) -> Path:
    """Go back to where the first version is released."""
    State(three_versions, three_versions / "start").restore()
    return three_versions


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the service with keys, an issuer and a proxy."""
    with known_site(tmp_path_factory.mktemp("site")) as it:
        yield it


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Give all that the service has logged, down to the smallest detail."""
    caplog.set_level(logging.DEBUG)
    return lambda: own_records(caplog)
