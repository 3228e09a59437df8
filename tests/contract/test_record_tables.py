"""The tables of a record, from version to version; keys, replicas and processes that share them."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from serving.record import upgrade as upgrades
from serving.record.append import locked_tail
from serving.record.chain import NO_HASH
from serving.record.record_error import RecordError
from serving.record.writer import _is_committed
from tests.kept_answers import KeptAnswers, answer, kept_answers, new_key

ROWS = "cart_outcomes_record"
NEXT_VERSION = """
from alembic import op
import sqlalchemy as sa

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.create_table("later_table", sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.fixture
def kept(tmp_path: Path) -> KeptAnswers:
    return kept_answers(tmp_path)


def test_replicas_follow_a_rotation_one_after_the_other(tmp_path: Path) -> None:
    """One still has the earlier settings: it goes on with the new key, and not back to the old one."""
    earlier = kept_answers(tmp_path)
    new_key(tmp_path / "second.key", "22")
    earlier.keep(answer("p-1"))
    text = earlier.file.read_text()
    later = KeptAnswers(tmp_path / "later.toml")
    later.file.write_text(text.replace('["record.key"]', '["record.key", "second.key"]'))
    first = text.replace('["record.key"]', '["second.key", "record.key"]')
    later.keep(answer("p-2"))
    with pytest.raises(RecordError, match="which this service does not have"):
        earlier.keep(answer("p-3"))
    earlier.file.write_text(first)
    earlier.keep(answer("p-4"))
    later.keep(answer("p-5"))
    assert later.rows(f"SELECT count(*) FROM {ROWS} WHERE kind = 'key'") == [(2,)]
    assert len(later.rows(f"SELECT DISTINCT key_id FROM {ROWS}")) == 2
    assert later.verified().broken is None


def test_a_later_version_of_the_tables_is_refused(kept: KeptAnswers) -> None:
    """An earlier program does not write into tables that it does not know."""
    kept.keep(answer())
    kept.change("UPDATE cart_outcomes_record_version SET version_num = '9999'")
    with pytest.raises(RecordError, match="a later version of cart-outcomes"):
        kept.keep(answer("p-2"))


def test_an_earlier_version_of_the_tables_is_upgraded(
    kept: KeptAnswers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that are there stay as they are, and their chain goes on."""
    kept.keep(answer())
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(upgrades.__file__).parent / "migrations", scripts)
    (scripts / "versions" / "second.py").write_text(NEXT_VERSION)
    monkeypatch.setattr(upgrades, "_scripts", lambda: ScriptDirectory(str(scripts)))
    kept.keep(answer("p-2"))
    assert kept.rows("SELECT version_num FROM cart_outcomes_record_version") == [("0002",)]
    assert kept.rows("SELECT count(*) FROM later_table") == [(0,)]
    assert kept.verified().broken is None
    assert kept.verified().rows == 3


def test_a_forked_process_writes_with_a_thread_of_its_own(
    kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads and connections do not survive a fork; here the process only seems to be another one."""
    recorder = kept.recorder()
    asyncio.run(recorder.write([answer()]))
    parent = recorder._writer
    monkeypatch.setattr("serving.record.recorder.os.getpid", lambda: -1)
    asyncio.run(recorder.write([answer("p-2")]))
    assert recorder._writer is not parent
    recorder.close()
    assert parent is not None
    parent.close(5)
    assert kept.verified().rows == 3


def test_a_process_that_was_not_forked_closes_nothing(
    kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread of the parent is not there."""
    recorder = kept.recorder()
    asyncio.run(recorder.write([answer()]))
    with monkeypatch.context() as child:
        child.setattr("serving.record.recorder.os.getpid", lambda: -1)
        recorder.close()
    assert recorder._writer is not None
    recorder._writer.close(5)


def test_a_commit_is_found_by_its_last_row(kept: KeptAnswers) -> None:
    """The rows of another process at the same place are not taken for it."""
    with kept.database.connected() as connection:
        upgrades.upgrade(connection)
        with locked_tail(connection, kept.ring) as tail:
            pass
        assert _is_committed(connection, tail)
        tail.head = replace(tail.head, hash=NO_HASH)
        assert not _is_committed(connection, tail)


def test_tables_are_made_once(kept: KeptAnswers) -> None:
    """A table of its own keeps the version: MLflow and Optuna use the usual name."""
    kept.recorder().prepare()
    with kept.database.connected() as connection:
        upgrades.upgrade(connection)
    tables = {name for (name,) in kept.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {ROWS, f"{ROWS}_head", f"{ROWS}_version"}
    assert kept.verified().rows == 0
