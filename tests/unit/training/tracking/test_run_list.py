"""What `compare` lists of a training."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from features.measures import IN_TERMINAL
from serving.model.measured import Measured
from training.records.league_file import IN_FILE, LEAGUE_FILE, LeagueEntry, league_grid
from training.records.run_record import TRIAL
from training.tracking.run_list import WITH_TABLES, RecordedModel, _training

FIGURES = {**dict.fromkeys(IN_FILE, Measured(0.5, 0.25, 0.75)), "auroc": Measured(None)}
STATUS = "not validated locally"


def run(kind: str, **params: str) -> SimpleNamespace:
    info = SimpleNamespace(run_id=kind, experiment_id="1", start_time=0)
    return SimpleNamespace(info=info, data=SimpleNamespace(params=params, metrics={}, tags={"kind": kind}))


def ranked(folder: Path, table: dict[str, Any]) -> SimpleNamespace:
    """Make a training whose table is in a folder."""
    (folder / LEAGUE_FILE).write_text(json.dumps(table), encoding="utf-8")
    training = run("training")
    training.info.artifact_uri = folder.as_uri()
    training.data.tags |= {WITH_TABLES: json.dumps([{"path": LEAGUE_FILE, "type": "table"}])}
    training.data.tags |= {
        "chosen.relapse": "ridge",
        "status.relapse": STATUS,
        "chosen.severe_crs": "anchored",
    }
    return training


def table() -> dict[str, Any]:
    """Rank two models of relapse, as a training does."""
    entries = [LeagueEntry("relapse", 365, 1, "easix", chosen=False, measures=FIGURES)]
    entries += [LeagueEntry("relapse", 365, 2, "ridge", chosen=True, measures=FIGURES)]
    columns = league_grid(entries)[LEAGUE_FILE]
    return {"columns": list(columns), "data": [list(row) for row in zip(*columns.values(), strict=True)]}


class Client:
    """Answers every search with the children of a tuned training."""

    def search_runs(self, *_: Any, **__: Any) -> list[SimpleNamespace]:
        return [run("model", model="xgboost"), run(TRIAL, max_depth="3"), run("baseline", model="easix")]


def test_trials_of_a_search_are_not_listed_as_models() -> None:
    """No model is kept of settings that were tried."""
    found = _training(Client(), run("training"), {}, "")
    assert [model.model for model in found.models] == ["xgboost", "easix"]


def test_models_come_from_the_table_of_the_training(tmp_path: Path) -> None:
    """No run of a model is read; an outcome without validation has its model alone."""
    found = _training(None, ranked(tmp_path, table()), {}, "")
    assert found.models == (
        RecordedModel("severe_crs", "anchored", "", chosen=True, metrics={}),
        RecordedModel("relapse", "easix", "", chosen=False, metrics=FIGURES),
        RecordedModel("relapse", "ridge", STATUS, chosen=True, metrics=FIGURES),
    )
    assert set(IN_TERMINAL) <= set(found.models[1].metrics)


@pytest.mark.parametrize("broken", ["{", "[]", "{}", '{"columns": ["model"], "data": [["ridge"]]}'])
def test_models_come_from_their_runs_where_no_table_can_be_read(tmp_path: Path, broken: str) -> None:
    """Earlier releases wrote fewer columns."""
    training = ranked(tmp_path, table())
    (tmp_path / LEAGUE_FILE).write_text(broken, encoding="utf-8")
    assert [model.model for model in _training(Client(), training, {}, "").models] == ["xgboost", "easix"]
    (tmp_path / LEAGUE_FILE).unlink()
    assert [model.model for model in _training(Client(), training, {}, "").models] == ["xgboost", "easix"]
