"""Two commands follow one champion for one machine while MLflow's database is stopped; prints figures.

``pytest -m acceptance tests/e2e/test_follow_campaign.py -s``
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.record_databases import StoppableServer, stoppable_postgresql
from tests.e2e.released_site import wait_for
from tests.e2e.workplace import PROJECT, Running, Workplace
from tests.tracking_server import mlflow_server

pytestmark = pytest.mark.acceptance

TIMES = int(os.environ.get("FOLLOW_FAULTS", "4"))
PATIENT_SECONDS = 300
UNREACHED = "warning: MLflow: "

REGISTER = """
from pathlib import Path
from tests.releases import another, linear, register
for name, bundle in (("one", linear()), ("two", another())):
    register(bundle, Path.cwd() / name)
"""
LOG = """
from serving.release.release_log import read_log
print(*(f"{line.entry.version}:{line.entry.stored}" for line in read_log()))
"""


@dataclass
class Machines:
    """MLflow with its database, a machine that promotes, and one that follows."""

    database: StoppableServer
    elsewhere: Workplace
    here: Workplace

    def promote(self, version: str) -> None:
        """Promote on the other machine."""
        self.elsewhere.run("promote", version, "--force", "a campaign")

    def released(self) -> str:
        """Read which release the pointer of the machine that follows names."""
        pointer = Path(self.here.environment["BENTOML_HOME"]) / "models" / "cart_outcomes" / "latest"
        return pointer.read_text() if pointer.exists() else ""

    def wait_for(self, version: str) -> None:
        """Wait until a version is released on the machine that follows."""
        wait_for(lambda: self.released().startswith(f"v{version}-"), within=PATIENT_SECONDS)


@pytest.fixture
def machines(postgresql_programs: Path, tmp_path: Path) -> Iterator[Machines]:
    """Register two versions on a server, and promote the first."""
    with ExitStack() as stack:
        short = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True))
        database = stack.enter_context(stoppable_postgresql(postgresql_programs, Path(short)))
        (tmp_path / "server").mkdir()
        server = stack.enter_context(mlflow_server(tmp_path / "server", store=database.server.uri))
        places = [_place(tmp_path / name, server.address) for name in ("elsewhere", "here")]
        found = Machines(database, *places)
        _python(found.elsewhere, REGISTER)
        found.promote("1")
        yield found


def _place(folder: Path, address: str) -> Workplace:
    ours = ("MLFLOW_", "CART_", "BENTOML_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    (folder / "bentoml").mkdir(parents=True)
    settings = {"MLFLOW_TRACKING_URI": address, "BENTOML_HOME": str(folder / "bentoml")}
    return Workplace(folder, {**kept, **settings, "PYTHONPATH": str(PROJECT), "BENTOML_DO_NOT_TRACK": "True"})


def _python(place: Workplace, script: str) -> str:
    """Run a script there."""
    done = place.shell(sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_database_that_is_stopped_costs_no_release(machines: Machines) -> None:
    """Each release is logged once, whoever of the two was first; the last one stays while MLflow is away."""
    command = (sys.executable, "-m", "training", "follow", "--every", "1")
    with ExitStack() as stack:
        followers = [stack.enter_context(machines.here.started(*command, until="")) for _ in range(2)]
        machines.wait_for("1")
        for number in range(TIMES):
            _stop_and_start(machines, followers, crash=number % 2 == 1)
            version = "21"[number % 2]
            machines.promote(version)
            machines.wait_for(version)
        assert [follower.process.poll() for follower in followers] == [None, None]
    logged = _python(machines.here, LOG).split()
    versions = ["1", *("21"[number % 2] for number in range(TIMES))]
    assert [each.partition(":")[0] for each in logged] == versions
    assert logged[-1].partition(":")[2] == machines.released()
    written = [follower.log.read_text() for follower in followers]
    assert not [text for text in written if "Traceback" in text]
    told = [line for text in written for line in text.splitlines() if "is released on this machine" in line]
    assert len(told) == len(logged)
    sys.stdout.write(f"\nMLflow's database stopped {TIMES} times: {len(logged)} releases, each logged once\n")


def _stop_and_start(machines: Machines, followers: list[Running], *, crash: bool) -> None:
    """Stop the database until both have noticed."""
    before, warned = machines.released(), [_warnings(follower) for follower in followers]
    (machines.database.crash if crash else machines.database.stop)()
    wait_for(
        lambda: all(_warnings(follower) > number for follower, number in zip(followers, warned, strict=True)),
        within=PATIENT_SECONDS,
    )
    assert machines.released() == before
    machines.database.start()


def _warnings(follower: Running) -> int:
    return follower.log.read_text().count(UNREACHED)
