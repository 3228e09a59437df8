"""One recorded training, for all tests of MLflow; each test module works in its folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.recorded import Recording, in_folder_of, light_training, record


@pytest.fixture(scope="session")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Train and record, once for the whole session."""
    return record(light_training(), tmp_path_factory.mktemp("mlflow"))


@pytest.fixture(scope="module")
def recorded(recorded_once: Recording) -> Iterator[Recording]:
    """Work where the database of runs is."""
    with in_folder_of(recorded_once.folder):
        yield recorded_once
