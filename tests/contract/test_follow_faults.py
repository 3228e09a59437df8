"""A look at the champion that fails at any call: one whole release is served, and the next look ends it.

Releases are signed by the machine's own key, and its log has one line for each.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from serving.model.bundle_error import BundleError
from serving.model.released_bundle import model_folder, pointed_at, released_bundle
from serving.release.public_keys import accepted_release_keys
from serving.release.release_log import read_log
from serving.release.verified_release import verified_release
from tests.faults import KINDS, Faults, injected
from tests.recorded import in_folder_of
from tests.releases import State, another, empty_store, linear, promoted, register
from tests.signing import accepting, site_key
from training.commands.follow import follow
from training.release.bento_store import release_folder
from training.release.journal import read_journal

STARTS = {"nothing released": "", "another release": "1"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]) -> Iterator[Path]:
    """Promote two versions elsewhere; this machine has followed none of them, or the first."""
    folder = new_database(tmp_path_factory.mktemp("following"))
    with in_folder_of(folder), accepting(site_key(folder, "elsewhere.key")):
        for name, bundle in (("one", linear()), ("two", another())):
            register(bundle, folder / name)
        empty_store()
        promoted("1")
        with accepting(site_key(folder)):
            empty_store()
            follow(once=True)
            (folder / "kept").mkdir()
            State(folder, folder / "kept").keep()
        empty_store()
        promoted("2")
        with accepting(folder / "release.key"):
            yield folder
        empty_store()


def restored(place: Path, start: str) -> str:
    """Go back to what this machine had; name the version that it serves."""
    empty_store()
    shutil.rmtree(release_folder(), ignore_errors=True)
    if STARTS[start]:
        State(place, place / "kept").restore_stores()
    return STARTS[start]


def served() -> str:
    """Read which version the service would serve, its signature verified; empty where nothing is released."""
    try:
        return verified_release(released_bundle()).version.partition("-")[0]
    except BundleError:
        return ""


def check(place: Path, start: str, faults: Faults) -> None:
    """Fail once, look at what is served, and look again as the command does."""
    before = restored(place, start)
    with injected(faults), suppress(BaseException):
        follow(once=True)
    assert served() in {before, "2"}
    follow(once=True)
    follow(once=True)
    assert served() == "2"
    assert read_journal() is None
    log = read_log(accepted_release_keys())
    assert [line.entry.version for line in log] == [*before, "2"]
    assert sorted(line.entry.stored for line in log) == sorted(one.name for one in model_folder().glob("*/"))
    assert log[-1].entry.stored == pointed_at()
    assert not list(release_folder().rglob("*.json"))


def calls_of(place: Path, start: str) -> list[str]:
    """Name the calls of a look without faults."""
    restored(place, start)
    with injected(Faults(release_folder().parent)) as faults:
        follow(once=True)
    return faults.seen


def test_a_fault_leaves_one_whole_release(place: Path) -> None:
    """Each fourth call fails, in turn before or after its work, by another kind of fault."""
    start = "another release"
    names = calls_of(place, start)
    assert {"mlflow.artifacts.download_artifacts", "Path.rename", "Path.replace"} <= set(names)
    for turn, at in enumerate(range(0, len(names), 4)):
        check(place, start, Faults(release_folder().parent, at, turn % 2 == 1, KINDS[turn % len(KINDS)]))


@pytest.mark.acceptance
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("start", STARTS)
def test_every_kind_of_fault_at_every_call(
    place: Path, start: str, after: bool, kind: Callable[[], BaseException]
) -> None:
    """The whole campaign."""
    for at, name in enumerate(calls_of(place, start)):
        try:
            check(place, start, Faults(release_folder().parent, at, after, kind))
        except BaseException as error:
            error.add_note(f"call {at}, {name}")
            raise
