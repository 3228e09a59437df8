"""Registered versions: comparing them, releasing one, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient
from rich.console import Console

from features.outcome import ESTIMANDS
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.measured import Measured
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import released_bundle
from tests.command_line import said
from tests.recorded import Recording
from training.commands.compare import compare
from training.commands.promote import promote
from training.commands.promotion_steps import GateError, champion_bundle, release_lines
from training.release.champion_note import HEADING, REPORT_JSON, REPORT_PAGE
from training.tracking.model_registry import champion_bundle as champion
from training.tracking.model_registry import registered_bundle
from training.tracking.promotion import set_champion
from training.tracking.run_list import list_models
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.store import TrackingError
from training.tracking.version_facts import version_facts


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]) -> str:
    """Name a database that nothing was recorded in."""
    return f"sqlite:///{new_database(tmp_path_factory.mktemp('nothing')) / 'mlflow.db'}"


def version_tags(version: str) -> dict[str, str]:
    with connected() as client:
        return version_facts(client, client.get_model_version(MODEL_NAME, version))


def test_promoted_version_is_champion_and_released(recorded: Recording, console: Console) -> None:
    """Alias, time, and the bundle in the store from which the service takes it."""
    promote("1", None, console=console)
    with connected() as client:
        assert str(client.get_model_version_by_alias(MODEL_NAME, "champion").version) == "1"
    released = read_bundle(released_bundle())
    assert (released.version, released.provenance["run_id"]) == ("1", recorded.recorded.run_id)
    assert re.search(r"version 1 is champion and released as cart_outcomes:v1-\S+", said(console))
    assert "SYNTHETIC" in said(console)
    tags = version_tags("1")
    assert tags["promoted_at"].endswith("+00:00")
    assert tags["forced"] == "no"


def test_page_of_a_champion_says_why_and_its_report_is_kept(recorded: Recording, console: Console) -> None:
    """Once, however often it is promoted; the report is the one that `report` writes."""
    for _ in range(2):
        promote("1", None, console=console)
    with connected() as client:
        version = client.get_model_version(MODEL_NAME, "1")
        kept = {file.path for file in client.list_artifacts(str(version.run_id), "report")}
        experiment = client.get_run(str(version.run_id)).info.experiment_id
    assert version.description.count(HEADING) == 1
    assert "All checks of `promote` passed." in version.description
    assert kept == {REPORT_PAGE, REPORT_JSON}
    artifacts = f"#/experiments/{experiment}/runs/{version.run_id}/artifacts"
    for path in (REPORT_PAGE, REPORT_JSON):
        assert f"]({artifacts}/{path}?workflowType=machine_learning)" in version.description


def test_gate_that_says_no_is_obeyed_unless_forced(
    recorded: Recording, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reason is told; forcing is recorded with its reason."""
    reasons = ["relapse by day 365: the slope is wrong", "severe_crs: contributions miss the risk"]
    monkeypatch.setattr("training.commands.promotion_steps.gate_reasons", lambda folder, champion: reasons)
    with pytest.raises(GateError) as refused:
        promote("1", None, console=console)
    assert str(refused.value) == (
        "version 1 is not released:\n  relapse by day 365: the slope is wrong\n"
        "  severe_crs: contributions miss the risk\npromote it despite failed checks with --force WHY"
    )
    promote("1", "to try the page", console=console)
    assert "forced despite: severe_crs: contributions miss the risk" in said(console)
    tags = version_tags("1")
    assert tags["forced"] == "to try the page"
    assert tags["forced_although"] == "; ".join(reasons)


def test_forcing_is_not_recorded_where_nothing_was_against_it(recorded: Recording, console: Console) -> None:
    """Nor do the reasons of an earlier release stay."""
    set_champion("1", forced="to try the page", reasons=["the slope is wrong"])
    assert version_tags("1")["forced_although"] == "the slope is wrong"
    promote("1", "to be sure", console=console)
    tags = version_tags("1")
    assert (tags["forced"], tags["forced_although"]) == ("no", "no reason")
    assert "forced although" not in said(console)


def test_version_is_compared_with_the_champion(
    recorded: Recording, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate is given the champion's bundle; a version that does worse than it is not released."""
    own = read_bundle(registered_bundle("1")[1])
    name = next(iter(own.models))
    days = own.models[name].horizons_days[0]
    better = {days: {**own.summaries[name].metrics[days], "log_loss": Measured(0.001, 0.0005, 0.002)}}
    before = replace(
        own,
        models={name: own.models[name]},
        summaries={name: replace(own.summaries[name], metrics=better)},
        provenance={"version": "0"},
    )
    monkeypatch.setattr("training.commands.promotion_steps.champion_bundle", lambda *_: (before, []))
    with pytest.raises(GateError) as refused:
        promote("1", None, console=console)
    loss = own.summaries[name].metrics[days]["log_loss"]
    assert str(refused.value) == (
        f"version 1 is not released:\n  {name} by day {days}: out-of-fold log loss {loss.value:.3f} "
        f"(90 % interval {loss.low:.3f} to {loss.high:.3f}), against 0.001 for the champion, version 0, "
        "on the same cohort\npromote it despite failed checks with --force WHY"
    )


def test_champion_that_cannot_be_read_keeps_no_version_back(
    recorded: Recording, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said with the release."""
    remark = "not compared with the champion, version 99: version 99 is not registered; there are 1"
    bundle, remarks = champion_bundle("99", "1")
    assert bundle is None
    assert [told.removesuffix(", 2") for told in remarks] == [remark]
    monkeypatch.setattr("training.commands.promotion_steps.champion_bundle", lambda *_: (None, [remark]))
    promote("1", None, console=console)
    assert f"note: {remark}" in said(console)


def test_champion_is_not_compared_with_itself(recorded: Recording) -> None:
    """Nor is there anything to compare before the first release."""
    assert champion_bundle("1", "1") == (None, [])
    assert champion_bundle(None, "1") == (None, [])
    found, remarks = champion_bundle("1", "2")
    assert found is not None
    assert (found.version, remarks) == ("1", [])


def test_training_is_given_the_champion_if_there_is_one(
    recorded: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is missing or cannot be read, or an MLflow out of reach, stops no training."""
    set_champion("1")
    found = champion()
    assert found is not None
    assert (found.version, found.digest) == ("1", read_bundle(recorded.bundle).digest)

    def damaged(folder: Path) -> Bundle:
        message = "of another schema"
        raise BundleError(message)

    monkeypatch.setattr("training.tracking.model_registry.read_bundle", damaged)
    assert champion() is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////no/such/folder/mlflow.db")
    assert champion() is None


def test_before_the_first_release_there_is_no_champion(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is that an error."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", empty_database)
    assert champion() is None


def test_unknown_version_is_refused(recorded: Recording) -> None:
    """The message says which there are."""
    with pytest.raises(TrackingError, match=r"^version 99 is not registered; there are 1"):
        registered_bundle("99")


def test_without_versions_the_message_says_how_to_get_one(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh folder is no failure of MLflow."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", empty_database)
    with pytest.raises(TrackingError) as refused:
        promote(None, None)
    assert str(refused.value) == ("no model is registered yet; train one with `cart-outcomes train COHORT`")


def test_comparison_shows_models_side_by_side(recorded: Recording, console: Console) -> None:
    """Version, champion, synthetic, and the measures with intervals."""
    set_champion("1")
    compare(console=console)
    assert "version 1, CHAMPION" in said(console)
    assert "SYNTHETIC" in said(console)
    models = ("anchored", "ridge", "xgboost", "prevalence")
    for word in ("relapse", *models, "AUROC", "* marks the model in the bundle"):
        assert word in said(console)
    model = next(m for m in list_models()[-1].models if (m.outcome, m.model) == ("relapse", "ridge"))
    assert f"{model.metrics['auroc'].value:.2f}" in said(console)


def test_limit_cuts_the_comparison_and_says_so(recorded: Recording, console: Console) -> None:
    """Nobody takes the newest for all."""
    compare(1, console=console)
    assert "showing the newest 1; use --limit to see more" in said(console)
    assert said(console).count("version ") == 1


def test_comparison_without_runs_says_how_to_get_some(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    """An empty database is no error."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", empty_database)
    compare(console=console)
    assert said(console).strip() == (
        "no training is recorded yet; try: cart-outcomes train data/synthetic.csv"
    )


def test_release_says_what_it_answers(bundle: Bundle) -> None:
    """Question, outcomes with their status, and that a running service is to be started again."""
    assert release_lines(bundle) == [
        f"estimand {bundle.estimand}: {ESTIMANDS[bundle.estimand]}",
        *(f"  {name}: {summary.status}" for name, summary in bundle.summaries.items()),
        "a service that runs on this machine loads it within seconds",
    ]


def test_a_database_that_cannot_be_completed_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left half made it would refuse every later training."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")

    def full(self: MlflowClient, **_: object) -> None:
        (tmp_path / ".mlflow.db.new").write_bytes(b"half made")
        message = "no space left on device"
        raise OSError(message)

    monkeypatch.setattr(MlflowClient, "search_experiments", full)
    with pytest.raises(TrackingError, match="no space left on device"):
        list_models()
    assert not [file for file in tmp_path.iterdir() if file.stat().st_size]
