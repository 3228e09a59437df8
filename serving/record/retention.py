"""Remove rows that are older than a site keeps them; the chain then starts at the first row that is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from serving.record.append import Tail, locked_tail, read_head, timestamp
from serving.record.chain import Event, written
from serving.record.keys import KeyRing
from serving.record.tables import ROWS

ROWS_A_STEP = 2000
"""Rows that are removed in one transaction, so that answers do not wait for long."""


def remove_old(connection: Connection, ring: KeyRing, *, days: int, now: datetime) -> int:
    """Remove rows that were written before a time, from the first on.

    Each step is reported by a row of its own. The signed head keeps the hash before the new first row, so the
    rest verifies as before.

    Parameters
    ----------
    connection : Connection
        Without a transaction.
    ring : KeyRing
    days : int
        Days for which rows are kept.
    now : datetime

    Returns
    -------
    removed : int
        Number of rows.

    Raises
    ------
    RecordError
        If the chain goes on with an unknown key.
    SQLAlchemyError
        If the database fails; steps before that stay.
    """
    before = timestamp(now - timedelta(days=days))
    with connection.begin():
        last = read_head(connection).sequence
    removed = 0
    while _first_is_old(connection, before, last):
        with locked_tail(connection, ring) as tail:
            removed += _removed(connection, tail, before, last)
    return removed


def _first_is_old(connection: Connection, before: str, last: int) -> bool:
    """Say whether the first row is to be removed: mostly it is not, and then no row is written."""
    first = select(ROWS.c.recorded_at).where(ROWS.c.sequence <= last)
    with connection.begin():
        oldest = connection.execute(first.order_by(ROWS.c.sequence).limit(1)).scalar()
    return oldest is not None and oldest < before


def _removed(connection: Connection, tail: Tail, before: str, last: int) -> int:
    columns = select(ROWS.c.sequence, ROWS.c.recorded_at, ROWS.c.hash).where(ROWS.c.sequence <= last)
    old = []
    for row in connection.execute(columns.order_by(ROWS.c.sequence).limit(ROWS_A_STEP)):
        if row.recorded_at >= before:
            break
        old.append(row)
    if not old:
        return 0
    connection.execute(delete(ROWS).where(ROWS.c.sequence <= old[-1].sequence))
    tail.head = replace(tail.head, start=old[-1].sequence + 1, start_previous=old[-1].hash)
    removed = {"before": before, "first": old[0].sequence, "last": old[-1].sequence}
    tail.add(Event("retention", written(removed)))
    return len(old)
