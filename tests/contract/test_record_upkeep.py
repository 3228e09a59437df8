"""Settings, keys, checkpoints and retention of a record: what the service does once a day."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from serving.identity.private_file import SettingsError
from serving.record.append import read_head
from serving.record.checkpoint import (
    Checkpoint,
    checkpoint_of,
    daily_file,
    read_checkpoints,
    write_checkpoint,
)
from serving.record.chores import Chores
from serving.record.keys import read_ring
from serving.record.record_error import RecordError
from serving.record.retention import remove_old
from serving.record.settings import RECORD_VARIABLE, environment_recorder, read_settings
from tests.kept_answers import KeptAnswers, answer, kept_answers, new_key, outcome

ROWS = "cart_outcomes_record"
SOON = datetime.now(UTC) + timedelta(days=40)
"""When everything that the tests write is a month old."""


@pytest.fixture
def kept(tmp_path: Path) -> KeptAnswers:
    return kept_answers(tmp_path)


def do_chores(kept: KeptAnswers, now: datetime, chores: Chores | None = None) -> Chores:
    """Do what a process does on a day."""
    made = chores or Chores(kept.settings, kept.ring)
    with kept.database.connected() as connection:
        made.do(connection, now)
    return made


def checkpoint(kept: KeptAnswers) -> Checkpoint:
    with kept.database.snapshot() as connection:
        return checkpoint_of(read_head(connection), kept.ring, SOON)


def test_old_rows_are_removed_and_the_rest_verifies(
    kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In steps, each reported; rows from then on stay."""
    monkeypatch.setattr("serving.record.retention.ROWS_A_STEP", 2)
    kept.keep(*(answer(f"p-{number}") for number in range(4)), outcomes=[outcome("p-0")])
    before = checkpoint(kept)
    with kept.database.connected() as connection:
        assert remove_old(connection, kept.ring, days=30, now=SOON) == 6
        assert remove_old(connection, kept.ring, days=41, now=SOON) == 0
    kept.keep(answer("p-9"))
    verification = kept.verified([before])
    assert verification.broken is None
    assert (verification.first, verification.last) == (7, 10)
    assert [json.loads(fixed)["last"] for (fixed,) in kept.rows(f"SELECT fixed FROM {ROWS} LIMIT 3")] == [
        2,
        4,
        6,
    ]
    kept.change(f"DELETE FROM {ROWS} WHERE sequence = 7")
    broken = kept.verified().broken
    assert broken is not None
    assert (broken.reason, broken.sequence) == ("missing", 7)


def test_two_processes_remove_a_row_once(kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one was faster between the look and the lock: nothing is removed or reported."""
    kept.keep(answer())
    looks = iter([True, False])
    monkeypatch.setattr("serving.record.retention._first_is_old", lambda *_: next(looks))
    with kept.database.connected() as connection:
        assert remove_old(connection, kept.ring, days=41, now=SOON) == 0
    assert kept.verified().rows == 2


def test_only_old_rows_are_removed(kept: KeptAnswers) -> None:
    """A row that is young enough stays, and all after it."""
    kept.keep(answer(), answer("p-2"))
    kept.change(f"UPDATE {ROWS} SET recorded_at = '2099-01-01' WHERE sequence = 2")
    with kept.database.connected() as connection:
        assert remove_old(connection, kept.ring, days=30, now=SOON) == 1
    assert kept.rows(f"SELECT min(sequence) FROM {ROWS}") == [(2,)]


def test_a_checkpoint_is_written_once_a_day(kept: KeptAnswers, tmp_path: Path) -> None:
    """By the first process of the day; a later one leaves it as it is."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    kept.file.write_text(kept.file.read_text() + f'checkpoints = "{folder}"\nretention_days = 30\n')
    kept.keep(answer())
    now = datetime.now(UTC)
    chores = do_chores(kept, now)
    file = daily_file(folder, now)
    written = file.read_bytes()
    assert stat.filemode(file.stat().st_mode) == "-rw-------"
    kept.keep(answer("p-2"))
    do_chores(kept, now, chores)
    do_chores(kept, now)
    assert file.read_bytes() == written
    do_chores(kept, now + timedelta(days=1), chores)
    checkpoints = list(read_checkpoints(folder, kept.ring))
    assert [(each.sequence, each.count) for each in checkpoints] == [(2, 2), (3, 3)]
    assert kept.verified(checkpoints).broken is None
    do_chores(kept, SOON, chores)
    assert kept.verified(checkpoints).first == 4


def test_nothing_is_removed_without_the_checkpoint_of_the_day(kept: KeptAnswers, tmp_path: Path) -> None:
    """A disk that is not mounted is reported, and the day is tried again."""
    kept.file.write_text(kept.file.read_text() + 'checkpoints = "elsewhere"\nretention_days = 1\n')
    kept.keep(answer())
    chores = Chores(kept.settings, kept.ring)
    with pytest.raises(RecordError, match="FileNotFoundError"):
        do_chores(kept, SOON, chores)
    assert kept.verified().first == 1
    (tmp_path / "elsewhere").mkdir()
    do_chores(kept, SOON, chores)
    assert kept.verified().first == 3


def test_a_day_without_duties_does_nothing(kept: KeptAnswers) -> None:
    kept.keep(answer())
    do_chores(kept, SOON)
    assert kept.verified().rows == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sequence": 1}, "it was changed"),
        ({"written_at": "2026"}, "it was changed"),
        ({"key_id": "x"}, "its key is not among the keys"),
        ({"hash": "x"}, "is no checkpoint, or damaged"),
        ({"more": 1}, "is no checkpoint, or damaged"),
    ],
)
def test_a_changed_checkpoint_does_not_count(
    kept: KeptAnswers, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    """It is named, with what is wrong."""
    kept.keep(answer())
    file = daily_file(tmp_path, SOON)
    write_checkpoint(file, checkpoint(kept))
    assert len(list(read_checkpoints(tmp_path, kept.ring))) == 1
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    with pytest.raises(RecordError, match=reason) as caught:
        list(read_checkpoints(tmp_path, kept.ring))
    assert file.name in str(caught.value)


def test_an_empty_record_has_a_checkpoint(kept: KeptAnswers, tmp_path: Path) -> None:
    """It counts for nothing but that there was a record."""
    kept.recorder().prepare()
    assert checkpoint(kept).count == 0
    assert kept.verified([checkpoint(kept)]).broken is None
    with pytest.raises(RecordError, match="has no checkpoint"):
        list(read_checkpoints(tmp_path, kept.ring))


def test_a_checkpoint_needs_the_key_of_the_last_row(kept: KeptAnswers, tmp_path: Path) -> None:
    kept.keep(answer())
    new_key(tmp_path / "other.key", "33")
    with kept.database.snapshot() as connection:
        head = read_head(connection)
    with pytest.raises(RecordError, match="the keys do not include"):
        checkpoint_of(head, read_ring([tmp_path / "other.key"]), SOON)


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("", ["address: Field required", "keys: Field required"]),
        ('address = "a"\nkeys = []', ["keys: Tuple should have at least 1 item"]),
        ('address = "mysql://a@b/c"\nkeys = ["k"]', ["address: must be the path of an SQLite file"]),
        ('address = "postgresql+pg8000://h/d"\nkeys = ["k"]', ["address: must be the path"]),
        ('address = "postgresql+pg8000://u:secret@h/d"\nkeys = ["k"]', ["name it as password_file"]),
        ('address = "a"\nkeys = ["k"]\nfolder = "/"', ["folder: Extra inputs are not permitted"]),
        ('address = "a"\nkeys = ["k", 3]', ["keys 2: Input should be a valid string"]),
        ('address = "a"\nkeys = ["k"]\npolicy = "ignore"', ["policy: Input should be 'refuse'"]),
        ('address = "a"\nkeys = ["k"]\nretention_days = 0', ["retention_days: Input should be greater"]),
        ("address = ", ["is not TOML"]),
        ("\udcff", ["is not UTF-8 text"]),
    ],
)
def test_mistakes_in_the_settings_are_named(tmp_path: Path, text: str, mistakes: list[str]) -> None:
    """By their place in the file, without the values."""
    file = tmp_path / "record.toml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(SettingsError) as caught:
        read_settings(file)
    assert [mistake for mistake in mistakes if mistake not in str(caught.value)] == []
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("11" * 15,), "fewer than 32 bytes"),
        (("11" * 32, "11" * 32), "have the same key"),
        ((), "cannot read"),
    ],
)
def test_unusable_keys_are_refused(tmp_path: Path, keys: tuple[str, ...], reason: str) -> None:
    """With the remedy; the key is not repeated."""
    files = [tmp_path / f"{number}.key" for number, _ in enumerate(keys)] or [tmp_path / "missing.key"]
    for file, key in zip(files, keys, strict=False):
        file.write_text(key)
        file.chmod(0o600)
    with pytest.raises(SettingsError, match=reason) as caught:
        read_ring(files)
    assert "1111" not in str(caught.value)


def test_without_settings_there_is_no_recorder(kept: KeptAnswers) -> None:
    """And with them, its tables are made at the start."""
    assert environment_recorder({}) is None
    recorder = environment_recorder({RECORD_VARIABLE: str(kept.file)})
    assert recorder is not None
    assert (recorder.policy, recorder.shadow, recorder.alive()) == ("refuse", False, True)
    assert kept.rows("SELECT version_num FROM cart_outcomes_record_version") == [("0001",)]
