"""How the record is doing, for `/metrics`: rows, failures and seconds, without a value of any row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds; from a disk that is not waited for to the time after which the record gives up."""


@contextmanager
def timed_rows(number: int) -> Iterator[None]:
    """Count rows and the time until they were written; what fails is not counted here."""
    started = time.perf_counter()
    yield
    rows, seconds, _ = _metrics()
    rows.inc(number)
    seconds.observe(time.perf_counter() - started)


def begin_record_counts() -> None:
    """Begin with 0, so that the first failure is seen as a rise."""
    _metrics()


def count_failure() -> None:
    """Count rows of one request, or one outcome, that could not be written."""
    _metrics()[2].inc()


@cache
def _metrics() -> tuple[Any, Any, Any]:
    # BentoML sets the folder of the counters after this module is imported.
    from prometheus_client import Counter, Histogram

    return (
        Counter("cart_outcomes_record_rows", "Rows written to the record of answers"),
        Histogram(
            "cart_outcomes_record_seconds", "Time until rows of a request were in the record", buckets=BOUNDS
        ),
        Counter("cart_outcomes_record_failures", "Requests whose rows could not be written to the record"),
    )
