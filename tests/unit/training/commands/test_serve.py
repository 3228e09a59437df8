"""What cannot be served is found before anything is started."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from features.problems import Refused
from serving.http.allowed_hosts import ALLOWED_HOSTS_VARIABLE
from serving.http.budgets import ANSWER_WITHIN_SECONDS
from serving.model.released_bundle import BUNDLE_VARIABLE
from training.commands import serve
from training.commands.serve import service, tracking_pages
from training.tracking.experiments import runs_page


def test_the_service_is_given_the_bundle_that_was_verified(bundle_folder: Path, free_port: int) -> None:
    """By an absolute path, and it does not call home."""
    server = service(free_port, "localhost", bundle_folder)
    assert server.environment == {
        BUNDLE_VARIABLE: str(bundle_folder.resolve()),
        ALLOWED_HOSTS_VARIABLE: "localhost",
        "BENTOML_DO_NOT_TRACK": "True",
    }
    assert server.address == f"http://127.0.0.1:{free_port}"


def test_the_service_is_given_the_names_it_answers_to(
    bundle_folder: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the options and of the environment, beside the one it listens on."""
    monkeypatch.setenv(ALLOWED_HOSTS_VARIABLE, "risk.internal.example, ")
    server = service(free_port, "127.0.0.1", bundle_folder, ["risk.hospital.example", "*.ward.example"])
    assert server.environment[ALLOWED_HOSTS_VARIABLE] == (
        "127.0.0.1,risk.hospital.example,*.ward.example,risk.internal.example"
    )


def test_a_name_that_is_none_is_refused(bundle_folder: Path, free_port: int) -> None:
    """Before anything starts."""
    with pytest.raises(Refused) as caught:
        service(free_port, "127.0.0.1", bundle_folder, ["https://risk.hospital.example"])
    assert str(caught.value) == (
        "--allowed-host: 'https://risk.hospital.example' is not a host; "
        "enter a name or an address, such as risk.example"
    )


def test_a_service_that_ends_has_time_for_its_longest_answer(bundle_folder: Path, free_port: int) -> None:
    """Its own server waits for it, and we wait for the server."""
    server = service(free_port, "127.0.0.1", bundle_folder)
    drained = int(server.arguments[server.arguments.index("--timeout-graceful-shutdown") + 1])
    assert ANSWER_WITHIN_SECONDS < drained < server.ends_within_seconds


def test_a_damaged_bundle_is_not_served(bundle_folder: Path, free_port: int) -> None:
    """The reason is the bundle's."""
    (bundle_folder / "relapse.trees.ubj").unlink()
    with pytest.raises(Refused, match="^relapse.trees.ubj is missing from the bundle; restore it or train"):
        service(free_port, "127.0.0.1", bundle_folder)


def test_a_taken_port_is_found_before_the_bundle_is_read(taken_port: int, tmp_path: Path) -> None:
    """Reading takes longer."""
    with pytest.raises(Refused, match="is in use"):
        service(taken_port, "127.0.0.1", tmp_path)


@pytest.fixture
def first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep MLflow out: its import takes seconds."""
    tracking = ModuleType("training.tracking.runs")
    tracking.first_page = lambda: runs_page("7")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "training.tracking.runs", tracking)


def test_runs_on_a_server_are_shown_there(
    free_port: int, first_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second server before it would show nothing; the address leads to the list of runs, without login."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://ada:secret@mlflow.example/")
    with pytest.raises(Refused) as refused:
        tracking_pages(free_port)
    assert str(refused.value).endswith(f"open https://mlflow.example{runs_page('7')}")


def test_the_service_starts_alone_where_a_server_shows_the_runs(
    bundle_folder: Path, free_port: int, first_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So `demo` ends with the service and the address of the runs, not with a refusal after the training."""
    started: list[str] = []
    said: list[str] = []
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    monkeypatch.setattr(
        serve, "run_until_stopped", lambda servers, announce: started.extend(each.name for each in servers)
    )
    monkeypatch.setattr(serve, "_say", said.append)
    serve.serve_and_ui(free_port, free_port + 1, bundle_folder)
    assert started == ["service"]
    assert f"MLflow: https://mlflow.example{runs_page('7')}" in said


@pytest.mark.parametrize(
    "store",
    ["sqlite:////{folder}/x.db", "postgresql+pg8000://ada:secret@db.example/runs"],
    ids=["file", "password"],
)
def test_the_database_is_named_by_environment_alone(
    store: str, free_port: int, first_page: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every user of a machine sees every command line; MLflow has no accounts, so it is bound to loopback."""
    store = store.format(folder=tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.setattr(serve, "tracking_uri", lambda: store)
    server = tracking_pages(free_port)
    assert not any(store in argument for argument in server.arguments)
    assert server.environment["MLFLOW_BACKEND_STORE_URI"] == store
    assert server.environment["MLFLOW_REGISTRY_STORE_URI"] == store
    assert server.environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert server.arguments[server.arguments.index("--host") + 1] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{free_port}{runs_page('7')}"
