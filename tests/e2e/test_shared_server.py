"""One MLflow server for several people: runs in PostgreSQL, artifacts over HTTP, and what if it goes away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from serving.model.read_bundle import read_bundle
from tests.e2e.postgresql import PostgreSQL, postgresql
from tests.e2e.workplace import PROJECT, QUICK_TRAINING, Workplace
from tests.recorded import short_name
from tests.tracking_server import MlflowServer, end, mlflow_server
from training.records.index_page import INDEX_FILE

pytestmark = [pytest.mark.slow, pytest.mark.acceptance]

SVG = b"<svg "
LIGHT = ("--outcome", "severe_crs", "--model", "anchored")
LAST_TRAINING = Path(".cart-outcomes") / "last-training"


@pytest.fixture(scope="module")
def database(postgresql_programs: Path) -> Iterator[PostgreSQL]:
    with postgresql(postgresql_programs) as running:
        yield running


@pytest.fixture(scope="module")
def server(database: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    with mlflow_server(tmp_path_factory.mktemp("server"), store=database.uri) as running:
        yield running


def member(folder: Path, address: str) -> Workplace:
    """Stand in an empty folder, with the address of the server as the only setting."""
    folder.mkdir()
    ours = ("MLFLOW_", "CART_", "BENTOML_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    store = folder.with_name(f"{folder.name}-bentoml")
    store.mkdir()
    settings = {"MLFLOW_TRACKING_URI": address, "BENTOML_HOME": str(store), "COLUMNS": "200"}
    return Workplace(folder, {**kept, **settings, "PYTHONPATH": str(PROJECT / QUICK_TRAINING)})


@dataclass(frozen=True)
class Api:
    """The server's HTTP interface, asked without MLflow's client."""

    address: str

    def ask(self, endpoint: str, /, **body: Any) -> Any:
        """Post, and read JSON."""
        request = urllib.request.Request(
            f"{self.address}/api/2.0/mlflow/{endpoint}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def read(self, endpoint: str, /, **query: str) -> bytes:
        """Get what an endpoint gives."""
        url = f"{self.address}{endpoint}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return bytes(answer.read())

    def get(self, endpoint: str, /, **query: str) -> Any:
        """Get JSON."""
        return json.loads(self.read(f"/api/2.0/mlflow/{endpoint}", **query))

    def runs(self, **tags: str) -> list[Any]:
        """Find runs of ours by tags."""
        experiment = self.get("experiments/get-by-name", experiment_name="cart-outcomes")["experiment"]
        words = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
        found = self.ask("runs/search", experiment_ids=[experiment["experiment_id"]], filter=words)
        return list(found.get("runs", []))

    def versions(self) -> dict[str, str]:
        """Run of every registered version."""
        found = self.get("model-versions/search", filter="name = 'cart-outcomes'")
        return {each["version"]: each["run_id"] for each in found["model_versions"]}

    def files(self, run_id: str, folder: str) -> list[str]:
        """Artifacts of a run in a folder."""
        found = self.get("artifacts/list", run_id=run_id, path=folder)
        return [file["path"] for file in found.get("files", [])]


@pytest.fixture(scope="module")
def api(server: MlflowServer) -> Api:
    return Api(server.address)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write two synthetic cohorts, outside every member's folder."""
    folder = tmp_path_factory.mktemp("cohorts")
    place = Workplace(folder, dict(os.environ))
    files = {name: folder / f"{name}.csv" for name in ("here", "elsewhere")}
    for seed, file in enumerate(files.values()):
        place.run("simulate", "--patients", "120", "--seed", str(seed), "--out", str(file))
    return files


@pytest.fixture(scope="module")
def worked(
    server: MlflowServer, cohort: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Workplace:
    """Walk the whole path against the server."""
    place = member(tmp_path_factory.mktemp("member") / "work", server.address)
    assert "registered as version 1" in place.run("train", str(cohort["here"]), *LIGHT).stdout
    assert "version 1 is champion" in place.run("promote").stdout
    place.run("validate", "champion", str(cohort["elsewhere"]))
    place.run("report", "--out", "report.html", "--json", "report.json")
    place.run("score", str(cohort["elsewhere"]), "--out", "risks.csv")
    return place


def values(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    return {pair["key"]: pair["value"] for pair in pairs}


def test_runs_figures_tables_and_version_are_on_the_server(worked: Workplace, api: Api) -> None:
    """A parent, its children with metrics, figures as SVG and tables as JSON, over HTTP; a champion."""
    (parent,) = api.runs(kind="training")
    run_id = parent["info"]["run_id"]
    assert parent["info"]["status"] == "FINISHED"
    assert api.versions() == {"1": run_id}
    alias = api.get("registered-models/alias", name="cart-outcomes", alias="champion")
    assert alias["model_version"]["version"] == "1"
    children = {
        short_name(run["info"]["run_name"]): run for run in api.runs(**{"mlflow.parentRunId": run_id})
    }
    child = children["severe_crs / anchored"]
    assert {"severe_crs / prevalence", "severe_crs / easix"} <= set(children)
    assert 0 < values(child["data"]["metrics"])["auroc"] < 1
    child_id = child["info"]["run_id"]
    figures = api.files(child_id, "figures")
    assert {"figures/calibration.svg", "figures/roc.svg", "figures/contributions.svg"} <= set(figures)
    for path in figures:
        assert api.read("/get-artifact", run_id=child_id, path=path).startswith(SVG)
    table = json.loads(api.read("/get-artifact", run_id=child_id, path="measures.json"))
    assert len(table["columns"]) > 2
    assert len(table["data"]) > 2
    assert b"<html" in api.read("/get-artifact", run_id=run_id, path=report_page(api, run_id))


def report_page(api: Api, run_id: str) -> str:
    """Find the page that `promote` has left with the run."""
    (page,) = [
        file
        for folder in ("", *api.files(run_id, ""))
        for file in api.files(run_id, folder)
        if file.endswith(".html") and file != INDEX_FILE
    ]
    return page


def test_the_validation_elsewhere_is_on_the_server(worked: Workplace, api: Api) -> None:
    """It names the version that it is of, and registers none."""
    (run,) = api.runs(validated_version="1", kind="external_validation")
    assert run["info"]["status"] == "FINISHED"
    assert run["info"]["run_id"] not in api.versions().values()


def test_nothing_of_mlflow_is_in_the_folder_of_the_member(worked: Workplace) -> None:
    """What a member has is the report, the risks, and the bundles fetched."""
    found = {file.name for file in worked.folder.iterdir()}
    assert found == {".cart-outcomes", "report.html", "report.json", "risks.csv"}
    kept = {file.name for file in (worked.folder / ".cart-outcomes").iterdir()}
    assert kept == {"last-training", "versions"}
    fetched = read_bundle(worked.folder / ".cart-outcomes" / "versions" / "1")
    assert fetched.digest == read_bundle(worked.folder / LAST_TRAINING).digest


def test_the_promoted_version_is_compared_and_scores(worked: Workplace) -> None:
    """Both read the server; the risks are those of the version."""
    told = worked.run("compare").stdout
    assert "severe_crs" in told
    risks = pd.read_csv(worked.folder / "risks.csv")
    assert len(risks) >= 120
    assert risks["risk"].between(0, 1).all()


def test_rows_are_in_postgresql(worked: Workplace, database: PostgreSQL, api: Api) -> None:
    """Runs, metrics in full precision, and the version: asked past MLflow."""
    (parent,) = api.runs(kind="training")
    run_id = parent["info"]["run_id"]
    assert database.rows(f"SELECT status FROM runs WHERE run_uuid = '{run_id}'") == [("FINISHED",)]
    stored = dict(database.rows(f"SELECT key, value FROM latest_metrics WHERE run_uuid = '{run_id}'"))
    assert stored == pytest.approx(values(parent["data"]["metrics"]))
    assert {"severe_crs/auroc", "severe_crs/log_loss"} <= set(stored)
    assert database.rows("SELECT name, version FROM model_versions ORDER BY version")[0] == (
        "cart-outcomes",
        1,
    )
    (aliases,) = database.rows("SELECT alias, version FROM registered_model_aliases")
    assert tuple(aliases) == ("champion", 1)


def test_the_database_itself_may_be_named(worked: Workplace, database: PostgreSQL) -> None:
    """Without a server between; a wrong password is refused at once. No password is shown."""
    direct = Workplace(worked.folder, {**worked.environment, "MLFLOW_TRACKING_URI": database.uri})
    done = direct.run("compare")
    assert "severe_crs" in done.stdout
    wrong = database.uri.replace(database.password, "guessed-4711")
    refused = Workplace(worked.folder, {**worked.environment, "MLFLOW_TRACKING_URI": wrong})
    said = refused.run("compare", status=1)
    assert "the MLflow database named in MLFLOW_TRACKING_URI cannot be reached" in said.stderr
    assert "Traceback" not in said.stderr
    shown = done.stdout + done.stderr + said.stdout + said.stderr
    assert database.password not in shown
    assert "guessed-4711" not in shown


def test_two_trainings_at_once_are_both_recorded(
    worked: Workplace, server: MlflowServer, api: Api, cohort: dict[str, Path], tmp_path: Path
) -> None:
    """From two folders: two versions, each with the digest of its own bundle."""
    before = set(api.versions())
    places = [member(tmp_path / name, server.address) for name in ("one", "two")]
    started = [
        training(place, cohort["here"], "--no-validation", "--seed", str(seed))
        for seed, place in enumerate(places)
    ]
    for process in started:
        said, complaint = process.communicate(timeout=600)
        assert process.returncode == 0, said + complaint
    bundles = [read_bundle(place.folder / LAST_TRAINING) for place in places]
    assert set(api.versions()) - before == {bundle.version for bundle in bundles}
    assert len({bundle.version for bundle in bundles}) == 2
    for bundle in bundles:
        found = api.get("model-versions/get", name="cart-outcomes", version=bundle.version)["model_version"]
        assert values(found["tags"])["bundle_digest"] == bundle.digest


def training(place: Workplace, cohort: Path, *options: str) -> subprocess.Popen[str]:
    """Start a training."""
    return subprocess.Popen(
        [sys.executable, "-m", "training", "train", str(cohort), *LIGHT, *options],
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_child_run(api: Api, before: int) -> None:
    """Wait until a child run of a training that goes on has ended."""
    for _ in range(1200):
        if len(finished_children(api)) > before:
            return
        time.sleep(0.1)
    pytest.fail("no child run was recorded")


def finished_children(api: Api) -> list[Any]:
    runs = api.runs(outcome="severe_crs")
    return [run for run in runs if run["info"]["status"] == "FINISHED"]


@pytest.fixture
def fragile(
    database: PostgreSQL, tmp_path: Path, worked: Workplace, server: MlflowServer
) -> Iterator[MlflowServer]:
    """Run another server on the same database, to be lost; artifacts go to its own folder."""
    folder = tmp_path / "fragile"
    folder.mkdir()
    with mlflow_server(folder, store=database.uri) as running:
        yield running


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_server_lost_in_the_middle_costs_the_recording_only(
    fragile: MlflowServer, api: Api, cohort: dict[str, Path], tmp_path: Path, how: str
) -> None:
    """Killed, or listening without an answer: status 1, one message; `record` makes up for it."""
    place, before = member(tmp_path / "work", fragile.address), len(finished_children(api))
    process = training(place, cohort["here"])
    wait_for_child_run(api, before)
    if how == "killed":
        end(fragile.process)
    else:
        os.killpg(fragile.process.pid, signal.SIGSTOP)
    _, complaint = process.communicate(timeout=300)
    assert process.returncode == 1, complaint
    assert complaint.count("MLflow: ") == 1
    assert "Traceback" not in complaint
    assert "Retrying" not in complaint
    assert f"the bundle is in {LAST_TRAINING}" in complaint
    assert complaint.rstrip().endswith(f"cart-outcomes record {LAST_TRAINING}")
    end(fragile.process)  # Stopped in the middle of a transaction, it would keep its rows locked.
    later = Workplace(place.folder, {**place.environment, "MLFLOW_TRACKING_URI": api.address})
    told = later.run("record", str(LAST_TRAINING)).stdout
    version = read_bundle(place.folder / LAST_TRAINING).version
    assert f"registered as version {version}" in told
    assert version in api.versions()
    assert "RUNNING" not in {run["info"]["status"] for run in api.runs(outcome="severe_crs")}
    again = later.run("record", str(LAST_TRAINING)).stdout
    assert again == f"{LAST_TRAINING} is already recorded as version {version}\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_training_stopped_while_recording_keeps_all(
    fragile: MlflowServer,
    api: Api,
    cohort: dict[str, Path],
    tmp_path: Path,
    number: signal.Signals,
    status: int,
) -> None:
    """Ctrl-C or SIGTERM while the server does not answer: its status, one message, nothing half-written."""
    place, before = member(tmp_path / "work", fragile.address), len(finished_children(api))
    process = training(place, cohort["here"], "--no-validation")
    wait_for_child_run(api, before)
    os.killpg(fragile.process.pid, signal.SIGSTOP)
    process.send_signal(number)
    _, complaint = process.communicate(timeout=300)
    assert process.returncode == status, complaint
    assert "stopped before everything was recorded in MLflow. Nothing is lost" in complaint
    assert "Traceback" not in complaint
    kept = {file.name for file in (place.folder / ".cart-outcomes").iterdir()}
    assert kept >= {"last-training", "last-training-unrecorded"}
    assert not [name for name in kept if name.startswith(".")]
    end(fragile.process)
    later = Workplace(place.folder, {**place.environment, "MLFLOW_TRACKING_URI": api.address})
    assert "registered as version" in later.run("record", str(LAST_TRAINING)).stdout
