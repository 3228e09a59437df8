"""Start and duration of a fit, so that its MLflow run shows them even if it is recorded later."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

MILLISECONDS = 1000


@dataclass(frozen=True)
class Period:
    """Start and end of some work, in milliseconds since 1970 (UTC).

    Attributes
    ----------
    started, ended : int
        Work that others interrupted ends earlier than on the clock: its duration is that of the work alone.
    """

    started: int
    ended: int

    @property
    def moment(self) -> str:
        """The start in words.

        Examples
        --------
        >>> Period(1_767_261_600_000, 1_767_261_660_000).moment
        '2026-01-01 10:00:00 UTC'
        """
        return f"{datetime.fromtimestamp(self.started / MILLISECONDS, UTC):%Y-%m-%d %H:%M:%S} UTC"


class Timed(Protocol):
    """Work that knows when it began, as `time.time` gives it, and how many seconds it took."""

    @property
    def began(self) -> float:
        """Moment of the start."""
        ...

    @property
    def seconds(self) -> float:
        """Duration."""
        ...


class Stopwatch:
    """Adds up the work on several things that take turns.

    Examples
    --------
    >>> watch = Stopwatch()
    >>> with watch.at("ridge"):
    ...     pass
    >>> list(watch.periods())
    ['ridge']
    """

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._worked: dict[str, float] = {}

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """Count the time inside for a name."""
        began = time.monotonic()
        self._started.setdefault(name, time.time())
        try:
            yield
        finally:
            self._worked[name] = self._worked.get(name, 0.0) + time.monotonic() - began

    def add_all(self, name: str, done: Iterable[Timed]) -> None:
        """Count work that was done elsewhere, perhaps by other processes."""
        for each in done:
            self._started[name] = min(each.began, self._started.get(name, each.began))
            self._worked[name] = self._worked.get(name, 0.0) + each.seconds

    def periods(self) -> dict[str, Period]:
        """List what was counted so far, in order of first starts."""
        return {name: _period(began, self._worked[name]) for name, began in self._started.items()}


def whole(periods: Iterable[Period]) -> Period | None:
    """Span several periods; None without any.

    Examples
    --------
    >>> whole([Period(5, 9), Period(3, 4)])
    Period(started=3, ended=9)
    """
    known = list(periods)
    if not known:
        return None
    return Period(min(each.started for each in known), max(each.ended for each in known))


def since(began: float) -> Period:
    """State the period from a moment of `time.time` until now."""
    return _period(began, max(0.0, time.time() - began))


def _period(began: float, worked: float) -> Period:
    started = int(began * MILLISECONDS)
    return Period(started, started + round(worked * MILLISECONDS))
