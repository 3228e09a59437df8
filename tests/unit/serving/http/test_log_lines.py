"""Log lines are those of Python's own formatter."""

from __future__ import annotations

import logging

import pytest

from serving.http.log_lines import SecondsFormatter, quicker

FORMAT, DATES = "%(asctime)s [%(levelname)s] %(message)s", "%Y-%m-%dT%H:%M:%S%z"


def line(created: float) -> logging.LogRecord:
    record = logging.LogRecord("service", logging.INFO, "", 0, "POST %s %d", ("/risk", 200), None)
    record.created = created
    return record


def test_lines_are_the_same_from_second_to_second() -> None:
    """Forward and back, within a second and over hours."""
    quick, own = SecondsFormatter(FORMAT, DATES), logging.Formatter(FORMAT, DATES)
    for created in (0.0, 0.4, 1.7e9, 1.7e9 + 0.99, 1.7e9 + 1, 1.7e9 - 3600, 1.8e9):
        assert quick.format(line(created)) == own.format(line(created))


class OwnFormatter(logging.Formatter):
    """One of a site."""


@pytest.mark.parametrize("kept", [None, logging.Formatter(FORMAT), OwnFormatter(FORMAT, DATES)])
def test_other_formatters_are_left_alone(kept: logging.Formatter | None) -> None:
    """Those that write parts of a second, and a site's own."""
    assert quicker(kept) is kept
    assert isinstance(quicker(logging.Formatter(FORMAT, DATES)), SecondsFormatter)
