"""A file whose changes a running service follows, with one cheap look a second."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from features.files.file_mark import mark_of
from serving.identity.private_file import SettingsError

log = logging.getLogger("cart_outcomes.identity")

LOOKS_EVERY_SECONDS = 1.0

Content = TypeVar("Content")


class FollowedFile(Generic[Content]):
    """What a file holds now.

    If a changed file cannot be used, or is gone, it holds nothing until it can be used again: a key that was
    revoked by deleting the file must not live on.

    Parameters
    ----------
    path : Path
    read : callable
        Reads the file; raises `SettingsError` if it cannot be used.
    nothing : Content
        What an unusable file holds.
    clock : callable
        Seconds of a clock that never goes back.

    Raises
    ------
    SettingsError
        If the file cannot be used to begin with.
    """

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], Content],
        nothing: Content,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.version = 0
        """Changes with every change of the file."""
        self._read, self._nothing, self._clock = read, nothing, clock
        self._looked, self._mark = clock(), mark_of(path)
        self._content = read(path)

    def current(self) -> Content:
        """Give what the file holds; looks at the file if the last look is a second ago."""
        now = self._clock()
        if now - self._looked >= LOOKS_EVERY_SECONDS:
            self._looked = now
            mark = mark_of(self.path)
            if mark != self._mark:
                self._mark = mark
                self._reload()
        return self._content

    def _reload(self) -> None:
        self.version += 1
        try:
            self._content = self._read(self.path)
        except SettingsError as error:
            self._content = self._nothing
            log.error("%s; until it is repaired, it lets no one in", error)
        else:
            log.info("%s was read again", self.path.name)
