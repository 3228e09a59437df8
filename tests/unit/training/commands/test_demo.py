"""What `demo` keeps running."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.commands import demo
from training.tracking.experiments import runs_page


def test_the_service_starts_alone_where_a_server_shows_the_runs(
    bundle_folder: Path, free_port: int, first_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So `demo` ends with the service and the address of the runs, not with a refusal after the training."""
    started: list[str] = []
    said: list[str] = []
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    monkeypatch.setattr(
        demo, "run_until_stopped", lambda servers, announce: started.extend(each.name for each in servers)
    )
    monkeypatch.setattr(demo, "announce", said.append)
    demo.serve_and_ui(free_port, free_port + 1, bundle_folder)
    assert started == ["service"]
    assert f"MLflow: https://mlflow.example{runs_page('7')}" in said
