"""`mlflow run`: the project as others run it, from inside and outside its folder."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from tests.e2e.workplace import Workplace, workplace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return workplace(tmp_path_factory.mktemp("mlproject") / "project", quick=True)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture
def environments() -> Iterator[Path]:
    """Hold environments of a gigabyte, and not for longer than the test."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def mlflow_run(
    place: Workplace,
    entry: str,
    *,
    project: str,
    cwd: Path,
    manager: str = "local",
    environments: Path | None = None,
    **parameters: object,
) -> subprocess.CompletedProcess[str]:
    given = [word for name, value in parameters.items() for word in ("-P", f"{name}={value}")]
    root = {"MLFLOW_ENV_ROOT": str(environments)} if environments else {}
    return subprocess.run(
        ["mlflow", "run", project, "--env-manager", manager, "-e", entry, *given],
        cwd=cwd,
        env={**place.environment, **root},
        capture_output=True,
        text=True,
        timeout=900,
    )


def passed(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.acceptance
def test_workflow_runs_from_another_folder(place: Workplace, elsewhere: Path) -> None:
    """Simulate, train, promote, score; runs are recorded where `mlflow run` was called."""
    project, cohort, risks = str(place.folder), elsewhere / "cohort.csv", elsewhere / "risks.csv"

    def run(entry: str, **parameters: object) -> str:
        return passed(mlflow_run(place, entry, project=project, cwd=elsewhere, **parameters))

    run("simulate", patients=80, out=cohort)
    assert "registered as version 1" in run("main", cohort=cohort, outcome="severe_crs", model="ridge")
    assert "version 1 is champion" in run("promote")
    run("score", cohort=cohort, out=risks)
    assert set(pd.read_csv(risks)["outcome"]) == {"severe_crs"}
    assert not (place.folder / "mlflow.db").exists()
    with closing(sqlite3.connect(elsewhere / "mlflow.db")) as database:
        names = [
            name.partition(" - ")[0]
            for (name,) in database.execute("SELECT name FROM runs WHERE name LIKE 'severe_crs /%'")
        ]
        others = ("easix", "prevalence", "published", "ridge", "xgboost")
        assert sorted(names) == [f"severe_crs / {name}" for name in others]
        parent = database.execute(
            "SELECT value FROM tags WHERE key = 'mlflow.parentRunId' GROUP BY value"
        ).fetchall()
        entry = database.execute(
            "SELECT value FROM tags WHERE key = 'mlflow.project.entryPoint' AND run_uuid = ?", parent[0]
        ).fetchone()
    assert (len(parent), entry) == (1, ("main",))


def test_relative_paths_are_relative_to_the_project(place: Workplace, elsewhere: Path) -> None:
    """From inside and from outside alike."""
    for project, cwd in ((".", place.folder), (str(place.folder), elsewhere)):
        done = mlflow_run(place, "check", project=project, cwd=cwd, cohort="data/synthetic.csv")
        assert "synthetic.csv: 244 infusions of 200 patients" in passed(done)


def test_refused_cohort_fails_the_run(place: Workplace, elsewhere: Path) -> None:
    """The problems are told, and MLflow says that the run failed."""
    broken = elsewhere / "broken.csv"
    broken.write_text("patient_id,age_years\nP1,old\n")
    done = mlflow_run(place, "check", project=str(place.folder), cwd=elsewhere, cohort=broken)
    assert done.returncode != 0
    assert "age_years" in done.stderr


def test_uv_builds_the_environment_from_the_lock(
    place: Workplace, elsewhere: Path, environments: Path
) -> None:
    """A machine with uv needs nothing else."""
    done = mlflow_run(
        place,
        "check",
        project=str(place.folder),
        cwd=elsewhere,
        manager="uv",
        environments=environments,
        cohort="data/synthetic.csv",
    )
    assert "synthetic.csv: 244 infusions of 200 patients" in passed(done)
