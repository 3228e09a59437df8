"""A group of rows and outcomes that wait, written in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from serving.record.answer_row import AnswerRow
from serving.record.append import Tail, locked_tail
from serving.record.events import answer_event, outcome_event
from serving.record.keys import KeyRing
from serving.record.observed_outcome import ObservedOutcome
from serving.record.record_error import RecordError, UnknownPredictionError
from serving.record.reports import contradiction, last_reports
from serving.record.tables import ROWS


@dataclass(eq=False)
class Waiting:
    """What one caller handed over, and how the caller is woken.

    Attributes
    ----------
    loop : AbstractEventLoop
        Of the caller.
    done : Future
        Gets None after the commit, or the error.
    answers : sequence of AnswerRow
    outcome : ObservedOutcome or None
    given_up : bool
        Whether the caller does not wait any more; it is not written then, if there is time.
    error : RecordError or None
        Why this part of a group was left out.
    """

    loop: asyncio.AbstractEventLoop = field(repr=False)
    done: asyncio.Future[None] = field(repr=False)
    answers: Sequence[AnswerRow] = field(default=(), repr=False)
    outcome: ObservedOutcome | None = field(default=None, repr=False)
    given_up: bool = False
    error: RecordError | None = None

    def __len__(self) -> int:
        return len(self.answers) + (self.outcome is not None)


def write_group(connection: Connection, ring: KeyRing, group: Sequence[Waiting], tails: list[Tail]) -> None:
    """Write everything of a group in one transaction, and commit it.

    Parameters
    ----------
    connection : Connection
        Without a transaction.
    ring : KeyRing
    group : sequence of Waiting
        An outcome without an answer, or that contradicts an earlier report, gets its error and is left out.
    tails : list of Tail
        Gets the end of the chain before the commit, so that it can be looked for if the commit has no answer.

    Raises
    ------
    RecordError
        If the chain goes on with an unknown key.
    SQLAlchemyError, OSError
        If the database fails; nothing of the group is written, unless the commit itself failed.
    """
    with locked_tail(connection, ring) as tail:
        for waiting in group:
            for row in waiting.answers:
                tail.add(answer_event(row, tail.key))
        for waiting in group:
            if waiting.outcome is not None:
                # Its answer, or an earlier report, may be of this group.
                tail.store_rows()
                _add_outcome(connection, tail, waiting, waiting.outcome)
        tails.append(tail)


def wake(group: Sequence[Waiting], error: RecordError | None) -> None:
    """Wake all callers of a group, each loop once."""
    for loop in {waiting.loop for waiting in group}:
        own = [waiting for waiting in group if waiting.loop is loop]
        with suppress(RuntimeError):  # the loop has been closed, and its callers with it
            loop.call_soon_threadsafe(_resolve, own, error)


def _add_outcome(connection: Connection, tail: Tail, waiting: Waiting, outcome: ObservedOutcome) -> None:
    answer = select(ROWS.c.record_key).where(
        ROWS.c.prediction_id == outcome.prediction_id, ROWS.c.kind == "answer", ROWS.c.erased_by.is_(None)
    )
    newest = connection.execute(answer.order_by(ROWS.c.sequence.desc()).limit(1)).first()
    if newest is None:
        waiting.error = UnknownPredictionError("no answer of this prediction id is recorded")
        return
    waiting.error = contradiction(outcome, last_reports(connection, outcome.prediction_id))
    if waiting.error is None:
        tail.add(outcome_event(outcome, newest.record_key))


def _resolve(group: Sequence[Waiting], error: RecordError | None) -> None:
    for waiting in group:
        if waiting.done.done():
            continue
        mistake = error or waiting.error
        if mistake is None:
            waiting.done.set_result(None)
        else:
            waiting.done.set_exception(mistake)
