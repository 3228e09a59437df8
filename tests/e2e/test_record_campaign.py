"""A record under load while processes are killed, the database is stopped, the disk is full; prints figures.

``pytest -m acceptance tests/e2e/test_record_campaign.py -s``
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.e2e.record_databases import Disk, StoppableServer, kept_in, small_disk, stoppable_postgresql
from tests.e2e.release_load import Load, answers_by_version, asking
from tests.e2e.released_site import released, serving, wait_for, write_bundles
from tests.e2e.served import Served, descendants, free_port, gone
from tests.e2e.test_worker_processes import workers_of
from tests.kept_answers import KeptAnswers, kept_answers

pytestmark = pytest.mark.acceptance

TIMES = int(os.environ.get("RECORD_FAULTS", "20"))
CLIENTS, WORKERS = 16, 2
REFUSED = "status 503"
ENDED = {"RemoteDisconnected", "ConnectionResetError", "ConnectionRefusedError", "BrokenPipeError"}
"""What a client sees of a process that was killed."""

MEGABYTES = 96 + 8 * TIMES
"""Of a disk: what is recorded meanwhile must not fill it by itself, the log of SQLite included."""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Write the two models."""
    return write_bundles(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def load(bundles: tuple[Path, Path]) -> Load:
    return Load(answers_by_version(bundles))


@pytest.fixture
def site(bundles: tuple[Path, Path], tmp_path: Path) -> Path:
    """Release a model in a folder."""
    (tmp_path / "site").mkdir()
    released(tmp_path / "site", bundles)
    return tmp_path / "site"


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Make a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def check(kept: KeptAnswers, load: Load) -> int:
    """Every answer that was acknowledged before is in the record, which is whole; give the number of rows."""
    acknowledged = set(load.acknowledged)
    stored = {name for (name,) in kept.rows("SELECT prediction_id FROM cart_outcomes_record")}
    assert acknowledged - stored == set()
    verified = kept.verified()
    assert verified.broken is None
    return verified.rows


def show(what: str, kept: KeptAnswers, load: Load) -> None:
    answered, slowest = len(load.acknowledged), max(took for _, took in load.milliseconds)
    sys.stdout.write(
        f"\n{what}, {TIMES} times, {CLIENTS} clients: {answered} answers, {check(kept, load)} rows, "
        f"slowest {slowest:.0f} ms, failed {dict(Counter(load.failed))}\n"
    )
    sys.stdout.flush()


def answers_again(load: Load) -> None:
    """Wait until answers are acknowledged after now."""
    before = len(load.acknowledged)
    wait_for(lambda: len(load.acknowledged) > before + CLIENTS)


def refuses(load: Load) -> None:
    """Wait until answers are refused."""
    before = load.failed.count(REFUSED)
    wait_for(lambda: load.failed.count(REFUSED) > before + CLIENTS)


def victims(served: Served) -> dict[str, psutil.Process]:
    """Name the processes of a service, from the one that answers to the one that a person started."""
    worker = workers_of(served)[-1]
    forker = psutil.Process(worker.ppid())
    command = psutil.Process(served.process.pid)
    return {"worker": worker, "forker": forker, "supervisor": psutil.Process(forker.ppid()), "serve": command}


def kill(served: Served, name: str) -> None:
    """Kill one process, and wait until another one is in its place, or until all have ended by themselves."""
    family, victim = descendants(served.process.pid), victims(served)[name]
    victim.kill()
    if name in ("supervisor", "serve"):
        served.process.wait(30)
        assert gone(family), served.written
    else:
        wait_for(lambda: len(workers_of(served)) == WORKERS and not victim.is_running())


def test_killed_processes_cost_no_acknowledged_answer(kept: KeptAnswers, site: Path, load: Load) -> None:
    """Each in turn; with the topmost the service ends by itself, and its port is free to start it again."""
    port, running = free_port(), ExitStack()
    with running, asking(port, load, CLIENTS):
        served = running.enter_context(serving(site, port, workers=WORKERS, record=kept.file))
        for number in range(TIMES):
            answers_again(load)
            time.sleep(0.1 * (number % 5))
            kill(served, list(victims(served))[number % 4])
            check(kept, load)
            if served.process.poll() is not None:
                running.close()
                served = running.enter_context(serving(site, port, workers=WORKERS, record=kept.file))
        answers_again(load)
    show("killed processes", kept, load)
    assert set(load.failed) <= ENDED


def test_a_stopped_database_costs_no_acknowledged_answer(
    postgresql_programs: Path, short_folder: Path, tmp_path: Path, site: Path, load: Load
) -> None:
    """Stopped, or crashed each second time; the service answers again by itself after its start."""
    with stoppable_postgresql(postgresql_programs, short_folder) as database:
        kept = kept_in(database.server, tmp_path)

        def fail(number: int) -> None:
            (database.crash if number % 2 else database.stop)()

        _fail_and_mend(kept, site, load, fail, database.start)
        show("stopped PostgreSQL", kept, load)


def test_a_full_disk_costs_no_acknowledged_answer_of_sqlite(tmp_path: Path, site: Path, load: Load) -> None:
    """The service answers again by itself once there is room."""
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        kept = kept_answers(disk.folder)
        _fail_and_mend(kept, site, load, lambda _: disk.fill(), disk.free)
        show("full disk, SQLite", kept, load)


def test_a_full_disk_costs_no_acknowledged_answer_of_postgresql(
    postgresql_programs: Path, short_folder: Path, tmp_path: Path, site: Path, load: Load
) -> None:
    """PostgreSQL itself can end then, and is started again once there is room."""
    with (
        small_disk(short_folder, MEGABYTES) as disk,
        stoppable_postgresql(postgresql_programs, disk.folder) as database,
    ):
        kept = kept_in(database.server, tmp_path)

        def mend() -> None:
            _restart(disk, database)

        _fail_and_mend(kept, site, load, lambda _: disk.fill(), mend)
        show("full disk, PostgreSQL", kept, load)


def _restart(disk: Disk, database: StoppableServer) -> None:
    disk.free()
    if not database.server.answers():
        database.stop()
        database.start()


def _fail_and_mend(
    kept: KeptAnswers, site: Path, load: Load, fail: Callable[[int], None], mend: Callable[[], None]
) -> None:
    """Have the database fail under load, again and again; answers are refused meanwhile, and nothing else."""
    port = free_port()
    with serving(site, port, workers=WORKERS, record=kept.file), asking(port, load, CLIENTS):
        for number in range(TIMES):
            answers_again(load)
            fail(number)
            refuses(load)
            mend()
            answers_again(load)
            check(kept, load)
    assert set(load.failed) <= {REFUSED}
