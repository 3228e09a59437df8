"""The page of the MLflow UI that a person sees first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recorded import Recording, in_folder_of
from training.tracking.experiments import EVERY_EXPERIMENT, EXPERIMENT, MARKS, mark, runs_page
from training.tracking.runs import connected, first_page
from training.tracking.saved_view import SAVED_VIEWS
from training.tracking.store import TrackingError


@pytest.fixture(scope="module")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name a folder without a database."""
    return tmp_path_factory.mktemp("new")


@pytest.fixture
def client(new_store: Path) -> Iterator[Any]:
    with in_folder_of(new_store), connected() as client:
        yield client


def add_run(client: Any, name: str, kind: str = "training") -> str:
    """Record an empty run of ours in an experiment of its own; give the experiment's id."""
    known = client.get_experiment_by_name(name)
    experiment = known.experiment_id if known is not None else client.create_experiment(name)
    client.create_run(experiment, tags={"kind": kind})
    return str(experiment)


def test_the_list_of_runs_comes_first(recorded: Recording) -> None:
    """In the view of measures."""
    with connected() as client:
        experiment = client.get_experiment_by_name(EXPERIMENT)
    assert first_page() == runs_page(experiment.experiment_id)


def test_a_new_database_gets_its_experiment(client: Any) -> None:
    """Its list of runs, empty yet, is the page, with the view; files go beside the database."""
    page = first_page()
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert page == runs_page(experiment.experiment_id)
    assert {name: experiment.tags[name] for name in MARKS} == MARKS
    assert experiment.artifact_location == (Path.cwd() / "mlartifacts").as_uri()


def test_the_experiment_that_is_named_comes_first(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is newer elsewhere; without runs there, and none named, the newest training's is shown."""
    first, second = add_run(client, "first"), add_run(client, "second", "external_validation")
    assert first_page() == runs_page(second)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "first")
    assert first_page() == runs_page(first)


def test_an_experiment_made_by_hand_gets_the_view(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One made by an older release gets the newer view; what a person wrote there stays."""
    made = client.create_experiment("by hand", tags={"mlflow.note.content": "mine"})
    view = next(iter(SAVED_VIEWS))
    client.set_experiment_tag(made, view, "an older view")
    mark(client, client.get_experiment(made))
    tags = client.get_experiment(made).tags
    assert (tags[view], tags["mlflow.note.content"]) == (SAVED_VIEWS[view], "mine")


def test_a_deleted_experiment_takes_no_runs_and_is_not_opened(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the command that restores it."""
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "deleted one")
    made = add_run(client, "deleted one")
    for experiment in client.search_experiments():
        client.delete_experiment(experiment.experiment_id)
    assert first_page() == EVERY_EXPERIMENT
    from training.tracking.experiments import experiment_of_new_runs

    with pytest.raises(TrackingError, match=f"mlflow experiments restore --experiment-id {made},"):
        experiment_of_new_runs(client, None)
