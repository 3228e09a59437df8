"""A good release replaces the model; a bad one leaves it, is reported, and is tried again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from serving.model import released_bundle
from serving.model.bundle_error import BundleError
from serving.model.released_bundle import BUNDLE_VARIABLE, NOTHING_RELEASED
from serving.release import followed_release
from serving.release.followed_release import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    FollowedRelease,
    Release,
    ReleaseFault,
)


@dataclass(frozen=True)
class Named:
    """A model that is nothing but its version."""

    version: str


class Site:
    """A store of releases, a clock, and what was loaded and reported."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.seconds = 0.0
        self.loaded: list[str] = []
        self.reported: list[Release[Named]] = []
        self.on_load: Callable[[str], None] = lambda _: None

    def put(self, name: str) -> None:
        """Store a release, as far as the follower looks at it."""
        (self.store / name).mkdir(parents=True)
        (self.store / name / "bundle.json").touch()
        (self.store / name / "model.yaml").touch()

    def point(self, content: str | bytes) -> None:
        """Replace the pointer."""
        new = self.store / ".new"
        new.write_bytes(content.encode() if isinstance(content, str) else content)
        new.replace(self.store / "latest")

    def load(self, folder: Path) -> Named:
        """Load a release; `on_load` may refuse it."""
        self.loaded.append(folder.name)
        self.on_load(folder.name)
        return Named(f"version of {folder.name}")

    def followed(self) -> FollowedRelease[Named]:
        """Begin to follow."""
        release = FollowedRelease(self.load, report=self.reported.append, clock=lambda: self.seconds)
        self.loaded.clear()
        return release


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Release the first of two."""
    monkeypatch.delenv(BUNDLE_VARIABLE, raising=False)
    for module in (released_bundle, followed_release):
        monkeypatch.setattr(module, "model_folder", lambda: tmp_path)
    site = Site(tmp_path)
    site.put("one")
    site.put("two")
    site.point("one")
    return site


def refuse(_: str) -> None:
    message = "a file is altered"
    raise BundleError(message)


def fail(_: str) -> None:
    raise MemoryError


def test_a_good_release_replaces_the_model_once(site: Site) -> None:
    """Looks without a change load nothing."""
    release = site.followed()
    release.look()
    assert (site.loaded, site.reported) == ([], [])
    site.point("two")
    for _ in range(3):
        release.look()
    state = Release(Named("version of two"), "two", wanted="two", wanted_version="version of two")
    assert (site.loaded, site.reported, release.now) == (["two"], [state], state)


def test_a_pointer_that_is_written_again_changes_nothing(site: Site) -> None:
    """The release that it names is served already."""
    release = site.followed()
    site.point("one")
    release.look()
    assert (site.loaded, site.reported) == ([], [])


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("", ""),
        (b"\xff\xfe", ""),
        ("../one", ""),
        ("one/two", ""),
        ("..", ""),
        (".new", ""),
        ("o\0e", ""),
        ("x" * 5000, ""),
        (None, ""),
    ],
)
def test_a_pointer_that_names_nothing_leaves_the_model(
    site: Site, content: str | bytes | None, wanted: str
) -> None:
    """Empty, torn, outside of the store, or missing."""
    release = site.followed()
    if content is None:
        (site.store / "latest").unlink()
    else:
        site.point(content)
    release.look()
    now = release.now
    assert (now.name, now.wanted, now.reason) == ("one", wanted, ReleaseFault.POINTER_UNREADABLE)
    assert now.problem == "the pointer to the release cannot be read"


def test_a_pointer_that_is_a_pipe_is_not_waited_for(site: Site) -> None:
    """The thread that follows would wait for ever."""
    release = site.followed()
    (site.store / "latest").unlink()
    os.mkfifo(site.store / "latest")
    release.look()
    assert release.now.reason == ReleaseFault.POINTER_UNREADABLE


@pytest.mark.parametrize(
    ("on_load", "reason", "problem"),
    [
        (refuse, ReleaseFault.BUNDLE_REFUSED, "a file is altered"),
        (fail, ReleaseFault.LOADING_FAILED, "release two cannot be loaded: MemoryError"),
    ],
)
def test_a_release_that_cannot_be_loaded_leaves_the_model(
    site: Site, on_load: Callable[[str], None], reason: ReleaseFault, problem: str
) -> None:
    """And a later one is served again."""
    release = site.followed()
    site.on_load = on_load
    site.point("two")
    release.look()
    now = release.now
    assert (now.name, now.model.version, now.wanted) == ("one", "version of one", "two")
    assert (now.reason, now.problem, now.wanted_version) == (reason, problem, "")
    site.put("three")
    site.on_load = lambda _: None
    site.point("three")
    release.look()
    assert (release.now.name, release.now.reason, release.now.problem) == ("three", None, "")
    assert len(site.reported) == 2


def test_a_release_that_is_not_there_leaves_the_model(site: Site) -> None:
    """Its folder may have been deleted."""
    release = site.followed()
    site.point("three")
    release.look()
    assert (release.now.reason, release.now.wanted) == (ReleaseFault.BUNDLE_MISSING, "three")


def test_a_release_without_its_record_is_refused(site: Site) -> None:
    """Its files could not be compared with anything."""
    release = site.followed()
    (site.store / "two" / "model.yaml").unlink()
    site.point("two")
    release.look()
    assert release.now.reason is ReleaseFault.BUNDLE_REFUSED
    assert "model.yaml is missing" in release.now.problem
    assert site.loaded == []


def test_a_bad_release_is_tried_again_at_growing_intervals(site: Site) -> None:
    """The disk may have been full; when it is good, it is served without a further change."""
    release = site.followed()
    site.on_load = refuse
    site.point("two")
    tried = []
    for second in range(1200):
        site.seconds = float(second)
        before = len(site.loaded)
        release.look()
        if len(site.loaded) > before:
            tried.append(second)
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert pauses[:4] == [FIRST_PAUSE_SECONDS * 2**power for power in range(4)]
    assert max(pauses) == LONGEST_PAUSE_SECONDS
    site.on_load = lambda _: None
    site.seconds += LONGEST_PAUSE_SECONDS
    release.look()
    assert (release.now.name, release.now.reason) == ("two", None)


def test_going_back_to_what_is_served_ends_the_fault(site: Site) -> None:
    """Without loading it again."""
    release = site.followed()
    site.point("three")
    release.look()
    site.point("one")
    release.look()
    assert (release.now.name, release.now.reason, site.loaded) == ("one", None, [])
    assert len(site.reported) == 2


def test_a_release_that_is_overtaken_while_it_is_loaded_is_never_served(site: Site) -> None:
    """The next look loads the newer one."""
    release = site.followed()
    site.put("three")
    site.on_load = lambda name: site.point("three") if name == "two" else None
    site.point("two")
    release.look()
    assert (release.now.name, site.reported) == ("one", [])
    release.look()
    assert (release.now.name, site.loaded) == ("three", ["two", "three"])


def test_a_pointer_that_is_lost_while_a_release_is_loaded_is_noticed(site: Site) -> None:
    """At the next look."""
    release = site.followed()
    site.on_load = lambda _: (site.store / "latest").unlink()
    site.point("two")
    release.look()
    release.look()
    assert (release.now.name, release.now.reason) == ("one", ReleaseFault.POINTER_UNREADABLE)


def test_a_folder_that_is_named_is_not_followed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pointer says."""
    monkeypatch.setenv(BUNDLE_VARIABLE, str(site.store / "one"))
    release = site.followed()
    site.point("two")
    release.look()
    assert (release.follows, release.now.name, site.loaded) == (False, "", [])
    assert release.now.model == Named("version of one")


def test_without_a_release_there_is_nothing_to_begin_with(site: Site) -> None:
    """The service does not start."""
    (site.store / "latest").unlink()
    with pytest.raises(BundleError) as caught:
        site.followed()
    assert str(caught.value) == NOTHING_RELEASED


def test_a_report_that_fails_is_in_the_log_and_stops_nothing(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """The release is served all the same."""
    release = site.followed()

    def failing(_: Release[Named]) -> None:
        raise OSError

    release.report = failing
    site.point("two")
    release.look()
    assert release.now.name == "two"
    assert caplog.messages == ["a change of the release was not reported: OSError"]


def test_a_state_that_is_seen_is_reported(site: Site) -> None:
    """Counters and log are first, then the state; what the model before took is given back last, and once."""
    release = site.followed()
    seen: list[tuple[str, str]] = []
    release.report = lambda state: seen.append((f"{state.name} {state.reason}", release.now.name))
    release.settle = lambda: seen.append(("settled", release.now.name))
    for pointer in ("three", "two", ""):
        site.point(pointer)
        release.look()
    assert seen == [
        ("one bundle_missing", "one"),
        ("two None", "one"),
        ("settled", "two"),
        ("two pointer_unreadable", "two"),
    ]
