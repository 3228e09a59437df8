"""A record in SQLite: what is stored, who can read it, and what happens when it cannot be written."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from serving.identity.private_file import SettingsError
from serving.record.append import read_head
from serving.record.database import LOCK_WITHIN_SECONDS, _locked
from serving.record.erasure import erase
from serving.record.observed_outcome import ObservedOutcome
from serving.record.record_error import ContradictoryReportError, RecordError, UnknownPredictionError
from serving.record.recorder import RECORDED_WITHIN_SECONDS, Recorder
from serving.record.settings import RECORD_VARIABLE, environment_recorder
from tests.kept_answers import KeptAnswers, answer, kept_answers, outcome

ROWS = "cart_outcomes_record"
PATIENT_WORDS = ("812.5", "ferritin", "female")


@pytest.fixture
def kept(tmp_path: Path) -> KeptAnswers:
    return kept_answers(tmp_path)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the database's own answer, however busy the machine is."""
    monkeypatch.setattr("serving.record.recorder.RECORDED_WITHIN_SECONDS", 60)


@contextmanager
def open_recorder(kept: KeptAnswers) -> Iterator[Recorder]:
    recorder = kept.recorder()
    try:
        yield recorder
    finally:
        recorder.close()


def refused(recorder: Recorder) -> str:
    """Try to write an answer, and give the reason why it was not written."""
    with pytest.raises(RecordError) as caught:
        asyncio.run(recorder.write([answer("p-late")]))
    return str(caught.value)


def test_an_answer_is_stored_without_the_fields_of_the_patient(kept: KeptAnswers, tmp_path: Path) -> None:
    """The inputs are a keyed digest; what was missing is named."""
    kept.keep(answer())
    ((content,),) = kept.rows(f"SELECT content FROM {ROWS} WHERE kind = 'answer'")
    assert '"missing":["ldh"]' in content
    assert '["severe_crs",30,0.123,0.05,0.25]' in content
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("record.db*"))
    assert [word for word in PATIENT_WORDS if word.encode() in stored] == []


def test_rows_written_at_once_share_a_transaction_and_a_chain(kept: KeptAnswers) -> None:
    """Many callers, one record without gaps; each is woken."""

    async def write() -> None:
        with open_recorder(kept) as recorder:
            await asyncio.gather(*(recorder.write([answer(f"p-{each}")]) for each in range(40)))
            assert recorder.alive()

    asyncio.run(write())
    ((rows, commits),) = kept.rows(
        f"SELECT count(*), count(DISTINCT recorded_at) FROM {ROWS} WHERE kind = 'answer'"
    )
    assert rows == 40
    assert commits < 40
    assert kept.verified().broken is None


def test_no_rows_are_no_work(kept: KeptAnswers, tmp_path: Path) -> None:
    """The database is not even opened."""
    with open_recorder(kept) as recorder:
        asyncio.run(recorder.write([]))
    assert not (tmp_path / "record.db").exists()


def test_a_commit_is_on_the_disk_and_erased_pages_are_overwritten(kept: KeptAnswers) -> None:
    """WAL with synchronous FULL; a reader sees one state while others write."""
    kept.keep(answer())
    with kept.database.snapshot() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
        before = read_head(connection)
        kept.keep(answer("p-2"))
        assert read_head(connection) == before
    assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_files_are_for_their_owner_only(kept: KeptAnswers, tmp_path: Path) -> None:
    """The database and the files that SQLite puts beside it."""
    kept.keep(answer())
    with kept.database.snapshot():
        modes = {file.name: stat.filemode(file.stat().st_mode) for file in tmp_path.glob("record.db*")}
    assert len(modes) > 1
    assert set(modes.values()) == {"-rw-------"}


@pytest.mark.parametrize("file", ["record.db", "record.key"])
def test_a_file_that_others_can_read_is_refused(kept: KeptAnswers, tmp_path: Path, file: str) -> None:
    """With the remedy."""
    kept.keep(answer())
    (tmp_path / file).chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        kept.recorder()


def test_an_outcome_needs_its_answer(kept: KeptAnswers) -> None:
    """It gets the record key of the answer; an unknown prediction stops nothing else."""

    async def write() -> list[BaseException | None]:
        with open_recorder(kept) as recorder:
            await recorder.write([answer()])
            writes = (
                recorder.write_outcome(outcome("p-9")),
                recorder.write_outcome(outcome()),
                recorder.write([answer("p-2")]),
                recorder.write_outcome(outcome("p-2")),
            )
            return await asyncio.gather(*writes, return_exceptions=True)

    unknown, *others = asyncio.run(write())
    assert isinstance(unknown, UnknownPredictionError)
    assert others == [None, None, None]
    stored = kept.rows(f"SELECT prediction_id, record_key FROM {ROWS} WHERE kind = 'outcome'")
    assert sorted(stored) == [("p-1", "key-of-p-1"), ("p-2", "key-of-p-2")]
    assert kept.verified().broken is None


def test_reports_that_arrive_together_do_not_contradict_each_other(kept: KeptAnswers) -> None:
    """Whichever is first is recorded, and the chain goes on."""

    async def write(*each: ObservedOutcome) -> list[BaseException | None]:
        with open_recorder(kept) as recorder:
            writes = [recorder.write_outcome(one) for one in each]
            return await asyncio.gather(*writes, return_exceptions=True)

    kept.keep(answer(), answer("p-2"))
    died = outcome(name="death_without_relapse", day=150)
    first, second = asyncio.run(write(outcome(name="relapse", day=100), died))
    assert first is None
    assert isinstance(second, ContradictoryReportError)
    assert (second.outcomes, second.field) == (("relapse",), "happened")
    other = outcome("p-2", name="death_without_relapse", day=150)
    late = outcome("p-2", name="death", day=200)
    accepted, refused = asyncio.run(write(other, late))
    assert accepted is None
    assert isinstance(refused, ContradictoryReportError)
    assert (refused.outcomes, refused.field) == (("death_without_relapse",), "day")
    stored = kept.rows(f"SELECT prediction_id FROM {ROWS} WHERE kind = 'outcome'")
    assert stored == [("p-1",), ("p-2",)]
    assert kept.verified().broken is None


def test_erased_content_is_in_no_file_of_the_database(kept: KeptAnswers, tmp_path: Path) -> None:
    """Its answer, its outcome and its record key; the chain stays whole, and says who erased."""
    kept.keep(answer(), answer("p-2"), outcomes=[outcome()])
    with kept.database.connected() as connection:
        assert erase(connection, kept.ring, by="privacy office", record_key="key-of-p-1") == 2
        assert erase(connection, kept.ring, by="privacy office", record_key="key-of-p-1") == 0
    kept.database.tidy()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("record.db*"))
    assert b"key-of-p-1" not in stored
    assert b"key-of-p-2" in stored
    assert kept.verified().broken is None
    assert kept.rows(f"SELECT fixed FROM {ROWS} WHERE kind = 'erasure'") == [
        ('{"by":"privacy office","rows":[2,4]}',)
    ]
    with pytest.raises(UnknownPredictionError):
        kept.keep(outcomes=[outcome()])


def test_erasure_of_many_rows_takes_steps(kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers wait for one step at most."""
    monkeypatch.setattr("serving.record.erasure.ROWS_A_STEP", 2)
    kept.keep(*(answer(f"p-{each}", record_key="one") for each in range(5)))
    with kept.database.connected() as connection:
        assert erase(connection, kept.ring, by="privacy office", record_key="one") == 5
    assert kept.verified().broken is None
    assert kept.rows(f"SELECT count(*) FROM {ROWS} WHERE kind = 'erasure'") == [(3,)]


@pytest.mark.usefixtures("patient")
def test_a_full_disk_is_reported_and_survived(kept: KeptAnswers, tmp_path: Path) -> None:
    """What was acknowledged is there, the rest is refused; with room again, writing goes on."""
    with open_recorder(kept) as recorder:
        asyncio.run(recorder.write([answer()]))
        size = max(file.stat().st_size for file in tmp_path.glob("record.db*"))
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
        try:
            reason = refused(recorder)
            assert not recorder.alive()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        asyncio.run(recorder.write([answer("p-2")]))
        assert recorder.alive()
    assert "sqlite3" not in reason
    assert reason.startswith("the record's database failed: OperationalError")
    assert kept.rows(f"SELECT prediction_id FROM {ROWS} WHERE kind = 'answer'") == [("p-1",), ("p-2",)]
    assert kept.verified().broken is None


@pytest.mark.usefixtures("patient")
def test_a_locked_database_is_not_waited_for_long(kept: KeptAnswers, tmp_path: Path) -> None:
    """Another program holds the lock for longer than an answer waits."""
    kept.recorder().prepare()
    with open_recorder(kept) as recorder, closing(sqlite3.connect(tmp_path / "record.db")) as other:
        asyncio.run(recorder.write([answer()]))
        other.execute("BEGIN IMMEDIATE")
        assert refused(recorder).endswith("database is locked")
        other.rollback()
        asyncio.run(recorder.write([answer("p-2")]))
    assert LOCK_WITHIN_SECONDS < RECORDED_WITHIN_SECONDS
    assert kept.verified().broken is None


@pytest.mark.usefixtures("patient")
def test_a_damaged_database_is_reported(kept: KeptAnswers, tmp_path: Path) -> None:
    """It is neither repaired nor replaced."""
    (tmp_path / "record.db").write_bytes(b"no database at all, but long enough for a header" * 100)
    (tmp_path / "record.db").chmod(0o600)
    with open_recorder(kept) as recorder:
        assert refused(recorder).endswith("file is not a database")
    with pytest.raises(RecordError, match="file is not a database"):
        kept.verified()


@pytest.mark.usefixtures("patient")
def test_a_missing_folder_is_reported_at_start_and_later(
    kept: KeptAnswers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The service starts without its database, and its answers follow the policy."""
    kept.file.write_text(kept.file.read_text().replace("record.db", "missing/record.db"))
    recorder = environment_recorder({RECORD_VARIABLE: str(kept.file)})
    assert recorder is not None
    assert "FileNotFoundError" in refused(recorder)
    assert [record.message.startswith("answers cannot be recorded") for record in caplog.records] == [
        True
    ] * 2
    (tmp_path / "missing").mkdir()
    asyncio.run(recorder.write([answer()]))
    assert caplog.records[-1].message == "answers are recorded again"
    recorder.close()
    assert not recorder.alive()
    assert refused(recorder) == "the record is closed"


def test_a_database_that_hangs_is_not_waited_for(kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller gets an answer in time, whatever the database does."""
    monkeypatch.setattr("serving.record.recorder.RECORDED_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr("serving.record.writer.upgrade", lambda connection: time.sleep(0.5))
    kept.recorder().prepare()
    with open_recorder(kept) as recorder:
        assert refused(recorder) == "the record's database gave no answer in time"


def test_another_error_is_not_taken_for_a_lock(tmp_path: Path) -> None:
    """It is reported at once."""
    with closing(sqlite3.connect(tmp_path / "other.db", isolation_level=None)) as driver:
        driver.execute("BEGIN")
        assert not _locked(driver)
