"""What may be written down of a request: path, status, time, identifiers; of a failure its type and place."""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType

from serving.http.log_lines import quicker

requests = logging.getLogger("cart_outcomes.requests")
failures = logging.getLogger("cart_outcomes.failures")

CLIENT_LEFT = 499
"""Status of a request whose client closed the connection before the answer."""

FRAMES = 6
"""Places in the code told of a failure, innermost first."""


@dataclass
class RequestRecord:
    """What is remembered of one request while it is answered.

    Attributes
    ----------
    prediction_ids : tuple of str
        Of the answers, in the order of the patients; empty without one.
    caller : str
        Who asks, as `serving.identity` names callers; empty where no one need be known.
    refused : str
        Code of the reason why the caller is refused; empty where it is not.
    kind : str
        How the caller was recognized, as `serving.identity.caller.Kind` names it; empty where it was not.
    accept : str
        Media types that the client accepts, as it wrote them; never written down.
    use : str or None
        What the client uses the answer for, as it wrote it; None where it states nothing.
    """

    prediction_ids: tuple[str, ...] = ()
    caller: str = ""
    refused: str = ""
    kind: str = ""
    accept: str = field(default="", repr=False)
    use: str | None = field(default=None, repr=False)

    @cached_property
    def error_id(self) -> str:
        """Identifier for the client if the request fails; also written beside the failure."""
        return uuid.uuid4().hex


current: ContextVar[RequestRecord | None] = ContextVar("current", default=None)
"""The request being answered here; None outside a request."""


def remember_predictions(prediction_ids: tuple[str, ...]) -> None:
    """Keep the identifiers of answers for the log line of the request that is being answered here, if any."""
    record = current.get()
    if record is not None:
        record.prediction_ids = prediction_ids


def write_request(record: RequestRecord, *, method: str, path: str, status: int, milliseconds: float) -> None:
    """Write one line about an answered request, and one for each patient of a batch.

    Parameters
    ----------
    record : RequestRecord
        Each of its ``prediction_ids`` is written.
    method, path : str
        As the service knows them, never as a client wrote them.
    status : int
        HTTP status code; 499 where the client went away.
    milliseconds : float
        From the first byte to the last.
    """
    ids = record.prediction_ids
    one = f" prediction_id={ids[0]}" if len(ids) == 1 else ""
    facts = {
        "method": method,
        "path": path,
        "status": status,
        "milliseconds": round(milliseconds, 1),
        "caller": record.caller,
        "refused": record.refused,
        "prediction_ids": ids,
    }
    line = "%s %s %d %.1f ms%s%s"
    _write(line, (method, path, status, milliseconds, one, _identity(record)), facts)
    if len(ids) > 1:
        for number, prediction_id in enumerate(ids, start=1):
            _write("%s %d of %d prediction_id=%s", (path, number, len(ids), prediction_id), {})


def _write(message: str, values: tuple[object, ...], facts: Mapping[str, object]) -> None:
    """Write a line, without the search for the line of code that wrote it."""
    if requests.isEnabledFor(logging.INFO):
        line = logging.LogRecord(requests.name, logging.INFO, "", 0, message, values, None)
        line.facts = facts
        requests.handle(line)


def _identity(record: RequestRecord) -> str:
    """Name the caller and the refusal, as fields of their own."""
    caller = f" caller={record.caller}" if record.caller else ""
    return f"{caller} refused={record.refused}" if record.refused else caller


def write_failure(error: BaseException) -> None:
    """Write where a request failed; never the message of the error, which may hold a value."""
    record = current.get()
    facts = {"error_id": record.error_id if record is not None else "", "place": place_of(error)}
    failures.error("%s%s", _error_id(), facts["place"], extra={"facts": facts})


def place_of(error: BaseException) -> str:
    """Name the type of an error and where it was raised.

    Examples
    --------
    >>> place_of(ValueError("age 31"))
    'ValueError'
    """
    return _placed(type(error), error.__traceback__)


class WithoutValues(logging.Filter):
    """Cut every logged exception down to its type and its places in the code."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; it is always written."""
        if record.exc_info:
            kind, _, trace = record.exc_info
            record.msg = "%s%s"
            record.args = (_error_id(), _placed(kind, trace) if kind is not None else "no exception")
            record.exc_info = None
        record.exc_text = record.stack_info = None
        return True


class ValueFreeLogs:
    """Take the values out of every handler's records; put the handlers back with `undo`."""

    def __init__(self) -> None:
        self._filter = WithoutValues()
        names = ("bentoml", "uvicorn", "uvicorn.error", "circus", "asyncio")
        loggers = [logging.getLogger(), *map(logging.getLogger, names)]
        self._handlers = {handler for logger in loggers for handler in logger.handlers}
        self._formatters = {handler: handler.formatter for handler in self._handlers}
        for handler in self._handlers:
            handler.addFilter(self._filter)
            handler.setFormatter(quicker(handler.formatter))
        for logger in (requests, failures):
            logger.setLevel(logging.INFO)
        # Addresses as clients wrote them; BentoML shows them when it is asked to be verbose.
        logging.getLogger("uvicorn.access").setLevel(logging.WARNING)

    def undo(self) -> None:
        """Stop filtering."""
        for handler in self._handlers:
            handler.removeFilter(self._filter)
            handler.setFormatter(self._formatters[handler])


def _error_id() -> str:
    record = current.get()
    return f"error_id={record.error_id} " if record is not None else ""


def _placed(kind: type[BaseException], trace: TracebackType | None) -> str:
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno} ({frame.name})"
        for frame in reversed(traceback.extract_tb(trace))
    ]
    return " < ".join([kind.__name__, *frames[:FRAMES]])
