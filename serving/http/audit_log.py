"""The audit log: one JSON object a line for each request and each event of the service, without values.

It is for a hospital's log collector. It names who asked, what and when, with which result, and the
identifiers of the answers.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path

from serving.http.request_log import WithoutValues

AUDIT_LOG_VARIABLE = "CART_OUTCOMES_AUDIT_LOG"
"""Path of the file; there is no audit log where it is not set."""

EVENTS = "cart_outcomes"
"""Logger above all loggers of the service; the last part of a logger's name is the kind of its events."""

FORMAT_VERSION = 1


class AuditLogError(ValueError):
    """The file cannot be written; says why."""


class JsonLines(logging.Formatter):
    """Writes a record as a JSON object in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write time, level and kind of an event, and its facts, or else its message.

        Parameters
        ----------
        record : LogRecord
            With `facts`, a mapping, or a message without values.

        Returns
        -------
        line : str
            Without a line end; its characters are ASCII, so that no value of a client can start a line.

        Examples
        --------
        >>> said = {"name": "a.requests", "levelname": "INFO", "created": 0, "facts": {"status": 4}}
        >>> print(JsonLines().format(logging.makeLogRecord(said)))
        {"format": 1, "time": "1970-01-01T00:00:00.000Z", "level": "info", "kind": "requests", "status": 4}
        """
        facts: Mapping[str, object] | None = getattr(record, "facts", None)
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event = {
            "format": FORMAT_VERSION,
            "time": when.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "kind": record.name.rpartition(".")[2],
            **(facts if facts is not None else {"message": record.getMessage()}),
        }
        return json.dumps(event)


class AuditLog:
    """The audit log of this process; end it with `close`.

    Parameters
    ----------
    file : Path
        Is appended to, created with mode 0600, and opened again after it was moved away.

    Raises
    ------
    AuditLogError
        If it cannot be written.
    """

    def __init__(self, file: Path) -> None:
        try:
            os.close(_private(str(file), os.O_WRONLY | os.O_APPEND | os.O_CREAT))
            self._handler = _PrivateFile(file, encoding="ascii")
        except OSError as error:
            message = f"{AUDIT_LOG_VARIABLE}: {file.name} cannot be written ({error.strerror})"
            raise AuditLogError(message) from None
        self._handler.setFormatter(JsonLines())
        self._handler.addFilter(WithoutValues())
        self._handler.addFilter(_is_told)
        logging.getLogger(EVENTS).addHandler(self._handler)

    def close(self) -> None:
        """Write no more."""
        logging.getLogger(EVENTS).removeHandler(self._handler)
        self._handler.close()


def _is_told(record: logging.LogRecord) -> bool:
    """Leave out a record whose facts are empty: it repeats those of another one for readers of plain text."""
    return getattr(record, "facts", None) != {}


class _PrivateFile(WatchedFileHandler):
    """A file that only this account can read, also when it is created again after a rotation.

    A line that cannot be written, as when the disk is full or the folder gone, stops nothing: the first
    one is told on standard error.
    """

    _lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        lost = self._lost
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)
        if self._lost == lost:
            self._lost = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Tell the first line that is lost, without the line."""
        self._lost += 1
        kind = sys.exc_info()[0]
        if self._lost == 1 and kind is not None:
            sys.stderr.write(f"the audit log cannot be written, lines are lost: {kind.__name__}\n")

    def _open(self):  # type: ignore[no-untyped-def]
        return open(self.baseFilename, "a", encoding=self.encoding, opener=_private)


def _private(path: str, flags: int) -> int:
    """Open a file for this account, without waiting for the reader of a pipe, and the service with it."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)


def environment_audit_log(environment: Mapping[str, str] = os.environ) -> AuditLog | None:
    """Open the audit log that the environment names; None where it names none.

    Raises
    ------
    AuditLogError
        If it cannot be written.
    """
    named = environment.get(AUDIT_LOG_VARIABLE, "").strip()
    return AuditLog(Path(named)) if named else None
