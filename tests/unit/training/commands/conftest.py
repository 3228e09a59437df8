"""MLflow's list of runs, without MLflow."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from training.tracking.experiments import runs_page


@pytest.fixture
def first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep MLflow out: its import takes seconds."""
    tracking = ModuleType("training.tracking.runs")
    tracking.first_page = lambda: runs_page("7")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "training.tracking.runs", tracking)
