"""What happened to a row that does not follow the row before it: changed, exchanged, inserted, missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection, select

from serving.record.chain import ChainedRow
from serving.record.keys import KeyRing
from serving.record.tables import ROWS
from serving.record.verification import Break, hash_is_right

FARTHEST = 50
"""How many sequences before and after are tried for a row."""


def diagnosed(connection: Connection, ring: KeyRing, row: ChainedRow, previous: str) -> Break:
    """Name what happened.

    Parameters
    ----------
    connection : Connection
    ring : KeyRing
    row : ChainedRow
        The first that is not right.
    previous : str
        Hash of the row before it, which is right.

    Returns
    -------
    broken : Break
    """
    sequence = row.sequence
    if _follows_at(_row_at(connection, sequence + 1), sequence, previous, ring):
        return Break(sequence, "inserted", f"row {sequence} was inserted")
    own = _own_place(connection, ring, row)
    if own is None:
        return Break(sequence, "changed", f"row {sequence} was changed")
    if _follows_at(_row_at(connection, own), sequence, previous, ring):
        return Break(sequence, "reordered", f"row {sequence} was exchanged with row {own}")
    if own > sequence:
        return Break(sequence, "missing", f"row {sequence} is missing: row {own} has its place")
    return Break(sequence, "reordered", f"row {sequence} is row {own} at another place")


def _own_place(connection: Connection, ring: KeyRing, row: ChainedRow) -> int | None:
    """Find the sequence with which a row has its hash; None if there is none near."""
    for sequence in _candidates(connection, row):
        if sequence != row.sequence and hash_is_right(replace(row, sequence=sequence), ring):
            return sequence
    return None


def _candidates(connection: Connection, row: ChainedRow) -> Iterator[int]:
    near = range(max(1, row.sequence - FARTHEST), row.sequence + FARTHEST + 1)
    yield from near
    if not row.previous.isascii():  # bytes that no database takes as a value
        return
    before = select(ROWS.c.sequence).where(ROWS.c.hash == row.previous)
    for sequence in connection.execute(before).scalars():
        yield sequence + 1


def _row_at(connection: Connection, sequence: int) -> ChainedRow | None:
    columns = connection.execute(select(ROWS).where(ROWS.c.sequence == sequence)).mappings().first()
    return None if columns is None else ChainedRow(**columns)


def _follows_at(row: ChainedRow | None, sequence: int, previous: str, ring: KeyRing) -> bool:
    """Say whether a row is right at a sequence, after the row of a hash."""
    if row is None or row.previous != previous:
        return False
    return hash_is_right(replace(row, sequence=sequence), ring)
