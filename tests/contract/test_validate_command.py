"""Validating a version on another cohort, from the file to the registry, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from features.problems import DataError, Refused
from features.read_cohort import read_cohort
from serving.answers.scorer import Scorer
from serving.model.masked_bundle import masked_summary
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import released_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.command_line import said
from tests.recorded import CANARY, LIGHT, Recording, in_folder_of
from tests.releases import register
from training.commands.app import app
from training.commands.compare import compare
from training.commands.promote import promote
from training.commands.simulate import simulate
from training.commands.validate import LAST_UPDATE, read_arguments, validate
from training.external.external_validation import NotExternal
from training.tracking.model_registry import registered_bundle
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.store import TrackingError
from training.tracking.version_facts import version_facts

CONFIG = replace(LIGHT, outcomes=("severe_crs",))

pytestmark = pytest.mark.usefixtures("figures_unpainted")


@pytest.fixture(scope="module")
def trained(
    recorded_once: Recording, tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]
) -> Iterator[Path]:
    """Register the models in a database of their own, since updates add versions, and work in its folder."""
    folder = new_database(tmp_path_factory.mktemp("validated"))
    with in_folder_of(folder):
        register(read_bundle(recorded_once.bundle), folder / "bundle")
        yield folder


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a cohort of another place, where severe CRS is far more frequent."""
    file = tmp_path_factory.mktemp("elsewhere") / "elsewhere.csv"
    simulate(150, 11, file, None)
    rows = pd.read_csv(file, dtype=str)
    rng = np.random.default_rng(1)
    milder = rows["crs_grade"].isin(["0", "1", "2"]) & (rng.random(len(rows)) < 0.35)
    rows.loc[milder, "crs_grade"] = "3"
    rows.loc[milder & rows["crs_onset_day"].isna(), "crs_onset_day"] = "4"
    rows["patient_id"] = rows["patient_id"] + f"-{CANARY}"
    rows.to_csv(file, index=False)
    return file


def newest_run() -> tuple[dict[str, str], list[tuple[dict[str, str], dict[str, float], set[str]]]]:
    """Read the newest parent run and its children back: tags; tags, metrics and figures."""
    with connected() as client:
        experiment = client.search_experiments()[0].experiment_id
        runs = client.search_runs([experiment], order_by=["attributes.start_time DESC"])
        parent = next(run for run in runs if "mlflow.parentRunId" not in run.data.tags)
        children = [
            (
                run.data.tags,
                run.data.metrics,
                {file.path for file in client.list_artifacts(run.info.run_id, "figures")},
            )
            for run in runs
            if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id
        ]
    return parent.data.tags, children


def test_validation_is_told_and_recorded(trained: Path, elsewhere: Path, console: Console) -> None:
    """In sentences in the terminal; in MLflow as a run of that version, a child an outcome."""
    validate("1", elsewhere, CONFIG, console=console)
    told = said(console)
    for words in (
        "version 1 on elsewhere.csv",
        "SYNTHETIC, not for patients",
        "predicted risks are too low on average: observed : expected events",
        "an update is indicated: log-odds +",
        "The model was not refitted. Metrics have 90 % intervals. Remove patients of the training cohort",
    ):
        assert words in told
    tags, children = newest_run()
    assert (tags["kind"], tags["validated_version"], tags["external"]) == ("external_validation", "1", "yes")
    assert tags["validated_digest"] == read_bundle(trained / "bundle").digest
    ((child, metrics, figures),) = children
    assert (child["outcome"], child["kind"]) == ("severe_crs", "external")
    assert {
        "auroc",
        "interval/auroc_low",
        "calibration_slope",
        "ici",
        "interval/net_benefit_at_10_high",
    } <= set(metrics)
    assert {"figures/calibration.svg", "figures/roc.svg", "figures/decision.svg"} <= figures


def test_no_version_is_made_unless_asked_for(trained: Path, elsewhere: Path, console: Console) -> None:
    """Validating leaves the registry as it was."""
    with connected() as client:
        before = len(client.search_model_versions(f"name = '{MODEL_NAME}'"))
        validate("1", elsewhere, CONFIG, console=console)
        assert len(client.search_model_versions(f"name = '{MODEL_NAME}'")) == before


def test_update_becomes_a_version_that_is_promoted_and_served(
    trained: Path, elsewhere: Path, console: Console, tmp_path: Path
) -> None:
    """It names its parent, stands in the comparison, passes the gate, and answers what was validated."""
    promote("1", None, console=console)
    validate("champion", elsewhere, CONFIG, update=True, bundle_out=tmp_path / "updated", console=console)
    version, folder = registered_bundle()
    assert f"registered as version {version}; the bundle is in {tmp_path / 'updated'}" in said(console)
    assert "gain in log loss over the released model" in said(console)
    with connected() as client:
        tags = version_facts(client, client.get_model_version(MODEL_NAME, version))
    parent = read_bundle(trained / "bundle")
    assert (tags["kind"], tags["parent_version"], tags["parent_digest"]) == ("update", "1", parent.digest)
    assert tags["update.severe_crs"] != "none"
    bundle = read_bundle(folder)
    assert bundle.provenance["parent_version"] == "1"
    assert bundle.summaries["relapse"] == masked_summary(parent.summaries["relapse"])
    promote(version, None, console=console)
    served = Scorer(read_bundle(released_bundle())).risks(read_cohort(elsewhere).patients)["severe_crs"]
    update = bundle.summaries["severe_crs"].update
    assert update is not None
    before = Scorer(parent).risks(read_cohort(elsewhere).patients)["severe_crs"]
    if update.kind == "intercept":
        moved = served.explanation.log_odds - before.explanation.log_odds
        np.testing.assert_allclose(moved, update.shift)
    assert served.risk.mean() > before.risk.mean()
    assert (served.low <= served.risk).all()
    compare(console=console)
    assert f"version {version}, CHAMPION, version 1 updated" in said(console)


def test_the_cohort_of_an_update_is_no_longer_external(
    trained: Path, elsewhere: Path, console: Console, tmp_path: Path
) -> None:
    """Neither for the updated version nor by way of a folder."""
    folder = tmp_path / "updated"
    validate("1", elsewhere, CONFIG, update=True, bundle_out=folder, console=console)
    with pytest.raises(NotExternal, match=r"^elsewhere\.csv is the file that version \d+ was updated on"):
        validate("", elsewhere, CONFIG, bundle=folder, console=console)
    validate("", elsewhere, CONFIG, bundle=folder, allow_training_cohort=True, console=console)
    assert (
        "NOT EXTERNAL: the model was trained or updated on this cohort, so the metrics are optimistic"
        in said(console)
    )


def test_nothing_that_identifies_a_patient_is_kept(trained: Path, elsewhere: Path, console: Console) -> None:
    """Neither in MLflow nor in the bundle nor on the screen."""
    validate("1", elsewhere, CONFIG, update=True, console=console)
    files = [file for file in trained.rglob("*") if file.is_file()]
    assert LAST_UPDATE.resolve() / "bundle.json" in [file.resolve() for file in files]
    assert not [file for file in files if CANARY.encode() in file.read_bytes()]
    assert CANARY not in said(console)


def test_update_that_nothing_calls_for_makes_no_version(
    trained: Path, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so."""
    simulate(60, 12, tmp_path / "few.csv", None)
    monkeypatch.setattr("training.external.closed_testing.ALPHA", 0.0)
    validate("1", tmp_path / "few.csv", CONFIG, update=True, bundle_out=tmp_path / "none", console=console)
    assert "no update is indicated; no new version was registered" in said(console)
    assert not (tmp_path / "none").exists()


def test_cohort_without_rows_is_refused(trained: Path, elsewhere: Path, tmp_path: Path) -> None:
    """As every other command refuses it."""
    empty = tmp_path / "empty.csv"
    empty.write_text(elsewhere.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="no "):
        validate("1", empty, CONFIG)


def test_unknown_versions_and_aliases_are_refused(trained: Path, elsewhere: Path) -> None:
    """The message says which versions there are."""
    with pytest.raises(TrackingError, match=r"^version 99 is not registered; there are 1"):
        validate("99", elsewhere, CONFIG)
    with pytest.raises(TrackingError, match=r"^version best is not registered; there are 1"):
        validate("best", elsewhere, CONFIG)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", "", ""), "name a cohort file: cart-outcomes validate [VERSION] COHORT"),
        (("2", "c.csv", "b"), "name a version or --bundle, not both: version 2 or the bundle in b"),
    ],
)
def test_arguments_that_contradict_are_refused(arguments: tuple[str, str, str], message: str) -> None:
    """By whole message."""
    with pytest.raises(Refused) as refused:
        read_arguments(*arguments)
    assert str(refused.value) == message


def test_command_line_reads_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """The version may be left out; an empty one, as MLproject passes it, is none."""
    given: list[tuple[str, Path, Path | None, bool]] = []
    monkeypatch.setattr(
        "training.commands.validate.validate",
        lambda version, cohort, config, **rest: given.append(
            (version, cohort, rest["bundle"], rest["update"])
        ),
    )
    for arguments in (
        ["validate", "3", "c.csv", "--update"],
        ["validate", "c.csv"],
        ["validate", "", "c.csv", "--bundle", "folder"],
    ):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert given == [
        ("3", Path("c.csv"), None, True),
        ("champion", Path("c.csv"), None, False),
        ("champion", Path("c.csv"), Path("folder"), False),
    ]


def test_a_place_for_the_bundle_is_refused_before_any_work(
    trained: Path, elsewhere: Path, tmp_path: Path
) -> None:
    """A folder that holds something else stays as it is."""
    (tmp_path / "notes.txt").write_text("kept")
    with pytest.raises(Refused, match="exists and is not a bundle; name another folder"):
        validate("1", elsewhere, CONFIG, update=True, bundle_out=tmp_path)


def test_bundle_folder_needs_no_registry(
    elsewhere: Path, tmp_path: Path, new_database: Callable[[Path], Path], console: Console
) -> None:
    """Risks of a bundle that was never registered; the run names its digest."""
    with in_folder_of(new_database(tmp_path)):
        write_bundle(make_bundle(), tmp_path / "folder")
        validate("", elsewhere, CONFIG, bundle=tmp_path / "folder", console=console)
        tags, _ = newest_run()
    assert tags["validated_version"] == make_bundle().version
    assert tags["validated_digest"] == read_bundle(tmp_path / "folder").digest
