"""A record in PostgreSQL: the same chain, replicas, and a server that is stopped and started again."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from serving.identity.private_file import SettingsError
from serving.record.erasure import erase
from serving.record.record_error import RecordError
from serving.record.recorder import Recorder
from serving.record.retention import remove_old
from tests.absent import absent
from tests.debian import NotInstalledError
from tests.e2e.postgresql import postgresql_binaries
from tests.e2e.record_databases import StoppableServer, kept_in, stoppable_postgresql
from tests.kept_answers import MORNING, KeptAnswers, answer, outcome

ROWS = "cart_outcomes_record"


@pytest.fixture(scope="module")
def database() -> Iterator[StoppableServer]:
    """Run a server that tests stop and start."""
    try:
        programs = postgresql_binaries()
    except NotInstalledError as missing:
        absent(f"no postgresql: {missing}")
    with (
        tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name,
        stoppable_postgresql(programs, Path(name)) as found,
    ):
        yield found


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the database's own answer, however busy the machine is."""
    monkeypatch.setattr("serving.record.recorder.RECORDED_WITHIN_SECONDS", 60)


@pytest.fixture
def kept(database: StoppableServer, tmp_path: Path) -> Iterator[KeptAnswers]:
    """Make an empty record in the server."""
    yield kept_in(database.server, tmp_path)
    KeptAnswers(tmp_path / "record.toml").change(
        *(f"DROP TABLE IF EXISTS {ROWS}{part}" for part in ("", "_head", "_version"))
    )


def refused(recorder: Recorder) -> str:
    """Try to write, and give the reason why that failed."""
    with pytest.raises(RecordError) as caught:
        asyncio.run(recorder.write([answer("p-late")]))
    return str(caught.value)


def test_a_record_is_written_erased_and_verified(kept: KeptAnswers) -> None:
    """The chain of PostgreSQL is that of SQLite."""
    kept.keep(answer(), answer("p-2"), outcomes=[outcome()])
    with kept.database.connected() as connection:
        assert erase(connection, kept.ring, by="privacy office", record_key="key-of-p-1") == 2
        assert remove_old(connection, kept.ring, days=1, now=MORNING) == 0
    kept.database.tidy()
    verification = kept.verified()
    assert verification.broken is None
    assert verification.rows == 5
    kept.change(f"UPDATE {ROWS} SET fixed = '' WHERE sequence = 3")
    broken = kept.verified().broken
    assert broken is not None
    assert broken.sequence == 3


def test_replicas_write_one_chain(kept: KeptAnswers) -> None:
    """Each waits for the lock of the head; the first makes the tables."""

    def write(replica: int) -> None:
        kept.keep(*(answer(f"p-{replica}-{number}") for number in range(10)))

    with ThreadPoolExecutor(4) as replicas:
        list(replicas.map(write, range(4)))
    verification = kept.verified()
    assert verification.broken is None
    assert verification.rows == 41


@pytest.mark.usefixtures("patient")
def test_a_lost_connection_is_opened_again(kept: KeptAnswers, database: StoppableServer) -> None:
    """A connection from before a restart costs no answer."""
    recorder = kept.recorder()
    asyncio.run(recorder.write([answer()]))
    database.stop()
    database.start()
    asyncio.run(recorder.write([answer("p-2")]))
    assert recorder.alive()
    recorder.close()
    assert kept.verified().rows == 3


@pytest.mark.usefixtures("patient")
def test_a_stopped_server_refuses_and_a_started_one_goes_on(
    kept: KeptAnswers, database: StoppableServer
) -> None:
    """Nothing that was acknowledged is lost."""
    recorder = kept.recorder()
    asyncio.run(recorder.write([answer()]))
    database.stop()
    reasons = [refused(recorder) for _ in range(2)]
    assert not recorder.alive()
    database.start()
    asyncio.run(recorder.write([answer("p-2")]))
    recorder.close()
    assert [database.server.password in reason for reason in reasons] == [False, False]
    assert kept.verified().broken is None
    assert kept.rows(f"SELECT prediction_id FROM {ROWS} WHERE kind = 'answer' ORDER BY 1") == [
        ("p-1",),
        ("p-2",),
    ]


@pytest.mark.usefixtures("patient")
def test_a_locked_head_is_not_waited_for_long(kept: KeptAnswers) -> None:
    """Another program holds the row for longer than an answer waits."""
    recorder = kept.recorder()
    asyncio.run(recorder.write([answer()]))
    with kept.database.connected() as other, other.begin():
        other.exec_driver_sql(f"SELECT * FROM {ROWS}_head FOR UPDATE")
        assert refused(recorder) == "the record's database failed: PostgreSQL reports 55P03"
    asyncio.run(recorder.write([answer("p-2")]))
    recorder.close()
    assert kept.verified().broken is None


@pytest.mark.usefixtures("patient")
def test_a_wrong_password_is_reported_by_its_code(kept: KeptAnswers, tmp_path: Path) -> None:
    """Neither the password nor the address is repeated."""
    right = (tmp_path / "password").read_text()
    (tmp_path / "password").write_text("wrong")
    recorder = kept.recorder()
    assert refused(recorder) == "the record's database failed: PostgreSQL reports 28P01"
    recorder.close()
    (tmp_path / "password").write_text(right)


@pytest.mark.usefixtures("patient")
def test_a_server_without_the_certificate_is_refused(kept: KeptAnswers, tmp_path: Path) -> None:
    """A site that names authorities gets a checked connection or none."""
    stated = kept.file.read_text()
    kept.file.write_text(stated + 'tls_ca = "authorities.pem"\n')
    with pytest.raises(SettingsError, match="is no file of certificates"):
        kept.recorder()
    import certifi

    kept.file.write_text(stated + f'tls_ca = "{certifi.where()}"\n')
    recorder = kept.recorder()
    assert refused(recorder).endswith("InterfaceError")
    recorder.close()
    kept.file.write_text(stated)


def test_old_rows_are_removed(kept: KeptAnswers) -> None:
    """The rest of the chain verifies from its new start."""
    kept.keep(answer(), answer("p-2"))
    (last,) = kept.rows(f"SELECT max(recorded_at) FROM {ROWS}")[0]
    with kept.database.connected() as connection:
        later = MORNING.fromisoformat(last) + timedelta(days=2)
        assert remove_old(connection, kept.ring, days=1, now=later) == 3
    verification = kept.verified()
    assert verification.broken is None
    assert (verification.first, verification.rows) == (4, 1)
