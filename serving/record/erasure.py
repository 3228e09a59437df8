"""Erase what the record has of a patient; the rows and the chain stay, and a row reports the erasure."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select, update

from serving.record.append import Tail, locked_tail
from serving.record.chain import Event, written
from serving.record.keys import KeyRing
from serving.record.tables import ROWS

ROWS_A_STEP = 500
"""Rows that one row reports as erased."""

MOST_NUMBERED = 100
"""Options of a comparison that are looked for: more than one has."""


def erase(
    connection: Connection,
    ring: KeyRing,
    *,
    by: str,
    record_key: str | None = None,
    prediction_id: str | None = None,
) -> int:
    """Erase the content of all rows of a record key, or of a prediction id.

    Parameters
    ----------
    connection : Connection
        Without a transaction.
    ring : KeyRing
    by : str
        Who erases; stays in the record.
    record_key, prediction_id : str, optional
        One of them; a comparison includes its options. Neither is repeated in the report of the erasure.

    Returns
    -------
    erased : int
        Number of rows.

    Raises
    ------
    RecordError
        If the chain goes on with an unknown key.
    SQLAlchemyError
        If the database fails; steps before that stay.
    """
    selected = ROWS.c.record_key == record_key if record_key else _of(prediction_id or "")
    erased = 0
    while True:
        with locked_tail(connection, ring) as tail:
            step = _step(connection, tail, selected, by)
        erased += step
        if step < ROWS_A_STEP:
            return erased


def _of(prediction_id: str) -> ColumnElement[bool]:
    """Select an answer; options of a comparison are the same patient, numbered after its identifier."""
    numbered = [f"{prediction_id}.{number}" for number in range(1, MOST_NUMBERED + 1)]
    return ROWS.c.prediction_id.in_([prediction_id, *numbered])


def _step(connection: Connection, tail: Tail, selected: ColumnElement[bool], by: str) -> int:
    rows = select(ROWS.c.sequence).where(selected, ROWS.c.content.is_not(None))
    sequences = list(connection.execute(rows.order_by(ROWS.c.sequence).limit(ROWS_A_STEP)).scalars())
    if sequences:
        row = tail.add(Event("erasure", written({"by": by, "rows": sequences})))
        nothing = {"content": None, "salt": None, "record_key": None, "erased_by": row.sequence}
        connection.execute(update(ROWS).where(ROWS.c.sequence.in_(sequences)), nothing)
    return len(sequences)
