"""Changes of a record by SQL, one of each kind, made by somebody with the database and without the key."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from tests.kept_answers import columns

ROWS, HEAD = "cart_outcomes_record", "cart_outcomes_record_head"

Change = Callable[[Connection, random.Random, int], int | None]
"""Makes a change to a record of so many rows; gives the first row that it touches, None for another place."""


def run(connection: Connection, statement: str, **values: Any) -> None:
    connection.execute(text(statement), values)


def stored(connection: Connection, column: str, sequence: int) -> Any:
    query = text(f"SELECT {column} FROM {ROWS} WHERE sequence = :sequence")
    return connection.execute(query, {"sequence": sequence}).scalar_one()


def another(value: Any, rng: random.Random) -> Any:
    """Change one character or digit, remove the value, or put one where there was none."""
    if value is None:
        return rng.choice(["", "x", "0", 3])
    if isinstance(value, int):
        return value + rng.choice([-1, 1, 1000])
    if not value or rng.random() < 0.1:
        return value + rng.choice(["0", " ", "é"])
    place = rng.randrange(len(value))
    changed = chr((ord(value[place]) + rng.randrange(1, 90)) % 94 + 32)
    kept = value[place]
    return value[:place] + (changed if changed != kept else "~") + value[place + 1 :]


def change_value(connection: Connection, rng: random.Random, rows: int) -> int | None:
    """Change one column of one row."""
    sequence = rng.randint(1, rows)
    column = rng.choice([name for name in columns(connection, ROWS) if name != "sequence"])
    value = another(stored(connection, column, sequence), rng)
    run(connection, f"UPDATE {ROWS} SET {column} = :value WHERE sequence = :n", value=value, n=sequence)
    return sequence


def remove_content(connection: Connection, rng: random.Random, rows: int) -> int | None:
    """Empty a row as an erasure does, and name a row that reports another erasure."""
    with_content = text(f"SELECT sequence FROM {ROWS} WHERE content IS NOT NULL")
    sequence = rng.choice(list(connection.execute(with_content).scalars()))
    by = rng.choice(["NULL", f"(SELECT min(sequence) FROM {ROWS} WHERE kind = 'erasure')", str(rows)])
    emptied = f"content = NULL, salt = NULL, record_key = NULL, erased_by = {by}"
    run(connection, f"UPDATE {ROWS} SET {emptied} WHERE sequence = :n", n=sequence)
    return sequence


def exchange(connection: Connection, rng: random.Random, rows: int) -> int | None:
    """Exchange two rows: the numbers stay in order."""
    first, second = sorted(rng.sample(range(1, rows + 1), 2))
    for old, new in ((first, -1), (second, first), (-1, second)):
        run(connection, f"UPDATE {ROWS} SET sequence = :new WHERE sequence = :old", old=old, new=new)
    return first


def exchange_contents(connection: Connection, rng: random.Random, rows: int) -> int | None:
    """Exchange the contents of two rows with everything that belongs to them."""
    with_content = text(f"SELECT sequence FROM {ROWS} WHERE content IS NOT NULL")
    first, second = sorted(rng.sample(list(connection.execute(with_content).scalars()), 2))
    names = ["content", "salt", "record_key", "content_digest"]
    values = [[stored(connection, name, each) for name in names] for each in (second, first)]
    setting = ", ".join(f"{name} = :{name}" for name in names)
    for sequence, contents in zip((first, second), values, strict=True):
        stated = dict(zip(names, contents, strict=True))
        run(connection, f"UPDATE {ROWS} SET {setting} WHERE sequence = :n", n=sequence, **stated)
    return first


def delete_row(connection: Connection, rng: random.Random, rows: int) -> int | None:
    sequence = rng.randint(1, rows)
    run(connection, f"DELETE FROM {ROWS} WHERE sequence = :n", n=sequence)
    return sequence


def delete_and_close_up(connection: Connection, rng: random.Random, rows: int) -> int | None:
    """Delete a row, and number the later ones anew."""
    sequence = delete_row(connection, rng, rows)
    run(connection, f"UPDATE {ROWS} SET sequence = -sequence WHERE sequence > :n", n=sequence)
    run(connection, f"UPDATE {ROWS} SET sequence = -sequence - 1 WHERE sequence < 0")
    return sequence


def insert_copy(connection: Connection, rng: random.Random, rows: int) -> int | None:
    """Put a copy of a row at another place; before its original, the copy is right, the original not."""
    copied, sequence = rng.randint(1, rows), rng.randint(1, rows + 1)
    names = ", ".join(name for name in columns(connection, ROWS) if name != "sequence")
    run(
        connection,
        f"INSERT INTO {ROWS} (sequence, {names}) SELECT 0, {names} FROM {ROWS} WHERE sequence = :n",
        n=copied,
    )
    run(connection, f"UPDATE {ROWS} SET sequence = -sequence WHERE sequence >= :n", n=sequence)
    run(connection, f"UPDATE {ROWS} SET sequence = :n WHERE sequence = 0", n=sequence)
    run(connection, f"UPDATE {ROWS} SET sequence = -sequence + 1 WHERE sequence < 0")
    return sequence + (sequence == copied)


def cut(connection: Connection, rng: random.Random, rows: int) -> int | None:
    """Delete the last rows, and have the head name the last that is left, or not."""
    last = rng.randint(0, rows - 1)
    run(connection, f"DELETE FROM {ROWS} WHERE sequence > :n", n=last)
    if last and rng.random() < 0.5:
        new = {name: stored(connection, name, last) for name in ("sequence", "hash", "key_id")}
        run(connection, f"UPDATE {HEAD} SET sequence = :sequence, hash = :hash, key_id = :key_id", **new)
        return None
    return last + 1


def change_head(connection: Connection, rng: random.Random, rows: int) -> int | None:
    column = rng.choice([name for name in columns(connection, HEAD) if name != "id"])
    value = another(connection.execute(text(f"SELECT {column} FROM {HEAD}")).scalar_one(), rng)
    run(connection, f"UPDATE {HEAD} SET {column} = :value", value=value)
    return None


CHANGES: Mapping[str, Change] = {
    change.__name__: change
    for change in (
        change_value,
        remove_content,
        exchange,
        exchange_contents,
        delete_row,
        delete_and_close_up,
        insert_copy,
        cut,
        change_head,
    )
}
