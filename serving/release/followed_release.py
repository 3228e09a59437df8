"""The release that a running service follows: a good one replaces the model, a bad one leaves it.

The pointer of BentoML's store names the release. One look at it costs one call of the system; it is read only
after a change. What it names is loaded beside the model that is served, then one reference is replaced.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from features.files.file_mark import mark_of
from serving.model.bundle_error import BundleError
from serving.model.released_bundle import (
    follows_pointer,
    model_folder,
    pointed_at,
    pointer_file,
    served_bundle,
    stored,
    stored_release,
)

log = logging.getLogger("cart_outcomes.release")

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 300.0
"""Pause after a bad release until it is tried again; each is twice the one before, up to the longest."""

UNSEEN = (-1,)
"""Mark of a pointer that was not looked at."""


class Versioned(Protocol):
    """What is served; its version is named as answers name it."""

    @property
    def version(self) -> str:
        """Version as answers name it."""


Model = TypeVar("Model", bound=Versioned)


class ReleaseFault(StrEnum):
    """Why the release that is wanted is not served."""

    POINTER_UNREADABLE = "pointer_unreadable"
    """The pointer is missing, cannot be read, or names no folder of the store."""
    BUNDLE_MISSING = "bundle_missing"
    """The folder that the pointer names is not there."""
    BUNDLE_REFUSED = "bundle_refused"
    """The bundle is damaged, altered, or of another schema."""
    LOADING_FAILED = "loading_failed"
    """The bundle could not be loaded, for want of memory or for a fault of the disk or the software."""


@dataclass(frozen=True)
class Release(Generic[Model]):
    """What is served, and what ought to be: one state, replaced as a whole.

    Attributes
    ----------
    model : Model
        What is served.
    name : str
        Of its folder in the store; empty for a model that is not followed.
    wanted, wanted_version : str
        Folder that the pointer names, and its version, as far as they are known.
    reason : ReleaseFault or None
        Why the wanted release is not served; None where it is.
    problem : str
        The same in words, for the log.
    """

    model: Model = field(repr=False)
    name: str = ""
    wanted: str = ""
    wanted_version: str = ""
    reason: ReleaseFault | None = None
    problem: str = field(default="", repr=False)


class FollowedRelease(Generic[Model]):
    """The model that is served now.

    Parameters
    ----------
    load : callable
        Verifies and loads the bundle of a folder; raises `BundleError` if it is refused.
    report : callable
        Is given each new state just before it holds, also that after an attempt that failed: who sees a state
        finds it reported.
    settle : callable
        Is called after another model has replaced the one that was served.
    clock : callable
        Seconds of a clock that never goes back.

    Raises
    ------
    BundleError
        If there is nothing to serve to begin with, or it is refused.
    """

    def __init__(
        self,
        load: Callable[[Path], Model],
        *,
        report: Callable[[Release[Model]], None] = lambda _: None,
        settle: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.report, self.settle = report, settle
        self.follows = follows_pointer()
        """Whether the pointer is followed at all."""
        self._load, self._clock = load, clock
        self._pause = self._again_at = 0.0
        self._mark = mark_of(pointer_file())
        folder = served_bundle()
        model, name = load(folder), folder.name if self.follows else ""
        self.now = Release(model, name, wanted=name, wanted_version=model.version)
        """Taken once by each request, which then uses one model through to its end."""

    def look(self) -> None:
        """Look at the pointer, and load what it names if it has changed or if an attempt is due.

        To be called in one thread. Nothing is raised: the model that is served stays, whatever happens.
        """
        mark = mark_of(pointer_file()) if self.follows else self._mark
        due = self.now.reason is not None and self._clock() >= self._again_at
        if mark == self._mark and not due:
            return
        if mark != self._mark:
            self._mark, self._pause = mark, 0.0
        self._follow(pointed_at())

    def _follow(self, name: str) -> None:
        if not name:
            self._stay(name, ReleaseFault.POINTER_UNREADABLE, "the pointer to the release cannot be read")
        elif name == self.now.name:
            if self.now.reason is not None:
                self._change(_served(self.now.model, name))
        elif not mark_of(model_folder() / name / "bundle.json"):
            self._stay(name, ReleaseFault.BUNDLE_MISSING, f"release {name} is not in the store")
        else:
            self._take(name)

    def _take(self, name: str) -> None:
        """Load a release and serve it, unless it is bad or another one was released meanwhile."""
        try:
            model = self._load(stored_release(name))
        except BundleError as error:
            self._stay(name, ReleaseFault.BUNDLE_REFUSED, str(error))
        except Exception as error:
            # A folder that vanishes, a full memory, a fault of ours: all leave the model that is served.
            self._stay(
                name, ReleaseFault.LOADING_FAILED, f"release {name} cannot be loaded: {type(error).__name__}"
            )
        else:
            if pointed_at() == name:
                self._change(_served(model, name))
                self.settle()
            else:
                self._mark = UNSEEN

    def _change(self, state: Release[Model]) -> None:
        self._pause = 0.0
        self._tell(state)
        self.now = state

    def _stay(self, name: str, reason: ReleaseFault, problem: str) -> None:
        self._pause = min(max(2 * self._pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._again_at = self._clock() + self._pause
        version = _version_of(name)
        state = replace(self.now, wanted=name, wanted_version=version, reason=reason, problem=problem)
        self._tell(state)
        self.now = state

    def _tell(self, state: Release[Model]) -> None:
        try:
            self.report(state)
        except Exception as error:
            log.error("a change of the release was not reported: %s", type(error).__name__)


def _served(model: Model, name: str) -> Release[Model]:
    return Release(model, name, wanted=name, wanted_version=model.version)


def _version_of(name: str) -> str:
    """Read the version of a stored release; empty where it is not known."""
    try:
        record = stored(model_folder() / name) if name else None
    except (BundleError, OSError):
        return ""
    return record.name if record is not None else ""
