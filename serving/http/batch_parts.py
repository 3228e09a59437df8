"""The answer of a whole batch, sent part by part, so that others are answered in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from serving.http.batches import BatchContent


def whole_response(content: BatchContent) -> StreamingResponse:
    """Send a `BatchAnswer` whose length is known.

    Parameters
    ----------
    content : BatchContent

    Returns
    -------
    response : StreamingResponse
        Goes on with the next part when the client has read enough of the former ones.
    """

    async def sent() -> AsyncIterator[bytes]:
        for part in content.parts:
            yield part
            await asyncio.sleep(0)

    length = sum(map(len, content.parts))
    return StreamingResponse(sent(), media_type="application/json", headers={"content-length": str(length)})
