"""The answers of a batch as lines of JSON, each sent as soon as it is known (NDJSON)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from serving.http.batches import BatchContent
from serving.http.request_log import current, remember_predictions

MEDIA_TYPE = "application/x-ndjson"
JSON_TYPES = ("application/json", "application/*", "*/*")
"""Ranges that a JSON document is in, the most specific first."""

_WEIGHT = re.compile(r"[01](?:\.[0-9]{0,3})?")


def wants_lines() -> bool:
    """Say whether the client of the request that is being answered here prefers lines of JSON to a document.

    Lines must be named: a range such as ``*/*`` is answered with a document.

    References
    ----------
    RFC 9110, section 12.5.1: a weight of 0 means that a type is not acceptable.

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
    weights = _weights(record.accept) if record is not None else {}
    of_lines = weights.get(MEDIA_TYPE, 0.0)
    of_document = next((weights[each] for each in JSON_TYPES if each in weights), 0.0)
    return of_lines > 0 and of_lines >= of_document


def _weights(accept: str) -> dict[str, float]:
    """Give the weight of each media range; one that is not a number counts as 0.

    Examples
    --------
    >>> _weights("application/json, */*; q=0.1, text/html;q=high")
    {'application/json': 1.0, '*/*': 0.1, 'text/html': 0.0}
    """
    weights: dict[str, float] = {}
    for each in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in each.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        weights[media_range] = float(weight) if _WEIGHT.fullmatch(weight) else 0.0
    return weights


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
