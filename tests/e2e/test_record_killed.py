"""Writers of a record are killed in the middle of load: acknowledged rows are there, the chain is whole."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.recording import CALLERS
from tests.kept_answers import KeptAnswers

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
KILLED = -9
TIMES = (2, pytest.param(20, marks=pytest.mark.acceptance))


def killed(kept: KeptAnswers, prefix: str, seconds: float) -> set[str]:
    """Run two writers, kill both in the middle; give the ids that were acknowledged."""
    command = [sys.executable, "-m", "tests.e2e.recording", str(kept.file)]
    writers = [
        subprocess.Popen([*command, f"{prefix}-{each}"], cwd=PROJECT, stdout=subprocess.PIPE)
        for each in range(2)
    ]
    first = {writer.stdout.readline() for _ in range(CALLERS + 1) for writer in writers if writer.stdout}
    time.sleep(seconds)
    for writer in writers:
        writer.kill()
    printed = [writer.communicate()[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [KILLED, KILLED]
    # A line without its end was not printed whole.
    lines = b"".join(first).splitlines() + [line for text in printed for line in text.split(b"\n")[:-1]]
    return {line.decode() for line in lines}


@pytest.mark.parametrize("times", TIMES)
def test_every_acknowledged_row_is_there(kept: KeptAnswers, times: int) -> None:
    """However often the processes are killed."""
    rng = random.Random(times)
    acknowledged: set[str] = set()
    for number in range(times):
        acknowledged |= killed(kept, f"p-{number}", rng.uniform(0.05, 0.6))
        stored = {name for (name,) in kept.rows("SELECT prediction_id FROM cart_outcomes_record")}
        assert acknowledged - stored == set()
        assert kept.verified().broken is None
    assert len(acknowledged) > times * 2 * CALLERS
