"""A server that fails in the middle of recording: what is kept, what is said, and recording it later."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console
from typer.testing import CliRunner

from features.cohort import Cohort
from features.synthetic.simulation import simulated_cohort
from serving.model.read_bundle import read_bundle
from serving.model.release_file import write_release_file
from serving.model.write_bundle import write_bundle
from tests.recorded import CANARY, Recording, children_of
from tests.tracking_server import ARTIFACTS, Door, How, MlflowServer, door, mlflow_server
from training.commands.app import app
from training.commands.record import record
from training.console.stopwatch import Period
from training.records.outbox import RUNS_FILE, UnrecordedError, place_of, read_unrecorded
from training.records.run_record import RunRecord
from training.tracking.recorder import LAST_VALIDATION, record_bundle, record_training, record_validation
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.store import TrackingError

NOW = 1_750_000_000_000
"""Before any run that has the moment of its recording, after those that have the period of a fit."""
USER, PASSWORD = "ada", "geheim-4711"

pytestmark = pytest.mark.usefixtures("figures_unpainted")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """Run an MLflow server of our own."""
    with mlflow_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def front(server: MlflowServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Door]:
    """Stand in an empty folder before a door to the server that asks for a password."""
    monkeypatch.chdir(tmp_path)
    with door(server.address, login=f"{USER}:{PASSWORD}") as opened:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", opened.address)
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        yield opened


@pytest.fixture
def bundle(bundle_folder: Path) -> Path:
    """Name the folder of a bundle that was never recorded."""
    (bundle_folder / "provenance.json").write_text("{}")
    write_release_file(bundle_folder)
    return bundle_folder


def figure() -> Figure:
    drawn = Figure(figsize=(3, 2))
    drawn.subplots().plot([0, 1], [1, 0])
    return drawn


CHILDREN = (
    RunRecord(
        name="severe_crs / anchored",
        description="**a model**",
        parameters={"outcome": "severe_crs", "model": "anchored"},
        tags={"kind": "model", "chosen": "yes"},
        metrics={"auroc": 0.7123456789012345, "auroc_low": 0.6},
        series={"fold_log_loss": [0.5, 0.25, 1 / 3]},
        figures={"calibration.svg": figure, "roc.svg": lambda: None},
        tables={"evidence/priors.csv": "field,mean\nage,0.1\n"},
        grids={"measures.json": {"measure": ["auroc"], "value": [0.7], "days": [np.int64(30)]}},
        period=Period(1_700_000_001_000, 1_700_000_005_000),
    ),
    RunRecord(
        name="severe_crs / prevalence",
        description="a baseline",
        parameters={"outcome": "severe_crs", "model": "prevalence"},
        tags={"kind": "baseline", "chosen": "no"},
        metrics={"auroc": 0.5},
        local=False,
    ),
)
PARENT = RunRecord(
    name="a training",
    description="**SYNTHETIC COHORT, not for patients**",
    parameters={"seed": "1"},
    tags={"kind": "training"},
    metrics={"severe_crs.auroc": 0.7},
    series={"system/cpu": [1.0, 2.0]},
    grids={"league.json": {"model": ["anchored"], "rank": [1]}},
    period=Period(1_700_000_000_000, 1_700_000_009_000),
    note="a league table",
)


@pytest.fixture
def cohort() -> Cohort:
    """Draw a small cohort."""
    return simulated_cohort(20, rng=np.random.default_rng(3))


@pytest.fixture
def attempt(bundle: Path, cohort: Cohort) -> Callable[..., Any]:
    """Record a training of two runs with its bundle."""
    return partial(record_bundle, PARENT, CHILDREN, cohort, bundle)


def refused(attempt: Callable[..., Any]) -> str:
    with pytest.raises(TrackingError) as failed:
        attempt()
    return str(failed.value)


def recorded_later(folder: Path) -> str:
    console = Console(file=io.StringIO(), width=400)
    record(folder, console=console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def named_children(client: Any, run_id: str) -> dict[str, Any]:
    """Find the child runs of a run by name."""
    return {run.info.run_name: run for run in children_of(client, run_id)}


def artifacts_of(client: Any, run_id: str, path: str | None = None) -> dict[str, int]:
    """All files of a run with their sizes."""
    found: dict[str, int] = {}
    for file in client.list_artifacts(run_id, path):
        found |= artifacts_of(client, run_id, file.path) if file.is_dir else {file.path: file.file_size}
    return found


@pytest.mark.parametrize(
    ("how", "after", "path"),
    [
        ("closes", 14, ""),
        ("answers 500", 14, ""),
        ("answers 503", 3, ""),
        ("answers 403", 0, ARTIFACTS),
        ("answers 500", 0, "logged-models"),
        ("closes", 0, "model-versions/create"),
    ],
)
def test_one_message_says_what_happened_and_where_all_is(
    front: Door, bundle: Path, attempt: Callable[..., Any], how: Any, after: int, path: str
) -> None:
    """Whatever fails: bundle and runs are kept, and the command that records them is named."""
    front.fails(how, after=after, path=path)
    said = refused(attempt)
    assert said.startswith("MLflow: ")
    assert f"Nothing is lost: the bundle is in {bundle} and can be served and scored with --bundle" in said
    assert said.endswith(
        f"the unrecorded runs are in {place_of(bundle)}. When MLflow is available again, record them "
        f"without refitting: cart-outcomes record {bundle}"
    )
    assert read_bundle(bundle).version == "unregistered"
    assert [run.name for run in read_unrecorded(bundle).children] == [run.name for run in CHILDREN]


def test_recording_again_is_told_and_not_done_twice(
    front: Door, bundle: Path, attempt: Callable[..., Any]
) -> None:
    """A second failure keeps all as it was; then a version is registered, once, and nothing is left."""
    front.fails("closes", after=0, path="model-versions/create")
    said = refused(attempt)
    assert refused(lambda: record(bundle)) == said
    front.mended()
    told = recorded_later(bundle)
    version = read_bundle(bundle).version
    assert told.startswith(f"registered as version {version}; the bundle is in {bundle}")
    assert not place_of(bundle).exists()
    asked = len(front.seen)
    assert recorded_later(bundle) == f"{bundle} is already recorded as version {version}\n"
    assert len(front.seen) == asked


def test_a_version_whose_answer_was_lost_is_taken_up(
    front: Door, bundle: Path, attempt: Callable[..., Any]
) -> None:
    """Only what came after its registration is missing: no second version is made."""
    # The first of these requests keeps the facts of the training, before the registration.
    front.fails("closes", after=1, path="/tags")
    refused(attempt)
    run_id = (place_of(bundle) / "attempt.txt").read_text()
    front.mended()
    told = recorded_later(bundle)
    with connected() as client:
        (version,) = client.search_model_versions(f"run_id = '{run_id}'")
        run, children = client.get_run(run_id), named_children(client, run_id)
    assert told.startswith(f"registered as version {version.version};")
    assert read_bundle(bundle).version == str(version.version)
    assert {each.info.status for each in (run, *children.values())} == {"FINISHED"}
    assert not place_of(bundle).exists()


def test_an_end_that_was_lost_is_told_later(front: Door, bundle: Path, attempt: Callable[..., Any]) -> None:
    """The version is known, and its run must not seem to go on for ever."""
    front.fails("closes", after=len(CHILDREN), path="runs/update")
    refused(attempt)
    run_id = (place_of(bundle) / "attempt.txt").read_text()
    version = read_bundle(bundle).version
    front.mended()
    assert recorded_later(bundle) == f"{bundle} is already recorded as version {version}\n"
    with connected() as client:
        assert client.get_run(run_id).info.status == "FINISHED"
    assert not place_of(bundle).exists()


def test_recorded_later_is_what_would_have_been_recorded(
    front: Door, bundle: Path, attempt: Callable[..., Any]
) -> None:
    """Runs, metrics, series, tags, parameters, data sets, figures, tables, model, version: as at once."""
    found = attempt()
    (bundle / "provenance.json").write_text("{}")
    write_release_file(bundle)
    front.fails("closes", after=20)
    refused(attempt)
    front.mended()
    recorded_later(bundle)
    with connected() as client:
        parent = client.get_run(read_bundle(bundle).provenance["run_id"])
        versions = [client.get_model_version(MODEL_NAME, found.version)]
        versions += [client.get_model_version(MODEL_NAME, read_bundle(bundle).version)]
        assert versions[0].version != versions[1].version
        assert stated(client, versions[0].run_id) == stated(client, versions[1].run_id)
        one, other = (named_children(client, version.run_id) for version in versions)
        assert set(one) == set(other) == {run.name for run in CHILDREN}
        for name in one:
            assert stated(client, one[name].info.run_id) == stated(client, other[name].info.run_id)
        later = other["severe_crs / anchored"]
        text = mlflow_text(client, later.info.run_id, "evidence/priors.csv")
        files = set(artifacts_of(client, later.info.run_id))
        history = client.get_metric_history(later.info.run_id, "fold_log_loss")
    assert (parent.info.start_time, parent.info.end_time) == (1_700_000_000_000, 1_700_000_009_000)
    assert parent.data.tags["mlflow.note.content"] == f"{PARENT.description}\n\n{PARENT.note}"
    assert versions[0].description == versions[1].description == PARENT.description
    digests = [version.tags.pop("logged_digest") for version in versions]
    assert digests[0] != digests[1], "each names its own run"
    expected = {"bundle_digest": read_bundle(bundle).digest}
    assert versions[0].tags == versions[1].tags == expected
    assert later.data.metrics["auroc"] == CHILDREN[0].metrics["auroc"]
    assert [point.value for point in history] == CHILDREN[0].series["fold_log_loss"]
    assert text == CHILDREN[0].tables["evidence/priors.csv"]
    assert later.info.start_time == 1_700_000_001_000
    assert later.info.end_time == 1_700_000_005_000
    assert files == {"figures/calibration.svg", "evidence/priors.csv", "measures.json"}


def stated(client: Any, run_id: str) -> dict[str, Any]:
    """All that a run says, but for times and names of its own."""
    run = client.get_run(run_id)
    metrics = {
        name: [(point.step, point.value) for point in client.get_metric_history(run_id, name)]
        for name in run.data.metrics
    }
    found = {
        "status": run.info.status,
        "metrics": metrics,
        "params": run.data.params,
        "name": run.info.run_name,
        "when": run.info.start_time if run.info.start_time < NOW else "now",
        "until": run.info.end_time if run.info.end_time < NOW else "now",
    }
    return {**found, "tags": own_tags(run), "data": data_sets(run), "files": artifacts_of(client, run_id)}


def mlflow_text(client: Any, run_id: str, path: str) -> str:
    return Path(client.download_artifacts(run_id, path)).read_text(encoding="utf-8")


def own_tags(run: Any) -> dict[str, str]:
    """Tags that are not MLflow's own, and the description."""
    return {
        name: value
        for name, value in run.data.tags.items()
        if not name.startswith("mlflow.") or name == "mlflow.note.content"
    }


def data_sets(run: Any) -> list[tuple[str, str, str, str]]:
    return [
        (found.dataset.name, found.dataset.digest, found.dataset.schema, found.dataset.profile)
        for found in run.inputs.dataset_inputs
    ]


def test_a_run_that_nobody_could_end_is_ended_later(
    front: Door, bundle: Path, attempt: Callable[..., Any]
) -> None:
    """A server that was gone shows its half of the runs as running until they are recorded again."""
    front.fails("closes", after=14)
    refused(attempt)
    run_id = (place_of(bundle) / "attempt.txt").read_text()
    front.mended()
    with connected() as client:
        assert client.get_run(run_id).info.status == "RUNNING"
    recorded_later(bundle)
    with connected() as client:
        runs = [client.get_run(run_id), *named_children(client, run_id).values()]
    assert len(runs) > 1
    assert "RUNNING" not in {run.info.status for run in runs}
    assert runs[0].info.status == "FAILED"


def test_a_server_that_goes_on_listening_is_given_up(
    front: Door, bundle: Path, attempt: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes requests and answers none; the run is left as it is after one more try."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    front.fails("hangs", after=14)
    assert "timed out" in refused(attempt)
    # What failed, and a last word on the child and on its parent.
    assert len(front.seen) == 14 + 3
    assert read_unrecorded(bundle).children


def test_the_password_of_the_server_is_shown_nowhere(
    front: Door,
    server: MlflowServer,
    bundle: Path,
    attempt: Callable[..., Any],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither in messages and their causes, nor in what is printed, logged, kept or recorded."""
    troubles: tuple[How, ...] = ("closes", "answers 500", "answers 403")
    for how in troubles:
        front.fails(how, path=ARTIFACTS)
        with pytest.raises(TrackingError) as failed:
            attempt()
        assert f"//127.0.0.1:{front.port}" in str(failed.value)
        assert PASSWORD not in "".join(traceback.format_exception(failed.value))
    kept = {file: file.read_bytes() for file in bundle.parent.rglob("*") if file.is_file()}
    front.mended()
    recorded_later(bundle)
    kept |= {file: file.read_bytes() for file in server.folder.rglob("*") if file.is_file()}
    assert {"calibration.svg", "bundle.json", "MLmodel", "server.db"} <= {file.name for file in kept}
    assert not [file for file, content in kept.items() if PASSWORD.encode() in content]
    assert PASSWORD not in "".join(capfd.readouterr()) + caplog.text


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        (
            "mysql+pymysql",
            "needs a database driver that is not installed (pymysql): use an installed one, as in",
        ),
        ("postgresql+pg8000", "cannot be reached: "),
    ],
)
def test_the_password_of_a_database_is_not_shown(
    bundle: Path, attempt: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, scheme: str, message: str
) -> None:
    """A database that is not there, and a driver that is not, are told of at once."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:9/mlflow")
    with pytest.raises(TrackingError, match=re.escape(message)) as failed:
        attempt()
    assert PASSWORD not in "".join(traceback.format_exception(failed.value))
    assert f"cart-outcomes record {bundle}" in str(failed.value)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_in_the_middle_keeps_everything(
    front: Door,
    bundle: Path,
    attempt: Callable[..., Any],
    number: signal.Signals,
    status: int,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Ctrl-C and SIGTERM: the runs are ended as killed, all is kept, and the message says how to go on."""
    before = signal.getsignal(number)
    with pytest.raises((KeyboardInterrupt, SystemExit)) as stopped:
        attempt(advance=lambda: signal.raise_signal(number))
    assert getattr(stopped.value, "code", 130) == status
    said = capfd.readouterr().err
    assert "stopped before everything was recorded in MLflow. Nothing is lost: the bundle is in" in said
    assert f"cart-outcomes record {bundle}" in said
    assert signal.getsignal(number) == before
    run_id = (place_of(bundle) / "attempt.txt").read_text()
    with connected() as client:
        assert client.get_run(run_id).info.status == "KILLED"
    assert "registered as version" in recorded_later(bundle)


def test_a_stop_while_keeping_leaves_nothing_half_written(
    front: Door, bundle: Path, attempt: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundle stays; what was being kept is gone, and no temporary folder is left."""
    monkeypatch.setattr("training.records.outbox._kept", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        attempt()
    assert [file.name for file in bundle.parent.iterdir()] == ["bundle"]
    assert read_bundle(bundle).models
    assert front.seen == []


def test_a_validation_is_kept_and_recorded_later(front: Door, cohort: Cohort) -> None:
    """No bundle and no version: a run is recorded, by the folder that the message names."""
    front.fails("answers 500", after=10)
    said = refused(partial(record_validation, PARENT, CHILDREN[:1], cohort))
    assert "the bundle is in" not in said
    assert said.endswith(f"cart-outcomes record {LAST_VALIDATION}")
    front.mended()
    told = recorded_later(LAST_VALIDATION)
    assert told.startswith("recorded as run ")
    run_id = told.split()[3].rstrip(";")
    with connected() as client:
        run, children = client.get_run(run_id), named_children(client, run_id)
    assert set(children) == {CHILDREN[0].name}
    assert run.data.metrics["severe_crs.auroc"] == PARENT.metrics["severe_crs.auroc"]
    (data_set,) = run.inputs.dataset_inputs
    assert [tag.value for tag in data_set.tags] == ["validation"]
    with pytest.raises(UnrecordedError, match="no run is stored in"):
        recorded_later(LAST_VALIDATION)


def test_what_is_kept_holds_no_patient(
    recorded_once: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No identifier, and no text with three laboratory values of one patient."""
    training, folder = recorded_once.training, tmp_path / "bundle"
    write_bundle(training.bundle, folder)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    one = replace(training, outcomes={"severe_crs": training.outcomes["severe_crs"]})
    refused(partial(record_training, one, folder))
    stored = [file for file in place_of(folder).rglob("*") if file.is_file()]
    assert {file.suffix for file in stored} == {".json", ".svg"}
    cohort = training.cohort
    assert cohort is not None
    content = b"\n".join(file.read_bytes() for file in stored)
    for needle in {CANARY, *(str(patient) for patient in cohort.patient_id)}:
        assert needle.encode() not in content
    values = cohort.patients.matrix(("ferritin_ug_l", "ldh_u_l", "platelets_1e9_l"))
    rows = [{f"{value:g}" for value in row} for row in values if not np.isnan(row).any()]
    assert len(rows) > 20
    texts = re.split(r"[{}]|\\n", (place_of(folder) / RUNS_FILE).read_text())
    pictures = [file.read_text() for file in stored if file.suffix == ".svg"]
    assert len(pictures) > 10
    texts += [text for picture in pictures for text in re.split("[<>]", picture)]
    assert len(texts) > 20
    numbers = [set(re.findall(r"[\d.]+", text)) for text in texts]
    assert not any(len(row) == 3 and row <= found for row in rows for found in numbers)


def damage(place: Path, what: str) -> None:
    if what == "figure":
        file = next(place.rglob("*.svg"))
        file.write_bytes(file.read_bytes()[:-9])
    elif what == "cut":
        file = place / RUNS_FILE
        os.truncate(file, file.stat().st_size // 2)
    else:
        file = place / RUNS_FILE
        stated = json.loads(file.read_text())
        foreign = place.parent / "bundle" / "provenance.json"
        changed = {
            "format": {"format": 2},
            "digest": {"bundle_digest": ""},
            "traversal": {
                "children": [
                    {
                        **stated["children"][0],
                        "figures": {"../../bundle/provenance.json": sha256(foreign.read_bytes()).hexdigest()},
                    }
                ]
            },
        }
        file.write_text(json.dumps({**stated, **changed[what]}))


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("figure", r"\.svg"),
        ("cut", "runs.json"),
        ("format", "format 2, but the code reads 1"),
        ("digest", "no digest of the bundle"),
        ("traversal", "provenance.json"),
    ],
)
def test_damaged_records_are_refused_on_the_command_line(
    front: Door, bundle: Path, attempt: Callable[..., Any], what: str, named: str
) -> None:
    """The message names what is damaged and what is to be done; nothing is recorded."""
    front.fails("closes")
    refused(attempt)
    damage(place_of(bundle), what)
    asked = len(front.seen)
    done = CliRunner().invoke(app, ["record", str(bundle)])
    assert isinstance(done.exception, UnrecordedError)
    assert re.search(rf"is damaged \(.*{named}\): run the original command again", str(done.exception))
    assert len(front.seen) == asked


@pytest.mark.parametrize("left", [b"\xff\xfe", None])
def test_an_attempt_that_cannot_be_read_is_as_none(
    front: Door, bundle: Path, attempt: Callable[..., Any], left: bytes | None
) -> None:
    """Nothing of an earlier run can be ended, and all is recorded anew."""
    front.fails("closes")
    refused(attempt)
    file = place_of(bundle) / "attempt.txt"
    file.unlink(missing_ok=True)
    file.write_bytes(left) if left is not None else None
    front.mended()
    assert "registered as version" in recorded_later(bundle)


def test_a_place_without_a_name_is_refused() -> None:
    """Beside the root nothing can be kept."""
    with pytest.raises(UnrecordedError, match="give the bundle folder named in the error message"):
        recorded_later(Path("/"))


def test_records_of_another_bundle_are_refused(
    front: Door, bundle: Path, attempt: Callable[..., Any]
) -> None:
    """A bundle that was made anew in the same place is not what was measured."""
    front.fails("closes")
    refused(attempt)
    write_bundle(replace(read_bundle(bundle), left_out={"relapse": "of another training"}), bundle)
    with pytest.raises(UnrecordedError) as failed:
        recorded_later(bundle)
    assert (
        str(failed.value)
        == f"the runs in {place_of(bundle)} belong to another bundle than the one in {bundle}"
    )


def test_a_folder_of_someone_else_is_not_replaced(
    front: Door, bundle: Path, attempt: Callable[..., Any]
) -> None:
    """It stands where runs would be kept; nothing of it is touched."""
    place_of(bundle).mkdir()
    (place_of(bundle) / "notes.txt").write_text("mine")
    with pytest.raises(UnrecordedError, match="exists and holds no runs"):
        attempt()
    assert (place_of(bundle) / "notes.txt").read_text() == "mine"
