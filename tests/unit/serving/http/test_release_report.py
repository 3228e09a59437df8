"""What remains of ended processes is not counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.http.release_report import forget_ended_processes, without_former_versions
from serving.http.worker_processes import METRICS_VARIABLE


@pytest.fixture
def ended() -> int:
    """Give the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def test_ended_processes_serve_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int) -> None:
    """A service that was killed left its state behind; what it has counted stays."""
    kept = {f"counter_{ended}.db", f"gauge_livemax_{os.getpid()}.db", "gauge_livemax_x.db"}
    for name in {*kept, f"gauge_livemax_{ended}.db", f"gauge_livesum_{ended}.db"}:
        (tmp_path / name).touch()
    monkeypatch.delenv(METRICS_VARIABLE, raising=False)
    forget_ended_processes()
    monkeypatch.setenv(METRICS_VARIABLE, str(tmp_path))
    forget_ended_processes()
    assert {file.name for file in tmp_path.iterdir()} == kept


def test_only_versions_that_are_served_remain() -> None:
    """All other lines stay as they are, also those with the value 0."""
    lines = [
        "# TYPE cart_outcomes_model_info gauge",
        'cart_outcomes_model_info{version="1-ab"} 0.0',
        'cart_outcomes_model_info{version="2-cd"} 1.0',
        "cart_outcomes_release_degraded 0.0",
        "",
    ]
    assert without_former_versions("\n".join(lines)).split("\n") == [lines[0], *lines[2:]]
