"""How MLflow's pages are started, and where runs on a server are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import Refused
from training.commands import ui
from training.commands.ui import tracking_pages
from training.tracking.experiments import runs_page


def test_runs_on_a_server_are_shown_there(
    free_port: int, first_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second server before it would show nothing; the address leads to the list of runs, without login."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://ada:secret@mlflow.example/")
    with pytest.raises(Refused) as refused:
        tracking_pages(free_port)
    assert str(refused.value).endswith(f"open https://mlflow.example{runs_page('7')}")


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
    monkeypatch.setattr(ui, "tracking_uri", lambda: store)
    server = tracking_pages(free_port)
    assert not any(store in argument for argument in server.arguments)
    assert server.environment["MLFLOW_BACKEND_STORE_URI"] == store
    assert server.environment["MLFLOW_REGISTRY_STORE_URI"] == store
    assert server.environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert server.arguments[server.arguments.index("--host") + 1] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{free_port}{runs_page('7')}"
