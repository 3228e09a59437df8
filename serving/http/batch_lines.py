"""The answers of a batch as lines of JSON, each sent as soon as it is known (NDJSON)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from serving.http.batches import BatchContent
from serving.http.request_log import current, remember_predictions

MEDIA_TYPE = "application/x-ndjson"


def wants_lines() -> bool:
    """Say whether the client of the request that is being answered here accepts lines of JSON.

    Examples
    --------
    >>> from serving.http.request_log import RequestRecord
    >>> token = current.set(RequestRecord(accept="application/x-ndjson, */*;q=0.1"))
    >>> wants_lines()
    True
    >>> current.reset(token)
    >>> wants_lines()
    False
    """
    record = current.get()
    accepted = record.accept.lower().split(",") if record is not None else []
    return any(each.partition(";")[0].strip() == MEDIA_TYPE for each in accepted)


async def lines_response(steps: AsyncIterator[BatchContent]) -> StreamingResponse:
    """Send each step of a batch when it is ready.

    Parameters
    ----------
    steps : async iterator of BatchContent

    Returns
    -------
    response : StreamingResponse
        An answer a line, in the order of the patients. A batch that fails after its first step ends early:
        fewer lines than patients.

    Raises
    ------
    Refusal
        If the first step is refused; nothing has been sent.
    """
    first = await anext(steps)

    async def sent() -> AsyncIterator[bytes]:
        known = first.prediction_ids
        remember_predictions(known)
        yield b"".join(first.parts)
        async for step in steps:
            known = (*known, *step.prediction_ids)
            remember_predictions(known)
            yield b"".join(step.parts)

    return StreamingResponse(sent(), media_type=MEDIA_TYPE)
