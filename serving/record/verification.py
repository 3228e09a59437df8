"""Verify the chain from its first row to its head, in constant memory, and name the first broken row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, select

from serving.record.append import read_head
from serving.record.chain import EMPTY, ChainedRow, Head, content_digest, head_is_right, row_hash
from serving.record.checkpoint import Checkpoint
from serving.record.keys import KeyRing
from serving.record.restore import lost_checkpoints, restore_rows
from serving.record.tables import HEAD, ROWS

ROWS_A_PAGE = 1000

Reason = Literal["changed", "missing", "reordered", "inserted", "cut", "unknown key", "head", "checkpoint"]
"""What is wrong: a value, a gap, two rows exchanged, a row too many, rows at the end, a key, or the head."""


@dataclass(frozen=True)
class Break:
    """The first place where a record is not as it was written.

    Attributes
    ----------
    sequence : int
        Of the row; 0 for the head.
    reason : str
    message : str
        For people; without a value.
    """

    sequence: int
    reason: Reason
    message: str


@dataclass(frozen=True)
class Verification:
    """What verification found.

    Attributes
    ----------
    first, last : int
        Sequence of the first row that is kept and of the last.
    checkpoints : int
        How many checkpoints were compared.
    broken : Break or None
        None if everything is as it was written.
    restores : tuple of int
        Sequences of the rows that report a restore from a backup.
    """

    first: int
    last: int
    checkpoints: int
    broken: Break | None
    restores: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there should be."""
        return self.last - self.first + 1


def verify(connection: Connection, ring: KeyRing, checkpoints: Iterable[Checkpoint] = ()) -> Verification:
    """Verify a record.

    Parameters
    ----------
    connection : Connection
        In a transaction that sees one state of the tables, as `snapshot` gives it.
    ring : KeyRing
        With all keys of rows that are kept.
    checkpoints : iterable of Checkpoint
        Each must be of the chain, or reported as lost by a restore. Without them, a record that was restored
        from an earlier copy looks whole.

    Returns
    -------
    verification : Verification
    """
    known = {(each.sequence, each.hash): each for each in checkpoints if each.sequence}
    if connection.execute(select(func.count()).select_from(HEAD)).scalar() != 1:
        return Verification(1, 0, len(known), Break(0, "head", "the head is missing or there are several"))
    head = read_head(connection)
    walk = _Walk(connection, ring, head, known.values())
    broken = _broken_head(head, ring) or walk.broken()
    return Verification(head.start, head.sequence, len(known), broken, tuple(walk.restores))


def pages(connection: Connection) -> Iterator[ChainedRow]:
    """Give all rows by sequence, read a page at a time."""
    first_page = page_of = select(ROWS).order_by(ROWS.c.sequence).limit(ROWS_A_PAGE)
    while page := connection.execute(page_of).mappings().all():
        for columns in page:
            yield ChainedRow(**columns)
        page_of = first_page.where(ROWS.c.sequence > page[-1]["sequence"])


def hash_is_right(row: ChainedRow, ring: KeyRing) -> bool:
    """Say whether a row has the hash of its columns; false if its key is unknown."""
    key = ring.get(row.key_id)
    try:
        return key is not None and row_hash(row, key) == row.hash
    except ValueError:  # a number that JSON does not have
        return False


class _Walk:
    """One walk along the chain."""

    def __init__(
        self, connection: Connection, ring: KeyRing, head: Head, checkpoints: Iterable[Checkpoint]
    ) -> None:
        self._connection, self._ring, self._head = connection, ring, head
        self._checkpoints: dict[int, list[Checkpoint]] = {}
        for each in checkpoints:
            self._checkpoints.setdefault(each.sequence, []).append(each)
        self._lost: set[tuple[int, str]] | None = None
        self.restores: list[int] = []
        self._previous, self._key_id = head.start_previous, ""

    def broken(self) -> Break | None:
        """Find the first break."""
        expected = self._head.start
        for row in pages(self._connection):
            broken = self._broken_place(row, expected) or self._broken_row(row)
            if broken is not None:
                return broken
            self._previous, self._key_id, expected = row.hash, row.key_id, expected + 1
            self.restores += [row.sequence] if row.kind == "restore" else []
        return self._broken_end(expected - 1)

    def _broken_place(self, row: ChainedRow, expected: int) -> Break | None:
        if row.sequence < expected:
            return Break(row.sequence, "inserted", f"row {row.sequence} is before the first row that is kept")
        if row.sequence > self._head.sequence:
            return Break(row.sequence, "inserted", f"row {row.sequence} is after the end of the record")
        if row.sequence > expected:
            return Break(expected, "missing", f"{_rows(expected, row.sequence - 1)} missing")
        return None

    def _broken_row(self, row: ChainedRow) -> Break | None:
        sequence = row.sequence
        if self._ring.get(row.key_id) is None:
            message = f"row {sequence} names a key that is not among the keys of the record"
            return Break(sequence, "unknown key", message)
        if row.previous != self._previous or not hash_is_right(row, self._ring):
            # Most records are whole: the search for what happened is a module of its own.
            from serving.record.diagnosis import diagnosed

            return diagnosed(self._connection, self._ring, row, self._previous)
        reason = self._wrong_key_change(row) or self._wrong_content(row) or self._wrong_erasure(row)
        if reason:
            return Break(sequence, "changed", f"row {sequence} was changed: {reason}")
        return self._broken_checkpoint(row)

    def _wrong_key_change(self, row: ChainedRow) -> str:
        changes = row.key_id != self._key_id and (self._key_id != "" or row.sequence == 1)
        return "its key is another one, and no row reports that" if changes and row.kind != "key" else ""

    def _wrong_content(self, row: ChainedRow) -> str:
        parts = (row.content, row.salt, row.record_key)
        if row.content is not None and row.erased_by is None:
            key = self._ring.get(row.key_id)
            right = key is not None and content_digest(row, key) == row.content_digest
            return "" if right else "its content is another one"
        if parts != (None, None, None):
            return "its content is partly there"
        if row.content_digest == "":
            return "" if row.erased_by is None else "it has no content that could be erased"
        return "" if self._is_reported(row) else "its content is gone, and no row reports its erasure"

    def _is_reported(self, row: ChainedRow) -> bool:
        """Say whether a later row reports the erasure; one that is broken is found in its turn."""
        if row.erased_by is None or not row.sequence < row.erased_by <= self._head.sequence:
            return False
        named = select(ROWS).where(ROWS.c.sequence == row.erased_by)
        columns = self._connection.execute(named).mappings().first()
        if columns is None or not hash_is_right(report := ChainedRow(**columns), self._ring):
            return True
        return report.kind == "erasure" and row.sequence in json.loads(report.fixed)["rows"]

    def _wrong_erasure(self, row: ChainedRow) -> str:
        if row.kind != "erasure":
            return ""
        kept = [each for each in json.loads(row.fixed)["rows"] if each >= self._head.start]
        erased = select(func.count()).where(ROWS.c.sequence.in_(kept), ROWS.c.erased_by == row.sequence)
        whole = self._connection.execute(erased).scalar() == len(kept)
        return "" if whole else "a row whose erasure it reports has content"

    def _broken_checkpoint(self, row: ChainedRow) -> Break | None:
        others = [each for each in self._checkpoints.get(row.sequence, ()) if each.hash != row.hash]
        wrong = self._unreported(others)
        if not wrong:
            return None
        message = f"row {row.sequence} is another one than the checkpoint of {wrong[0].written_at} has"
        return Break(row.sequence, "checkpoint", message)

    def _unreported(self, checkpoints: list[Checkpoint]) -> list[Checkpoint]:
        """Keep the checkpoints that no restore reports as lost."""
        if not checkpoints:
            return []
        if self._lost is None:
            rows = [row for row in restore_rows(self._connection) if hash_is_right(row, self._ring)]
            self._lost = lost_checkpoints(row for row in rows if row.sequence <= self._head.sequence)
        lost = self._lost
        return [each for each in checkpoints if (each.sequence, each.hash) not in lost]

    def _broken_end(self, last: int) -> Break | None:
        if last < self._head.sequence:
            return Break(last + 1, "cut", f"{_rows(last + 1, self._head.sequence)} missing at the end")
        if self._previous != self._head.hash or self._key_id not in ("", self._head.key_id):
            return Break(0, "head", "the head names another last row than there is")
        later = [each for at, all_of in self._checkpoints.items() if at > last for each in all_of]
        beyond = self._unreported(later)
        if beyond:
            message = f"{_rows(last + 1, max(each.sequence for each in beyond))} missing at the end: "
            return Break(last + 1, "cut", f"{message}a checkpoint of {beyond[0].written_at} has more")
        return None


def _broken_head(head: Head, ring: KeyRing) -> Break | None:
    if head == EMPTY:
        return None
    key = ring.get(head.key_id)
    if key is None:
        return Break(0, "unknown key", "the head names a key that is not among the keys of the record")
    return None if head_is_right(head, key) else Break(0, "head", "the head was changed")


def _rows(first: int, last: int) -> str:
    return f"row {first} is" if first == last else f"rows {first} to {last} are"
