"""`mlflow run`: the project as others run it, from inside and outside its folder, and from a git address."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from tests.absent import absent
from tests.e2e.workplace import Workplace, free_port, workplace

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
    version: str = "",
    **parameters: object,
) -> subprocess.CompletedProcess[str]:
    given = [word for name, value in parameters.items() for word in ("-P", f"{name}={value}")]
    at_version = ("--version", version) if version else ()
    root = {"MLFLOW_ENV_ROOT": str(environments)} if environments else {}
    return subprocess.run(
        ["mlflow", "run", project, *at_version, "--env-manager", manager, "-e", entry, *given],
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


@pytest.fixture
def git_address(place: Workplace, tmp_path: Path) -> Iterator[str]:
    """Serve the project by git, as a server does."""
    programs = Path(passed(place.shell("git", "--exec-path")).strip())
    if not (programs / "git-daemon").exists():
        absent("this git has no daemon")
    bare, port = tmp_path / "served" / "project.git", free_port()
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    for arguments in (
        ("git", "init", "--quiet", "--initial-branch=main"),
        ("git", "add", "--all"),
        ("git", *identity, "commit", "--quiet", "--message=project"),
        ("git", "clone", "--quiet", "--bare", ".", str(bare)),
    ):
        passed(place.shell(*arguments))
    command = f"git daemon --verbose --export-all --base-path={bare.parent} --listen=127.0.0.1 --port={port}"
    with place.started(*command.split(), until="Ready to rumble"):
        yield f"git://127.0.0.1:{port}/project.git"


def test_a_git_address_runs_its_version(
    place: Workplace, git_address: str, tmp_path: Path, elsewhere: Path
) -> None:
    """MLflow fetches it and records address, branch and commit."""
    made = tmp_path / "cohort.csv"
    done = mlflow_run(
        place,
        "simulate",
        project=git_address,
        cwd=elsewhere,
        version="main",
        patients=30,
        out=made,
        seed=4,
    )
    passed(done)
    assert pd.read_csv(made)["patient_id"].nunique() == 30
    commit = passed(place.shell("git", "rev-parse", "HEAD")).strip()
    with closing(sqlite3.connect(elsewhere / "mlflow.db")) as database:
        tags = dict(
            database.execute(
                "SELECT key, value FROM tags WHERE run_uuid IN "
                "(SELECT run_uuid FROM tags WHERE key = 'mlflow.source.git.branch')"
            )
        )
    assert tags["mlflow.source.git.commit"] == commit
    assert tags["mlflow.source.git.repoURL"] == git_address
    assert tags["mlflow.source.git.branch"] == "main"


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
