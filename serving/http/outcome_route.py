"""What happened to a patient after an answer: `POST /outcome` attaches it to the answer in the record."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.http.answer_metrics import count_refused_body
from serving.http.error_response import Refusal
from serving.http.outcome_problems import DAY, HAPPENED, OUTCOME, PREDICTION_ID, report_problem
from serving.http.record_metrics import count_failure
from serving.http.recording import Recording, not_written
from serving.http.request_log import RequestRecord, current
from serving.http.strict_json import read_json
from serving.record.observed_outcome import ObservedOutcome
from serving.record.record_error import ContradictoryReportError, RecordError, UnknownPredictionError

log = logging.getLogger("cart_outcomes.record")


async def observe(request: Request) -> Response:
    """Record an outcome; the body has been checked.

    A later report about the same answer and outcome corrects an earlier one: both stay in the record, and the
    last one counts. A report that cannot be true together with the last reports of other outcomes is refused.
    """
    recording: Recording = request.app.state.recording
    if recording.recorder is None:
        return Refusal(404, "this service keeps no record of answers").response()
    body: Any = read_json(await request.body())
    try:
        await recording.recorder.write_outcome(_observed(body))
    except UnknownPredictionError:
        return Refusal(404, f"the record has no answer with this {PREDICTION_ID}").response()
    except ContradictoryReportError as error:
        problem = report_problem(error.field, error.outcomes)
        count_refused_body([problem])
        return Refusal(409, "the report contradicts earlier reports about this answer", [problem]).response()
    except RecordError as error:
        count_failure()
        log.error("an outcome could not be recorded: %s", error)
        return not_written().response()
    return JSONResponse({"recorded": True})


def _observed(body: dict[str, Any]) -> ObservedOutcome:
    day = body.get(DAY)
    return ObservedOutcome(
        prediction_id=body[PREDICTION_ID],
        name=body[OUTCOME],
        happened=body[HAPPENED],
        day=None if day is None else int(day),
        when=datetime.now(UTC),
        caller=(current.get() or RequestRecord()).caller,
    )
