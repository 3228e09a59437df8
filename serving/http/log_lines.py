"""The time of a log line, worked out once a second."""

from __future__ import annotations

import logging


class SecondsFormatter(logging.Formatter):
    """A formatter whose times have no parts of a second.

    Working out date, time and zone takes as long as the rest of a line.

    Parameters
    ----------
    format : str or None
        As `logging.Formatter` takes it.
    date_format : str
        For `time.strftime`.

    Examples
    --------
    >>> line = logging.LogRecord("service", logging.INFO, "", 0, "ready", None, None)
    >>> len(SecondsFormatter("%(asctime)s %(message)s", "%H:%M:%S").format(line))
    14
    """

    def __init__(self, format: str | None, date_format: str) -> None:
        super().__init__(format, date_format)
        self._known: tuple[int | None, str] = (None, "")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """Write the time of a line."""
        second, text = self._known
        if second != int(record.created):
            text = super().formatTime(record, datefmt)
            self._known = int(record.created), text
        return text


def quicker(formatter: logging.Formatter | None) -> logging.Formatter | None:
    """Give a formatter that writes the same lines in less time; the same one where there is none.

    Examples
    --------
    >>> type(quicker(logging.Formatter("%(message)s", "%H:%M:%S"))).__name__
    'SecondsFormatter'
    >>> quicker(None) is None
    True
    """
    if type(formatter) is not logging.Formatter or formatter.datefmt is None:
        return formatter
    return SecondsFormatter(formatter._fmt, formatter.datefmt)
