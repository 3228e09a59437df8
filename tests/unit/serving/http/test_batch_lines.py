"""Which clients get the answers of a batch as lines of JSON."""

from __future__ import annotations

import pytest

from serving.http.batch_lines import wants_lines
from serving.http.request_log import RequestRecord, current

LINES = [
    "application/x-ndjson",
    "Application/X-NDJSON; charset=utf-8",
    "application/x-ndjson, */*;q=0.1",
    "application/x-ndjson, application/json",
    "application/json;q=0.5, application/x-ndjson;q=0.8",
    "application/x-ndjson;q=0.5, application/*;q=0.4, */*;q=0.9",
    "application/x-ndjson ; q=1.000",
]
DOCUMENT = [
    "",
    "*/*",
    "application/json",
    "text/html",
    "application/json;q=0.1, */*",
    "application/x-ndjson;q=0",
    "application/x-ndjson;q=0.000, application/json;q=0",
    "application/x-ndjson;q=0.1, application/json",
    "application/x-ndjson;q=0.3, application/*;q=0.5",
    "application/x-ndjson;q=0.3, */*;q=0.31",
    "application/x-ndjson;q=high",
    "application/x-ndjson;q=1e3",
    "application/x-ndjson;q=nan",
    ";;,,;q=",
]


@pytest.mark.parametrize(
    ("accept", "lines"), [*((each, True) for each in LINES), *((each, False) for each in DOCUMENT)]
)
def test_the_weights_of_accept_decide(accept: str, lines: bool) -> None:
    """Lines must be named, have a weight above 0, and none below that of a document (RFC 9110)."""
    token = current.set(RequestRecord(accept=accept))
    try:
        assert wants_lines() is lines
    finally:
        current.reset(token)
