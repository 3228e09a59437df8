"""What the service hands over, as events of the chain."""

from __future__ import annotations

import secrets

from serving.record.answer_row import AnswerRow
from serving.record.append import timestamp
from serving.record.chain import Event, inputs_digest, written
from serving.record.keys import RecordKey
from serving.record.observed_outcome import ObservedOutcome

SALT_BYTES = 16


def answer_event(row: AnswerRow, key: RecordKey) -> Event:
    """Write an answer as an event: the patient's fields only as a keyed digest.

    Parameters
    ----------
    row : AnswerRow
    key : RecordKey
        With which the event will be chained.

    Returns
    -------
    event : Event
        Everything that depends on the patient is in its content, which can be erased.
    """
    fixed = {
        "answered_at": timestamp(row.answered_at),
        "caller": row.caller,
        "digest": row.digest,
        "origin": row.origin,
        "shown": row.shown,
        "use": row.use,
        "version": row.version,
    }
    content = {
        "inputs": inputs_digest(row.inputs, key),
        "missing": row.missing,
        "risks": [[each.outcome, each.horizon_days, each.risk, each.low, each.high] for each in row.risks],
        "warnings": row.warnings,
    }
    return Event(
        "answer",
        fixed=written(fixed),
        prediction_id=row.prediction_id,
        content=written(content),
        record_key=row.record_key,
        salt=secrets.token_hex(SALT_BYTES),
    )


def outcome_event(outcome: ObservedOutcome, record_key: str | None) -> Event:
    """Write what happened as an event.

    Parameters
    ----------
    outcome : ObservedOutcome
    record_key : str or None
        Of the answer: the outcome is erased with it.
    """
    content = {"day": outcome.day, "happened": outcome.happened, "outcome": outcome.name}
    return Event(
        "outcome",
        fixed=written({"caller": outcome.caller, "reported_at": timestamp(outcome.when)}),
        prediction_id=outcome.prediction_id,
        content=written(content),
        record_key=record_key,
        salt=secrets.token_hex(SALT_BYTES),
    )
