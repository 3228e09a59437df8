"""Add events to the end of the chain, in a transaction that holds its lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from serving.record.chain import (
    EMPTY,
    ChainedRow,
    Event,
    Head,
    chained,
    head_is_right,
    moved,
    signed,
    written,
)
from serving.record.keys import KeyRing, RecordKey
from serving.record.record_error import RecordError
from serving.record.tables import HEAD, ROWS

_LOCKED_HEAD = select(HEAD).with_for_update()
_NEW_HEAD = update(HEAD)
_NEW_ROWS = insert(ROWS)


class Tail:
    """The end of the chain while this process holds its lock.

    Parameters
    ----------
    connection : Connection
        In a transaction that holds the lock of the head.
    head : Head
    key : RecordKey
        With which rows are added.
    """

    def __init__(self, connection: Connection, head: Head, key: RecordKey) -> None:
        self._connection, self._key, self.head = connection, key, head
        self._recorded_at = timestamp(datetime.now(UTC))
        self._rows: list[ChainedRow] = []

    def add(self, event: Event) -> ChainedRow:
        """Chain an event; it is stored by `store`."""
        row = chained(event, self.head, self._key, self._recorded_at)
        self.head = moved(self.head, row)
        self._rows.append(row)
        return row

    def store_rows(self) -> None:
        """Store what was added, so that statements find it."""
        if self._rows:
            self._connection.execute(_NEW_ROWS, [row.as_columns() for row in self._rows])
            self._rows = []

    def store(self) -> None:
        """Store what was added, and the head."""
        self.store_rows()
        self.head = signed(self.head, self._key)
        self._connection.execute(_NEW_HEAD, asdict(self.head))

    @property
    def key(self) -> RecordKey:
        """The key with which rows are added."""
        return self._key


@contextmanager
def locked_tail(connection: Connection, ring: KeyRing) -> Iterator[Tail]:
    """Hold the end of the chain: other writers wait until what was added is committed.

    Parameters
    ----------
    connection : Connection
        Without a transaction.
    ring : KeyRing

    Yields
    ------
    tail : Tail
        What is added to it is stored and committed at the end, or nothing of it.

    Raises
    ------
    RecordError
        If the chain goes on with a key that this process does not have, or its head was changed: a row after
        it would hide that.
    SQLAlchemyError
        If the database fails.
    """
    with connection.begin():
        head = locked_head(connection)
        _refuse_changed(head, ring)
        key, key_event = _key_to_use(head, ring)
        tail = Tail(connection, head, key)
        if key_event is not None:
            tail.add(key_event)
        yield tail
        tail.store()


def locked_head(connection: Connection) -> Head:
    """Read the head; in PostgreSQL its row is locked, in SQLite the transaction has the lock."""
    return _head(connection.execute(_LOCKED_HEAD).mappings().one())


def read_head(connection: Connection) -> Head:
    """Read the head without a lock."""
    return _head(connection.execute(select(HEAD)).mappings().one())


def timestamp(moment: datetime) -> str:
    """Write a time as the record has it; texts are in the order of the times.

    Examples
    --------
    >>> timestamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _head(columns: object) -> Head:
    return Head(**{name: value for name, value in dict(columns).items() if name != "id"})  # type: ignore[call-overload]


def _refuse_changed(head: Head, ring: KeyRing) -> None:
    """Refuse to sign a head that somebody else has written; one of an unknown key is refused anyway."""
    key = ring.get(head.key_id)
    if (head.key_id and key is None) or head == EMPTY or (key is not None and head_is_right(head, key)):
        return
    message = (
        "the end of the record was changed by another program, so no row is added; "
        "keep a copy of the database, and run cart-outcomes answers verify"
    )
    raise RecordError(message)


def _key_to_use(head: Head, ring: KeyRing) -> tuple[RecordKey, Event | None]:
    """Choose the key, with the event that reports its change.

    A chain never goes back to a former key: while replicas are restarted one by one, those with the earlier
    settings go on with the key of the head.
    """
    current = ring.current
    if head.key_id == current.id:
        return current, None
    former = ring.get(head.key_id)
    if head.key_id and former is None:
        message = (
            f"the record is written with the key {head.key_id}, which this service does not have; add its "
            "file to the keys of the record's settings"
        )
        raise RecordError(message)
    if former is not None and current.id in head.former_keys.split():
        return former, None
    return current, Event("key", written({"from": head.key_id, "to": current.id}))
