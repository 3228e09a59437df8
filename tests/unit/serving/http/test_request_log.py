"""Logs carry places in the code, never a value."""

from __future__ import annotations

import io
import logging

import pytest

from serving.http.request_log import (
    RequestRecord,
    ValueFreeLogs,
    current,
    place_of,
    remember_predictions,
    write_failure,
    write_request,
)

CANARY = "CANARY-987654.25"


def broken(age: str) -> None:
    """Fail with the value in the message, as libraries do."""
    message = f"age {age} is odd"
    raise ValueError(message)


def test_a_failure_is_told_by_type_and_place() -> None:
    """File, line and function; innermost first."""
    with pytest.raises(ValueError) as caught:
        broken(CANARY)
    place = place_of(caught.value)
    assert place.startswith("ValueError < test_request_log.py:")
    assert "(broken)" in place
    assert CANARY not in place


def test_a_logged_exception_loses_its_message() -> None:
    """Also one that somebody else logs, with arguments and a stack."""
    written, logger = io.StringIO(), logging.getLogger("bentoml")
    shown = logging.StreamHandler(written)
    logger.addHandler(shown)
    logs = ValueFreeLogs()
    try:
        broken(CANARY)
    except ValueError:
        logger.exception("request %s failed", CANARY, stack_info=True)
    finally:
        logs.undo()
        logger.removeHandler(shown)
    assert written.getvalue().startswith("ValueError < test_request_log.py:")
    assert CANARY not in written.getvalue()


def test_undone_handlers_write_as_before() -> None:
    """Others in this process keep their tracebacks."""
    shown = logging.StreamHandler(io.StringIO())
    logging.getLogger("bentoml").addHandler(shown)
    ValueFreeLogs().undo()
    logging.getLogger("bentoml").removeHandler(shown)
    assert shown.filters == []


def test_a_failure_is_written_with_its_identifier(caplog: pytest.LogCaptureFixture) -> None:
    """The one the client was told."""
    record = RequestRecord()
    token = current.set(record)
    with caplog.at_level(logging.INFO, "cart_outcomes"):
        write_failure(ValueError(CANARY))
    current.reset(token)
    assert caplog.messages == [f"error_id={record.error_id} ValueError"]


def test_a_request_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status, time and the answer's name."""
    with caplog.at_level(logging.INFO, "cart_outcomes"):
        write_request(
            RequestRecord(prediction_ids=("abc",)), method="POST", path="/risk", status=200, milliseconds=1.26
        )
    assert caplog.messages == ["POST /risk 200 1.3 ms prediction_id=abc"]


def test_predictions_are_remembered_for_the_request_that_is_answered() -> None:
    """Outside a request there is nothing to remember them for."""
    remember_predictions(("a",))
    record = RequestRecord()
    token = current.set(record)
    try:
        remember_predictions(("b", "c"))
    finally:
        current.reset(token)
    remember_predictions(("d",))
    assert record.prediction_ids == ("b", "c")


def test_lines_that_nobody_wants_are_not_made(caplog: pytest.LogCaptureFixture) -> None:
    """As any logger does."""
    with caplog.at_level(logging.WARNING, logger="cart_outcomes.requests"):
        write_request(RequestRecord(), method="GET", path="/about", status=200, milliseconds=1.0)
    assert caplog.records == []


def test_a_failure_keeps_its_identifier() -> None:
    """It is made when it is needed, once."""
    first, second = RequestRecord(), RequestRecord()
    assert first.error_id == first.error_id != second.error_id
