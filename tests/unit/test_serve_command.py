"""What cannot be served is found before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import Refused
from serving.store import BUNDLE_VARIABLE
from training.commands.serve import service, tracking_pages


def test_the_service_is_given_the_bundle_that_was_verified(bundle_folder: Path, free_port: int) -> None:
    """By an absolute path, and it does not call home."""
    server = service(free_port, "localhost", bundle_folder)
    assert server.environment == {
        BUNDLE_VARIABLE: str(bundle_folder.resolve()),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    assert server.address == f"http://127.0.0.1:{free_port}"


def test_a_damaged_bundle_is_not_served(bundle_folder: Path, free_port: int) -> None:
    """The reason is the bundle's."""
    (bundle_folder / "relapse.trees.ubj").unlink()
    with pytest.raises(Refused, match="^relapse.trees.ubj is missing from the bundle; release it again$"):
        service(free_port, "127.0.0.1", bundle_folder)


def test_a_taken_port_is_found_before_the_bundle_is_read(taken_port: int, tmp_path: Path) -> None:
    """Reading takes longer."""
    with pytest.raises(Refused, match="is taken"):
        service(taken_port, "127.0.0.1", tmp_path)


def test_runs_on_a_server_are_shown_there(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second server before it would show nothing."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    with pytest.raises(Refused, match="shows its runs itself: open https://mlflow.example$"):
        tracking_pages(free_port)


def test_mlflow_is_bound_to_this_machine(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no accounts."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////tmp/x.db")
    arguments = tracking_pages(free_port).arguments
    assert arguments[arguments.index("--host") + 1] == "127.0.0.1"
    assert arguments[arguments.index("--backend-store-uri") + 1] == "sqlite:////tmp/x.db"
