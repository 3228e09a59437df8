"""What would stop a training after its fit stops it before; a disk that fills up later loses nothing."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from mlflow import MlflowClient

from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.absent import absent
from tests.contract.test_unrecorded import CHILDREN, PARENT
from training.commands import train as train_command
from training.commands.record import record
from training.commands.tune import tune
from training.commands.validate import validate
from training.dataset.fit_config import FitConfig
from training.records import outbox as unrecorded
from training.tracking import recorder as recording
from training.tracking.preflight import (
    MEGABYTE,
    NEEDED_MEGABYTES,
    NotWritable,
    refuse_unrecordable,
    refuse_unwritable,
)
from training.tracking.recorder import record_bundle
from training.tracking.runs import connected
from training.tracking.store import TRACKING_VARIABLE, TrackingError

COHORT = Path(__file__).parents[2] / "data" / "synthetic.csv"


class Fitted(Exception):
    """A fit was begun."""


@pytest.fixture(autouse=True)
def workplace(new_database: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with an empty database of its own."""
    place = tmp_path / "work"
    place.mkdir()
    new_database(place)
    monkeypatch.chdir(place)
    for variable in (TRACKING_VARIABLE, "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(variable, raising=False)
    return place


@pytest.fixture
def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice a fit before it takes a minute."""

    def begun(*_: Any, **__: Any) -> None:
        raise Fitted

    for fit in ("training.fitting.train.train", "training.fitting.tune.tune"):
        monkeypatch.setattr(fit, begun)
    monkeypatch.setattr("training.external.external_validation.validate_externally", begun)


def commands(bundle: Path) -> dict[str, Any]:
    """Every command that fits or measures, and records."""
    asked: dict[str, Any] = {"outcomes": (), "models": (), "estimand": "treatment_policy"}
    asked |= {"allow_grading": "", "seed": 1, "validate": False, "bundle_out": None}
    return {
        "train": lambda: train_command.train(COHORT, **asked),
        "tune": lambda: tune(COHORT, FitConfig(), trials=1),
        "validate": lambda: validate("", COHORT, FitConfig(), bundle=bundle, update=True),
    }


@pytest.mark.parametrize("command", ["train", "tune", "validate"])
def test_a_store_that_takes_runs_lets_the_fit_begin(command: str, bundle_folder: Path, no_fit: None) -> None:
    """The check itself refuses nobody."""
    with pytest.raises(Fitted):
        commands(bundle_folder)[command]()


@pytest.mark.parametrize("command", ["train", "tune", "validate"])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("oracle://db.example/runs", "has an unsupported address (oracle)"),
        ("s3://bucket/runs", "has an unsupported address (s3)"),
        ("databricks", "has an unsupported address (databricks)"),
        ("./mlruns", "names a folder"),
        ("http://127.0.0.1:9", "MLflow: "),
    ],
)
def test_an_address_is_refused_before_the_fit(
    command: str, address: str, words: str, bundle_folder: Path, no_fit: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, and no password is repeated."""
    monkeypatch.setenv(TRACKING_VARIABLE, address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(TrackingError) as refused:
        commands(bundle_folder)[command]()
    assert words in str(refused.value)


def test_a_large_training_is_refused_while_its_fit_begins(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its workers end, and there is no bundle."""
    monkeypatch.setattr("training.commands.train_and_record.LARGE_COHORT", 0)
    monkeypatch.setenv(TRACKING_VARIABLE, "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(TrackingError, match="No model was fitted yet"):
        commands(Path("unused"))["train"]()
    assert not [each for each in psutil.Process().children() if "popen_loky" in " ".join(each.cmdline())]
    assert not list(workplace.rglob("bundle.json"))


@pytest.mark.parametrize("command", ["train", "tune", "validate"])
def test_a_deleted_experiment_is_refused_before_the_fit(
    command: str, bundle_folder: Path, no_fit: None
) -> None:
    """The message names the command that restores it."""
    with connected() as client:
        experiment = client.create_experiment("cart-outcomes")
        client.delete_experiment(experiment)
    with pytest.raises(TrackingError) as refused:
        commands(bundle_folder)[command]()
    assert f"mlflow experiments restore --experiment-id {experiment}," in str(refused.value)


@pytest.mark.parametrize("named", ["", "sqlite:///named.db"])
def test_the_address_of_the_runs_stays_as_it_was_set(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection within another too: what was not set is not set afterwards."""
    if named:
        monkeypatch.setenv(TRACKING_VARIABLE, named)
    with connected():
        with connected() as client:
            assert client.search_experiments()
        assert client.search_experiments()
    assert os.environ.get(TRACKING_VARIABLE, "") == named


def test_missing_permission_is_found_by_writing(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may let somebody read alone; what is written is what was there."""
    refuse_unrecordable(Path("last-training"))

    def forbidden(*_: Any) -> None:
        raise PermissionError(errno.EACCES, "403 Permission denied")

    monkeypatch.setattr(MlflowClient, "set_experiment_tag", forbidden)
    with pytest.raises(TrackingError, match=r"Permission denied.*No model was fitted yet"):
        refuse_unrecordable(Path("last-training"))


def test_the_check_leaves_nothing_behind(workplace: Path) -> None:
    """But for the experiment, which the runs will be in."""
    refuse_unrecordable(Path(".cart-outcomes") / "last-training")
    assert {path.name for path in workplace.iterdir()} == {"mlflow.db"}
    with connected() as client:
        (experiment,) = client.search_experiments(filter_string="name = 'cart-outcomes'")
        assert client.search_runs([experiment.experiment_id]) == []


def test_a_nearly_full_disk_is_refused(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is free and what is needed."""
    usage = shutil.disk_usage(workplace)._replace(free=(NEEDED_MEGABYTES - 1) * MEGABYTE)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    with pytest.raises(NotWritable, match=f"{NEEDED_MEGABYTES - 1} MB are free .* {NEEDED_MEGABYTES} MB"):
        refuse_unrecordable(Path("new") / "folder" / "bundle")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """Mount a folder that even root cannot write to."""
    place = tmp_path / "read-only"
    place.mkdir()
    if os.geteuid() != 0:
        place.chmod(0o500)
        yield place
        return
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", place], capture_output=True
    )
    if mounted.returncode:
        absent("mounting a read-only folder is not permitted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_folder_without_write_permission_is_refused(read_only: Path) -> None:
    """That of the bundle, and one below that would have to be made."""
    for folder in (read_only, read_only / "new" / "place"):
        with pytest.raises(NotWritable, match="no file can be created there"):
            refuse_unwritable([folder])


def test_a_disk_that_fills_up_while_recording_loses_nothing(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bundle and runs are kept whole; the message names the command that records them later."""
    write_bundle(replace(read_bundle(bundle_folder), provenance={}), bundle_folder)
    digest = read_bundle(bundle_folder).digest
    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "log_artifact", full_disk)
        with pytest.raises(TrackingError) as refused:
            record_bundle(PARENT, CHILDREN, None, bundle_folder)
    assert "No space left on device" in str(refused.value)
    assert str(refused.value).endswith(f"cart-outcomes record {bundle_folder}")
    assert read_bundle(bundle_folder).digest == digest
    record(bundle_folder)
    with connected() as client:
        (version,) = client.search_model_versions("name = 'cart-outcomes'")
        assert client.get_run(version.run_id).info.status == "FINISHED"


def test_a_disk_that_is_full_before_the_runs_are_kept_keeps_the_bundle(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept of an earlier training stays too; the message names the command."""
    digest = read_bundle(bundle_folder).digest
    monkeypatch.setattr(unrecorded, "drawn_figures", full_disk)
    with pytest.raises(TrackingError) as refused:
        record_bundle(PARENT, CHILDREN, None, bundle_folder, command="tune")
    assert str(refused.value) == (
        f"the runs could not be stored (No space left on device): the bundle is in {bundle_folder}; "
        "run the same tune command again to record it"
    )
    assert read_bundle(bundle_folder).digest == digest
    assert not unrecorded.place_of(bundle_folder).exists()
    assert recording.recorded_version(bundle_folder) != "1"


def full_disk(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
