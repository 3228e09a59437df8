"""One recorded training, for all tests of MLflow; each test module works in its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded import Recording, in_folder_of, light_training, record
from tests.releases import State, another, empty_store, fewer_outcomes, linear, promoted, register


@pytest.fixture(scope="session")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Train and record, once for the whole session."""
    return record(light_training(), tmp_path_factory.mktemp("mlflow"))


@pytest.fixture(scope="module")
def recorded(recorded_once: Recording) -> Iterator[Recording]:
    """Work where the database of runs is."""
    with in_folder_of(recorded_once.folder):
        yield recorded_once


@pytest.fixture(scope="module")
def three_versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Register three versions, the third with fewer outcomes, and release the first."""
    place = tmp_path_factory.mktemp("releases")
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
