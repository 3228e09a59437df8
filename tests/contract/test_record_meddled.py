"""A record whose file others move, cut, lock and damage: nothing is lost or hidden in silence."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from features.problems import Refused
from serving.identity.private_file import SettingsError
from serving.record.database import Database
from serving.record.record_error import RecordError
from tests.kept_answers import KeptAnswers, answer, kept_answers, outcome
from training.commands import answers

ROWS, HEAD = "cart_outcomes_record", "cart_outcomes_record_head"


@pytest.fixture
def kept(tmp_path: Path) -> KeptAnswers:
    return kept_answers(tmp_path)


def whole_in_one_file(file: Path) -> bytes:
    """Read a database after everything in its log was moved to it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    return file.read_bytes()


@pytest.mark.parametrize("replaced", [False, True])
def test_rows_are_not_written_to_a_file_that_is_gone(
    kept: KeptAnswers, tmp_path: Path, replaced: bool
) -> None:
    """An open file takes rows after its name is gone, and ends with the process. Back, it is used again."""
    file, away = tmp_path / "record.db", tmp_path / "away.db"
    recorder = kept.recorder()

    async def write() -> None:
        await recorder.write([answer()])
        file.rename(away)
        if replaced:
            file.touch(0o600)
        for _ in range(2):
            with pytest.raises(RecordError, match="was removed or replaced while this program runs"):
                await recorder.write([answer("p-late")])
        away.replace(file)
        await recorder.write([answer("p-2")])

    try:
        asyncio.run(write())
    finally:
        recorder.close()
    assert [name for (name,) in kept.rows(f"SELECT prediction_id FROM {ROWS} ORDER BY 1")] == [
        None,
        "p-1",
        "p-2",
    ]
    assert kept.verified().broken is None


@pytest.mark.parametrize(
    "change",
    [
        "hash = (SELECT hash FROM cart_outcomes_record WHERE sequence = 3), sequence = 3",
        "sequence = 3",
        "former_keys = 'x'",
        "mac = ''",
        "mac = 'é'",
        "key_id = ''",
    ],
)
def test_a_head_that_somebody_wrote_is_not_signed(kept: KeptAnswers, change: str) -> None:
    """A row after it would have the cut verified; erasing and removing add rows, too."""
    kept.keep(*(answer(f"p-{number}") for number in range(5)))
    kept.change(f"DELETE FROM {ROWS} WHERE sequence > 3", f"UPDATE {HEAD} SET {change}")
    for add in (
        lambda: kept.keep(answer("p-late")),
        lambda: answers.erase(kept.file, prediction="p-1"),
    ):
        with pytest.raises((RecordError, Refused), match="the end of the record was changed by another"):
            add()
    assert kept.verified().broken is not None


def test_a_comparison_is_erased_with_its_options(kept: KeptAnswers) -> None:
    """They are the same patient; identifiers that only look like it stay."""
    kept.keep(*(answer(name) for name in ("id", "id.1", "id.3", "id.x", "idx1", "i", "id.1.1")))
    answers.erase(kept.file, prediction="id")
    left = kept.rows(f"SELECT prediction_id FROM {ROWS} WHERE content IS NOT NULL ORDER BY 1")
    assert [name for (name,) in left] == ["i", "id.1.1", "id.x", "idx1"]
    answers.verify(kept.file)


@pytest.mark.parametrize("named", ["%", "id%", "' OR ''='", "a\0b", "x" * 2**20, "\udcff"])
def test_what_is_erased_is_no_pattern(kept: KeptAnswers, named: str) -> None:
    """Nor SQL, nor anything but a key or an identifier."""
    kept.keep(answer("id"))
    for words in ({"record_key": named}, {"prediction": named}):
        with pytest.raises(Refused) as caught:
            answers.erase(kept.file, **words)
        assert len(str(caught.value)) < 200
    assert kept.rows(f"SELECT count(*) FROM {ROWS} WHERE content IS NOT NULL") == [(1,)]


def test_a_reader_who_keeps_what_was_erased_is_reported(kept: KeptAnswers, tmp_path: Path) -> None:
    """While another program reads, SQLite cannot overwrite; afterwards the same command does."""
    kept.keep(answer(record_key="CANARY-7"), answer("p-2"))
    with kept.database.snapshot() as reader:
        reader.execute(text(f"SELECT count(*) FROM {ROWS}")).all()
        with pytest.raises(Refused, match="still have what was erased or removed"):
            answers.erase(kept.file, record_key="CANARY-7")
    with pytest.raises(Refused, match="nothing was erased"):
        answers.erase(kept.file, record_key="CANARY-7")
    assert not [file for file in tmp_path.glob("record.db*") if b"CANARY-7" in file.read_bytes()]


def test_a_damaged_file_is_refused_in_words(kept: KeptAnswers, tmp_path: Path) -> None:
    """Whatever bytes are damaged; a failed export leaves no part of a table behind."""
    kept.keep(*(answer(f"p-{number}") for number in range(60)))
    file, rng = tmp_path / "record.db", random.Random(3)
    whole, refused = whole_in_one_file(file), 0
    for _ in range(30):
        damaged = bytearray(whole)
        for _ in range(8):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        for log in tmp_path.glob("record.db-*"):
            log.unlink()
        file.write_bytes(damaged)
        for command in (answers.verify, lambda file: answers.export(tmp_path / "out", file)):
            try:
                command(kept.file)
            except Refused:
                refused += 1
    assert refused > 30
    assert not list(tmp_path.glob("out/data/.*"))


def test_a_table_of_versions_with_two_rows_is_named(kept: KeptAnswers) -> None:
    """The service starts and refuses answers, as for any other damage."""
    kept.keep(answer())
    kept.change("INSERT INTO cart_outcomes_record_version VALUES ('x')")
    with pytest.raises(RecordError, match="cart_outcomes_record_version of the record's database is damaged"):
        kept.recorder().prepare()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("postgresql+pg8000://a@b/c?password=CANARY", "a parameter after it could be a password"),
        ("postgresql+pg8000://a@b:CANARY/c", "must be postgresql"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(tmp_path: Path, address: str, reason: str) -> None:
    """At the start, without repeating it."""
    with pytest.raises(SettingsError, match=reason) as caught:
        Database(kept_answers(tmp_path, address=address).settings)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("content", ["[", "[]", "{}", '{"outcome": [], "happened": true, "day": null}'])
def test_an_altered_report_stops_no_other(kept: KeptAnswers, content: str) -> None:
    """It cannot be read, so that it contradicts nothing; the verification names it."""
    kept.keep(answer(), outcomes=[outcome(name="relapse", day=100)])
    kept.change(f"UPDATE {ROWS} SET content = :content WHERE kind = 'outcome'", content=content)
    kept.keep(outcomes=[outcome(name="death_without_relapse", day=150)])
    broken = kept.verified().broken
    assert broken is not None
    assert broken.reason == "changed"
