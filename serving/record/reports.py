"""The last reports about an answer, and whether a new report can be true beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy import Connection, select

from features.outcomes import OUTCOMES
from features.reported_events import ReportedEvent, contradicted
from serving.record.observed_outcome import ObservedOutcome
from serving.record.record_error import ContradictoryReportError
from serving.record.tables import ROWS


def last_reports(connection: Connection, prediction_id: str) -> dict[str, ReportedEvent]:
    """Read the last report of each outcome of an answer.

    Parameters
    ----------
    connection : Connection
        In a transaction; rows that are not stored yet are not read.
    prediction_id : str

    Returns
    -------
    reports : dict of str to ReportedEvent
        Without reports that were erased, that are of an outcome which this version does not know, or whose
        row was altered so that it cannot be read: the verification names such a row.
    """
    content = select(ROWS.c.content).where(
        ROWS.c.prediction_id == prediction_id, ROWS.c.kind == "outcome", ROWS.c.content.is_not(None)
    )
    reports = {}
    for text in connection.execute(content.order_by(ROWS.c.sequence)).scalars():
        with suppress(ValueError, LookupError, TypeError):
            stated = json.loads(text)
            day = stated["day"]
            if stated["outcome"] in OUTCOMES:
                reports[stated["outcome"]] = ReportedEvent(
                    bool(stated["happened"]), None if day is None else int(day)
                )
    return reports


def contradiction(
    outcome: ObservedOutcome, reports: Mapping[str, ReportedEvent]
) -> ContradictoryReportError | None:
    """Say which reports an outcome contradicts.

    Parameters
    ----------
    outcome : ObservedOutcome
    reports : mapping of str to ReportedEvent
        The last report of each outcome of the same answer.

    Returns
    -------
    error : ContradictoryReportError or None
        None where all can be true of one patient.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> stated = ("p-1", "relapse", True, 100, datetime(2026, 2, 1, tzinfo=UTC), "")
    >>> print(contradiction(ObservedOutcome(*stated), {"death_without_relapse": ReportedEvent(True, 150)}))
    happened contradicts the last report of death_without_relapse
    >>> contradiction(ObservedOutcome(*stated), {"death": ReportedEvent(True, 150)})
    """
    names = contradicted(outcome.name, ReportedEvent(outcome.happened, outcome.day), reports)
    if not names:
        return None
    without_day = contradicted(outcome.name, ReportedEvent(outcome.happened), reports)
    return ContradictoryReportError(names, "happened" if without_day else "day")
