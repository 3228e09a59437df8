"""What `compare` lists of a training."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from training.records.run_record import TRIAL
from training.tracking.run_list import _training


def run(kind: str, **params: str) -> SimpleNamespace:
    info = SimpleNamespace(run_id=kind, experiment_id="1", start_time=0)
    return SimpleNamespace(info=info, data=SimpleNamespace(params=params, metrics={}, tags={"kind": kind}))


class Client:
    """Answers every search with the children of a tuned training."""

    def search_runs(self, *_: Any, **__: Any) -> list[SimpleNamespace]:
        return [run("model", model="xgboost"), run(TRIAL, max_depth="3"), run("baseline", model="easix")]


def test_trials_of_a_search_are_not_listed_as_models() -> None:
    """No model is kept of settings that were tried."""
    found = _training(Client(), run("training"), {}, "")
    assert [model.model for model in found.models] == ["xgboost", "easix"]
