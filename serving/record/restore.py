"""Report that a record was restored from a backup: which checkpoints are of rows that are lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select

from serving.record.append import Tail, locked_tail
from serving.record.chain import ChainedRow, Event, written
from serving.record.checkpoint import Checkpoint
from serving.record.keys import KeyRing
from serving.record.tables import ROWS


def report_restore(
    connection: Connection, ring: KeyRing, checkpoints: Iterable[Checkpoint], *, by: str, why: str
) -> tuple[int, list[Checkpoint]]:
    """Write a row that reports a restore; the chain goes on from the rows of the backup.

    Parameters
    ----------
    connection : Connection
        Without a transaction.
    ring : KeyRing
    checkpoints : iterable of Checkpoint
        All that there are. Those that the record does not have now are named in the row: from then on they
        are no break.
    by, why : str
        Who restored it and why; stay in the record.

    Returns
    -------
    row : int
        Sequence of the row that reports it.
    lost : list of Checkpoint
        That the row names.

    Raises
    ------
    RecordError
        If the chain goes on with an unknown key.
    SQLAlchemyError
        If the database fails.
    """
    with locked_tail(connection, ring) as tail:
        last = tail.head.sequence
        lost = [each for each in checkpoints if _is_lost(connection, tail, each)]
        named = sorted({(each.sequence, each.hash) for each in lost})
        row = tail.add(Event("restore", written({"by": by, "last": last, "lost": named, "why": why})))
    return row.sequence, lost


def lost_checkpoints(rows: Iterable[ChainedRow]) -> set[tuple[int, str]]:
    """Collect sequence and hash of the checkpoints that rows report as lost.

    Parameters
    ----------
    rows : iterable of ChainedRow
        Of this kind, with the right hashes.
    """
    return {(sequence, digest) for row in rows for sequence, digest in json.loads(row.fixed)["lost"]}


def restore_rows(connection: Connection) -> Iterator[ChainedRow]:
    """Give the rows that report a restore."""
    selected = select(ROWS).where(ROWS.c.kind == "restore").order_by(ROWS.c.sequence)
    for columns in connection.execute(selected).mappings().all():
        yield ChainedRow(**columns)


def _is_lost(connection: Connection, tail: Tail, checkpoint: Checkpoint) -> bool:
    """Say whether a checkpoint is of a row that is not there, or was replaced since the restore."""
    if checkpoint.sequence < tail.head.start:
        return False
    tail.store_rows()
    stored = select(ROWS.c.hash).where(ROWS.c.sequence == checkpoint.sequence)
    return connection.execute(stored).scalar() != checkpoint.hash
