"""Installation without a network: wheels made here, installed and used where nothing can be reached."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_bundle
from tests.e2e.served import PROJECT

pytestmark = pytest.mark.acceptance

ALONE = ("unshare", "--map-root-user", "--net")
"""Runs a program in a network of its own, in which there is not even an address of this machine."""

ANSWERED = """
import json, sys
from pathlib import Path
from serving.model.read_bundle import read_bundle
from serving.answers.scorer import Scorer
from serving.service import RiskService
RiskService.to_asgi()
(answered,) = Scorer(read_bundle(Path(sys.argv[1]))).answered([json.loads(sys.argv[2])])
print(len(json.loads(answered.json())["outcomes"]))
"""


def installed(of: str, folder: Path) -> Path:
    """Make wheels in a clone whose environment is this one, and install them; give the folder of programs."""
    if shutil.which("unshare") is None or subprocess.run([*ALONE, "true"], check=False).returncode:
        pytest.skip("no network namespace can be made here")
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True)
    (clone / ".venv").mkdir()
    for part in ("bin", ".ready"):
        (clone / ".venv" / part).symlink_to(PROJECT / ".venv" / part)
    subprocess.run(["make", "--old-file", ".venv/.ready", "wheelhouse", f"OF={of}"], cwd=clone, check=True)
    wheelhouse = clone / "wheelhouse"
    subprocess.run(["sha256sum", "--quiet", "--check", "wheelhouse/SHA256SUMS"], cwd=clone, check=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "cart-outcomes"], check=True)
    wheels = map(str, wheelhouse.glob("*.whl"))
    pip = str(folder / "cart-outcomes/bin/pip")
    alone([pip, "install", "--quiet", "--no-index", "--no-deps", *wheels], folder)
    return folder / "cart-outcomes/bin"


def alone(command: Sequence[str], folder: Path) -> str:
    """Run a program without a network, this project or an index; give what it printed."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(
        [*ALONE, *command], check=False, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_service_answers(tmp_path: Path) -> None:
    """With the packages of the image and no others."""
    write_bundle(make_bundle(), tmp_path / "bundle")
    program = installed("serving/image/requirements.txt", tmp_path) / "python"
    asked = [str(program), "-W", "ignore", "-c", ANSWERED, str(tmp_path / "bundle"), json.dumps(PATIENT)]
    assert int(alone(asked, tmp_path)) == len(make_bundle().models)


def test_the_command_line_trains(tmp_path: Path) -> None:
    """With all packages: a cohort is simulated, and a model trained and recorded."""
    programs = installed("requirements.lock", tmp_path)
    alone([str(programs / "pip"), "check"], tmp_path)
    command = str(programs / "cart-outcomes")
    alone([command, "simulate", "--patients", "60", "--seed", "3", "--out", "cohort.csv"], tmp_path)
    trained = [command, "train", "cohort.csv", "--outcome", "severe_crs", "--no-validation"]
    assert "version 1" in alone(trained, tmp_path)
