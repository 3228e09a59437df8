"""A promotion that is killed: what is served then, what the next command says, and how it is ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
LAST_STEPS = ("MlflowClient.set_registered_model_alias", "Path.rename")
"""From the alias to the store: where champion and release may differ."""


def killed_at(folder: Path, *names: str) -> list[dict[str, Any]]:
    """Kill promotions at the calls of these names, or at every call; give what was seen after each."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "CART_"))}
    kept |= {"BENTOML_HOME": str(folder / "bentoml"), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.killing", *names],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def check(seen: list[dict[str, Any]]) -> None:
    """One whole champion is served, a difference is reported, and promoting again ends it.

    The log then has one line for each release, and the last is served.
    """
    for each in seen:
        assert each["served"] in ("1", "2"), each
        if each["served"] != each["champion"]:
            assert (each["served"], each["champion"]) == ("1", "2"), each
            assert "promotion of version 2 was interrupted" in each["reported"], each
        assert each["then_served"] == "2", each
        assert each["aliases"] == {"champion": "2", "previous": "1"}, each
        assert (each["then_reported"], each["left"]) == ("", []), each
        assert each["log"][-1] == each["then_pointer"], each
        assert sorted(each["log"]) == each["stored"], each


@pytest.mark.slow
def test_a_promotion_killed_in_its_last_steps(tmp_path: Path) -> None:
    """Before and after the alias, and before and after the bundle comes into the store."""
    seen = killed_at(tmp_path, *LAST_STEPS)
    assert any(each["served"] != each["champion"] for each in seen)
    assert any("is finished" in each["again"] for each in seen)
    assert any("was undone" in each["again"] for each in seen)
    check(seen)


@pytest.mark.acceptance
def test_a_promotion_killed_at_every_call(tmp_path: Path) -> None:
    """Of MLflow and of the store, before and after each."""
    seen = killed_at(tmp_path)
    assert len(seen) > 60
    assert {each["served"] for each in seen} == {"1", "2"}
    check(seen)
