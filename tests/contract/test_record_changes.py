"""Every change of a stored value, row or head is reported: one of each kind, and many at random.

A change is made by SQL in a transaction, verified in it and rolled back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from serving.record.append import read_head
from serving.record.checkpoint import Checkpoint, checkpoint_of
from serving.record.erasure import erase
from serving.record.tables import HEAD as TABLE_OF_HEAD
from serving.record.tables import ROWS as TABLE
from serving.record.verification import Verification, verify
from tests.kept_answers import MORNING, KeptAnswers, answer, columns, kept_answers, new_key, outcome
from tests.record_changes import (
    CHANGES,
    HEAD,
    ROWS,
    Change,
    another,
    delete_and_close_up,
    exchange,
    exchange_contents,
    insert_copy,
    remove_content,
    run,
    stored,
)

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.acceptance) for seed in range(1, 21)))
CHANGES_A_SEED = 100, 500
"""Fewer in continuous integration: 20 seeds of the longer campaign are 10,000 changes."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptAnswers:
    """Answers, outcomes, two erasures and a second key."""
    folder = tmp_path_factory.mktemp("record")
    record = kept_answers(folder)
    outcomes = [outcome(f"p-{number}") for number in range(0, 12, 3)]
    record.keep(*(answer(f"p-{number}") for number in range(12)), outcomes=outcomes)
    with record.database.connected() as connection:
        erase(connection, record.ring, by="privacy office", record_key="key-of-p-3")
        erase(connection, record.ring, by="privacy office", prediction_id="p-5")
    new_key(folder / "second.key", "22")
    record.file.write_text('address = "record.db"\nkeys = ["record.key", "second.key"]\n')
    record.keep(*(answer(f"q-{number}") for number in range(6)))
    assert record.verified().broken is None
    return record


@contextmanager
def changed(kept: KeptAnswers) -> Iterator[Connection]:
    """Give a connection whose changes are rolled back."""
    with kept.database.connected() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def verified(kept: KeptAnswers, connection: Connection, checkpoint: Checkpoint | None = None) -> Verification:
    return verify(connection, kept.ring, [] if checkpoint is None else [checkpoint])


@pytest.mark.parametrize("seed", SEEDS)
def test_every_random_change_is_reported(
    kept: KeptAnswers, seed: int, request: pytest.FixtureRequest
) -> None:
    """At the first row that was touched, where it is a row."""
    rng = random.Random(seed)
    rows = kept.verified().last
    long = request.node.get_closest_marker("acceptance") is not None
    for _ in range(CHANGES_A_SEED[long]):
        name = rng.choice(["change_value", *CHANGES])
        with changed(kept) as connection:
            touched = CHANGES[name](connection, rng, rows)
            broken = verified(kept, connection).broken
        assert broken is not None, (name, touched)
        assert touched is None or broken.sequence == touched, (name, touched, broken)


@pytest.mark.parametrize("column", [column.name for column in TABLE.columns])
def test_every_column_is_covered(kept: KeptAnswers, column: str) -> None:
    """The message names the row, and repeats no value."""
    rng = random.Random(1)
    with changed(kept) as connection:
        value = 99 if column == "sequence" else another(stored(connection, column, 4), rng)
        run(connection, f"UPDATE {ROWS} SET {column} = :value WHERE sequence = 4", value=value)
        broken = verified(kept, connection).broken
    assert broken is not None
    assert broken.sequence == 4
    assert str(value) not in broken.message


@pytest.mark.parametrize(
    ("change", "reason", "message"),
    [
        ("UPDATE {rows} SET fixed = '{{}}' WHERE sequence = 4", "changed", "row 4 was changed"),
        ("DELETE FROM {rows} WHERE sequence = 4", "missing", "row 4 is missing"),
        ("DELETE FROM {rows} WHERE sequence IN (4, 5)", "missing", "rows 4 to 5 are missing"),
        ("DELETE FROM {rows} WHERE sequence > 8", "cut", "rows 9 to 26 are missing at the end"),
        ("DELETE FROM {head}", "head", "the head is missing or there are several"),
        ("UPDATE {head} SET start = 3", "head", "the head was changed"),
        ("UPDATE {head} SET start = 9e999", "head", "the head was changed"),
        ("UPDATE {rows} SET sequence = 99 WHERE sequence = 26", "inserted", "row 99 is after the end"),
        ("UPDATE {head} SET key_id = 'x'", "unknown key", "the head names a key"),
        ("UPDATE {rows} SET key_id = 'x' WHERE sequence = 4", "unknown key", "row 4 names a key"),
        ("UPDATE {rows} SET fixed = x'ff' WHERE sequence = 4", "changed", "row 4 was changed"),
        ("UPDATE {rows} SET format = 9e999 WHERE sequence = 4", "changed", "row 4 was changed"),
        ("UPDATE {rows} SET sequence = -4 WHERE sequence = 4", "inserted", "row -4 is before the first row"),
    ],
)
def test_a_break_is_named(kept: KeptAnswers, change: str, reason: str, message: str) -> None:
    """What happened, and where."""
    with changed(kept) as connection:
        connection.exec_driver_sql(change.format(rows=ROWS, head=HEAD))
        broken = verified(kept, connection).broken
    assert broken is not None
    assert (broken.reason, broken.message[: len(message)]) == (reason, message)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (exchange, "reordered"),
        (delete_and_close_up, "missing"),
        (insert_copy, "inserted"),
        (exchange_contents, "changed"),
        (remove_content, "changed"),
    ],
)
def test_a_rearrangement_is_named(kept: KeptAnswers, change: Change, reason: str) -> None:
    """A row that is right at another place shows what happened."""
    rng = random.Random(4)
    with changed(kept) as connection:
        first = change(connection, rng, kept.verified().last)
        broken = verified(kept, connection).broken
    assert broken is not None
    assert (broken.reason, broken.sequence) == (reason, first)


def test_a_copy_of_an_earlier_row_is_named(kept: KeptAnswers) -> None:
    """It is right where it was copied from, and there only."""
    with changed(kept) as connection:
        run(connection, f"DELETE FROM {ROWS} WHERE sequence = 6")
        names = ", ".join(name for name in columns(connection, ROWS) if name != "sequence")
        copied = f"SELECT 6, {names} FROM {ROWS} WHERE sequence = 4"
        run(connection, f"INSERT INTO {ROWS} (sequence, {names}) {copied}")
        broken = verified(kept, connection).broken
    assert broken is not None
    assert (broken.reason, broken.message) == ("reordered", "row 6 is row 4 at another place")


def test_content_that_comes_back_from_a_backup_is_reported(tmp_path: Path) -> None:
    """All of it is right; only the row of the erasure says that it should be gone."""
    kept = kept_answers(tmp_path)
    kept.keep(answer())
    names = "content, salt, record_key"
    ((content, salt, record_key),) = kept.rows(f"SELECT {names} FROM {ROWS} WHERE sequence = 2")
    with kept.database.connected() as connection:
        erase(connection, kept.ring, by="privacy office", prediction_id="p-1")
    back = "content = :content, salt = :salt, record_key = :record_key, erased_by = NULL"
    values = {"content": content, "salt": salt, "record_key": record_key}
    kept.change(f"UPDATE {ROWS} SET {back} WHERE sequence = 2", **values)
    broken = kept.verified().broken
    assert broken is not None
    assert (broken.sequence, broken.message.split(": ")[1]) == (
        3,
        "a row whose erasure it reports has content",
    )


def test_an_erasure_that_was_undone_is_reported(kept: KeptAnswers) -> None:
    """Content that comes back from a backup is not what the record reports."""
    with changed(kept) as connection:
        run(connection, f"UPDATE {ROWS} SET erased_by = NULL, content = '{{}}', salt = '' WHERE sequence = 5")
        broken = verified(kept, connection).broken
    assert broken is not None
    assert (broken.reason, broken.sequence) == ("changed", 5)


def test_an_earlier_copy_is_shown_by_a_checkpoint(tmp_path: Path) -> None:
    """A whole earlier database verifies alone, and not against the checkpoint of a later day."""
    kept = kept_answers(tmp_path)
    kept.keep(answer("p-1"))
    earlier = (tmp_path / "record.db").read_bytes()
    kept.keep(answer("p-2"))
    with kept.database.snapshot() as connection:
        checkpoint = checkpoint_of(read_head(connection), kept.ring, MORNING)
    assert kept.verified([checkpoint]).broken is None
    (tmp_path / "record.db").write_bytes(earlier)
    broken = kept.verified([checkpoint]).broken
    assert kept.verified().broken is None
    assert broken is not None
    assert (broken.reason, broken.sequence) == ("cut", 3)


def test_another_history_is_shown_by_a_checkpoint(tmp_path: Path) -> None:
    """Whoever has the key can write other rows, but not the checkpoints of another place."""
    kept = kept_answers(tmp_path)
    kept.keep(answer("p-1"))
    with kept.database.snapshot() as connection:
        checkpoint = checkpoint_of(read_head(connection), kept.ring, MORNING)
    (tmp_path / "record.db").unlink()
    kept.keep(answer("p-9"))
    broken = kept.verified([checkpoint]).broken
    assert broken is not None
    assert (broken.reason, broken.sequence) == ("checkpoint", 2)


def test_a_head_of_another_history_is_reported(tmp_path: Path) -> None:
    """It was signed with the key, for other rows."""
    names = [column.name for column in TABLE_OF_HEAD.columns]
    heads = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        kept = kept_answers(tmp_path / name)
        kept.keep(answer(name))
        heads += kept.rows(f"SELECT {', '.join(names)} FROM {HEAD}")
    setting = ", ".join(f"{name} = :{name}" for name in names)
    kept.change(f"UPDATE {HEAD} SET {setting}", **dict(zip(names, heads[0], strict=True)))
    broken = kept.verified().broken
    assert broken is not None
    assert (broken.reason, broken.message) == ("head", "the head names another last row than there is")
