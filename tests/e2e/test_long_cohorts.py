"""Long cohorts are scored in constant memory, and a killed command goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
SCORE = (sys.executable, "-m", "training", "score")
PEAK = (
    "import resource, sys; from training.commands.app import main\n"
    "try: main()\n"
    "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
)
"""Runs a command, and prints its peak memory in MB."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a bundle, and cohorts of 20,000 and 100,000 rows."""
    folder = tmp_path_factory.mktemp("long")
    write_bundle(make_bundle(), folder / "bundle")
    table = simulation_table(simulate(2_000, rng=np.random.default_rng(3))).head(2_000)
    heading, *lines = table.to_csv(index=False).splitlines()
    for n_rows in (20_000, 100_000):
        copies = (f"P{copy}-{line}\n" for copy in range(n_rows // 2_000) for line in lines)
        (folder / f"c{n_rows}.csv").write_text(heading + "\n" + "".join(copies))
    return folder


def environment() -> dict[str, str]:
    """Run the code of this folder."""
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


def test_a_killed_command_continues_to_the_same_file(place: Path) -> None:
    """Nothing has the final name, and the next run writes the file of an unbroken one."""
    line = [*SCORE, "c20000.csv", "--bundle", "bundle", "--out"]
    subprocess.run([*line, "whole.csv"], cwd=place, env=environment(), check=True, capture_output=True)
    command = subprocess.Popen(
        [*line, "r.csv"], cwd=place, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    state = place / ".r.csv.unfinished" / "state.json"
    while command.poll() is None and not (state.exists() and json.loads(state.read_text())["done"]):
        time.sleep(0.01)
    command.send_signal(signal.SIGKILL)
    assert command.wait() == -signal.SIGKILL
    assert not (place / "r.csv").exists()
    done = json.loads(state.read_text())["done"]
    again = subprocess.run(
        [*line, "r.csv"], cwd=place, env=environment(), check=True, capture_output=True, text=True
    )
    assert f"{done} of 20000 infusions were scored before the interruption: continuing" in again.stderr
    assert (place / "r.csv").read_bytes() == (place / "whole.csv").read_bytes()
    assert not state.parent.exists()


@pytest.mark.parametrize("out", ["r.csv", "r.parquet"])
def test_memory_does_not_grow_with_the_cohort(out: str, place: Path) -> None:
    """Five times the rows take hardly more: a digest of each identifier is kept."""
    peaks = []
    for n_rows in (20_000, 100_000):
        line = [
            "score",
            f"c{n_rows}.csv",
            "--bundle",
            "bundle",
            "--out",
            f"{n_rows}-{out}",
            "--detail",
            "risk",
        ]
        ran = subprocess.run(
            [sys.executable, "-c", PEAK, *line],
            cwd=place,
            env=environment(),
            check=True,
            capture_output=True,
            text=True,
        )
        peaks.append(int(ran.stdout.split()[-1]))
    assert peaks[1] - peaks[0] < 80
