"""The code of the notebook runs with the wheel alone, outside the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.workplace import PROJECT

pytestmark = pytest.mark.slow

CELL = re.compile(r"^```\{code-cell\}\n(.*?)^```$", re.M | re.S)
WHERE = "import features\nprint(features.__file__)\n"
WITHIN_SECONDS = 900


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(build, cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def code() -> str:
    cells = CELL.findall((PROJECT / "docs" / "notebook.md").read_text(encoding="utf-8"))
    assert len(cells) > 10
    return WHERE + "\n".join(cells)


def run_code(program: Path, code: str, folder: Path, **environment: str) -> str:
    """Run code in a folder without the project; give what it prints."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(program), "-W", "ignore", "-c", code],
        cwd=folder,
        env={**settings, "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_has_all_that_the_notebook_needs(wheel: Path, code: str, tmp_path: Path) -> None:
    """Unpacked, with the libraries of this environment; published evidence is in it, patients are not."""
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        content.extractall(unpacked)
    assert "features/data/evidence/effects.csv" in names
    assert not [name for name in names if "synthetic.csv" in name or "cohorts/" in name]
    printed = run_code(Path(sys.executable), code, tmp_path, PYTHONPATH=str(unpacked))
    assert printed.splitlines()[0] == str(unpacked / "features" / "__init__.py")
    assert "age_years must be 0 to 100 years" in printed


@pytest.mark.acceptance
def test_the_notebook_runs_in_an_environment_of_its_own(wheel: Path, code: str, tmp_path: Path) -> None:
    """With the locked libraries and nothing of this environment."""
    program = tmp_path / "own" / "bin" / "python"
    uv, own = [sys.executable, "-m", "uv"], str(tmp_path / "own")
    environment = [*uv, "venv", "--quiet", "--python", sys.executable, own]
    lock = ["-c", str(PROJECT / "requirements.lock"), f"{wheel}[training]"]
    install = [*uv, "pip", "install", "--quiet", "--python", str(program), *lock]
    for command in (environment, install):
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_SECONDS)
        if done.returncode != 0 and "connect" in done.stderr:
            pytest.skip("the package index cannot be reached")
        assert done.returncode == 0, done.stderr
    printed = run_code(program, code, tmp_path)
    assert str(tmp_path / "own") in printed.splitlines()[0]
