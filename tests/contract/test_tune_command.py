"""`cart-outcomes tune`: what is printed and recorded, how it goes on, and what is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from features.problems import DataError, Refused
from features.synthetic.simulation import simulated_cohort
from serving.model.read_bundle import read_bundle
from tests.command_line import said
from tests.recorded import CANARY, canary_cohort, short_name
from training.commands import tune as command
from training.commands.trials_file import beside_runs, refuse_trials_file
from training.commands.tune import judged, tune
from training.dataset.fit_config import FitConfig
from training.tracking import recorder as recording
from training.tracking.recorder import Recorded
from training.tracking.store import database_file, tracking_uri

LIGHT = FitConfig(outcomes=("relapse",), folds=2, repeats=1, bootstrap_draws=20, replicates=2)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Keep what would be recorded in MLflow, and tune a cohort with identifiers that would be known again."""
    found: dict[str, Any] = {}

    def record(training: Any, folder: Path, **given: Any) -> Recorded:
        found.update(given, training=training, folder=folder)
        return Recorded("run", "4", "")

    cohort = canary_cohort(110, np.random.default_rng(5))
    cohort = replace(cohort, center=np.full(len(cohort), ""))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(recording, "record_training", record)
    monkeypatch.setattr("training.tracking.model_registry.champion_bundle", lambda: None)
    monkeypatch.setattr(command, "read_cohort", lambda *_, **__: cohort)
    return found


def test_search_is_told_and_recorded_trial_by_trial(kept: dict[str, Any], console: Console) -> None:
    """Honest figures beside the default, settings, the verdict, a run a trial, no identifier anywhere."""
    tune(Path("c.csv"), LIGHT, model="xgboost", trials=2, console=console)
    words, fitted = said(console), kept["training"].outcomes["relapse"]
    assert "trials are saved in tuning.db: if interrupted, run the same command again to resume" in words
    assert f"{fitted.chosen} *" in words
    assert "best of 2 trials: max_depth " in words
    assert "(default 0.05)" in words
    assert any(
        words.count(each)
        for each in ("no evidence that tuning helps", "tuning lowers", "no clear difference")
    )
    assert "registered as version 4" in words
    assert [short_name(record.name) for record in kept["further_runs"]] == [
        f"relapse / tuned_xgboost / trial {number}" for number in (0, 1)
    ]
    assert {short_name(record.below) for record in kept["further_runs"]} == {"relapse / tuned_xgboost"}
    assert kept["command"] == "tune"
    assert read_bundle(kept["folder"]).models["relapse"].method == "xgboost"
    assert CANARY.encode() not in Path("tuning.db").read_bytes()
    assert CANARY not in words


def test_same_command_again_makes_no_trial_again(
    kept: dict[str, Any], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of trials has them; the bundle is the same."""
    tune(Path("c.csv"), LIGHT, model="xgboost", trials=1, study=Path("own.db"), console=console)
    before = read_bundle(kept["folder"]).digest

    def never(*_: Any, **__: Any) -> float:
        message = "made again"
        raise AssertionError(message)

    monkeypatch.setattr("training.fitting.nested_tuning.held_out_loss", never)
    tune(Path("c.csv"), LIGHT, model="xgboost", trials=1, study=Path("own.db"), console=console)
    assert read_bundle(kept["folder"]).digest == before


def test_what_cannot_be_tuned_is_refused_before_any_work(
    kept: dict[str, Any], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left behind."""
    Path("notes.db").write_text("not trials")
    with pytest.raises(
        Refused, match=r"^notes\.db is not a file of trials; choose another file with --study$"
    ):
        tune(Path("c.csv"), LIGHT, study=Path("notes.db"))
    with pytest.raises(Refused, match="its folder does not exist; create it"):
        tune(Path("c.csv"), LIGHT, study=Path("none") / "t.db")
    with pytest.raises(Refused, match=r"^--model ridge is not one of anchored, xgboost$"):
        tune(Path("c.csv"), LIGHT, model="ridge")
    few = simulated_cohort(20, rng=np.random.default_rng(1))
    monkeypatch.setattr(command, "read_cohort", lambda *_, **__: few)
    with pytest.raises(DataError, match="relapse cannot be tuned"):
        tune(Path("c.csv"), LIGHT, console=console)
    assert [path.name for path in Path().iterdir()] == ["notes.db"]


def test_verdict_follows_the_bundle_and_the_interval() -> None:
    """Default settings are kept where they are no worse."""
    from serving.model.measured import Measured

    kept, left = judged(Measured(-0.01), kept=True), judged(Measured(0.02, 0.01, 0.03), kept=False)
    assert kept == "no evidence that tuning helps: the default hyperparameters are in the bundle"
    assert left == "tuning lowers the log loss: the tuned hyperparameters are in the bundle"


def test_trials_lie_beside_the_database_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or in this folder, where runs are kept by a server."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert database_file(tracking_uri()) == tmp_path / "mlflow.db"
    assert beside_runs() == tmp_path / "tuning.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert beside_runs() == Path("tuning.db")


def test_a_database_of_something_else_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow's own would get tables that it does not know."""
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect("mlflow.db")) as database:
        database.execute("CREATE TABLE runs (a)")
    before = Path("mlflow.db").read_bytes()
    with pytest.raises(Refused, match=r"mlflow.db is not a file of trials; choose another file with --study"):
        refuse_trials_file(Path("mlflow.db"))
    assert Path("mlflow.db").read_bytes() == before
    Path("empty.db").touch()
    refuse_trials_file(Path("empty.db"))
