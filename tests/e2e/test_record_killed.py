"""Writers of a record are killed in the middle of load: acknowledged rows are there, the chain is whole."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.record.settings import POSTGRESQL
from tests.e2e.postgresql import DATABASE, USER, postgresql
from tests.kept_answers import KeptAnswers, kept_answers

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
KILLED = -9
TIMES = (2, pytest.param(20, marks=pytest.mark.acceptance))


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptAnswers]:
    """Make a record in each kind of database."""
    if request.param == "sqlite":
        yield kept_answers(tmp_path)
        return
    with postgresql(request.getfixturevalue("postgresql_programs")) as server:
        (tmp_path / "password").write_text(server.password)
        (tmp_path / "password").chmod(0o600)
        address = f"{POSTGRESQL}{USER}@127.0.0.1:{server.port}/{DATABASE}"
        yield kept_answers(tmp_path, address=address, more='password_file = "password"\n')


def killed(kept: KeptAnswers, prefix: str, seconds: float) -> set[str]:
    """Run two writers, kill both in the middle; give the ids that were acknowledged."""
    command = [sys.executable, "-m", "tests.e2e.recording", str(kept.file)]
    writers = [
        subprocess.Popen([*command, f"{prefix}-{each}"], cwd=PROJECT, stdout=subprocess.PIPE)
        for each in range(2)
    ]
    first = {writer.stdout.readline() for writer in writers if writer.stdout}
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
    assert len(acknowledged) > times * 16
