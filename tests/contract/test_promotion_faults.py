"""A promotion that fails at any call: one whole champion is served, and a repeated promotion ends it.

Releases are signed. Whatever is served at any time has a right signature and is the last of a whole log, but
for a promotion that was interrupted between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import pytest

from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import model_folder, pointed_at, released_bundle
from serving.release.public_keys import accepted_release_keys
from serving.release.release_log import read_log
from serving.release.sealed_files import verified_seal
from serving.release.verified_release import verified_release
from tests.faults import KINDS, Faults, injected
from tests.recorded import in_folder_of
from tests.releases import State, aliases, another, empty_store, linear, promoted, register
from tests.signing import accepting, site_key
from training.release.bento_store import release_folder
from training.release.journal import read_journal
from training.tracking.model_registry import champion
from training.tracking.release_agreement import disagreement

STARTS = ("first release", "next release")


@pytest.fixture(scope="module")
def versions(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]
) -> Iterator[dict[str, str]]:
    """Register two versions and keep the state before any release, and with the first released."""
    folder = new_database(tmp_path_factory.mktemp("faults"))
    with in_folder_of(folder), accepting(site_key(folder)):
        digests = {}
        for name, bundle in (("one", linear()), ("two", another())):
            number = register(bundle, folder / name)
            digests[number] = read_bundle(folder / name).digest
        for start in STARTS:
            (folder / start).mkdir()
            if start == "first release":
                empty_store()
            else:
                promoted("1")
            State(folder, folder / start).keep()
        yield digests
        empty_store()


def restored(start: str) -> str:
    """Go back to a start; name the version that is served."""
    State(Path.cwd(), Path.cwd() / start).restore()
    return "1" if start == "next release" else ""


@pytest.fixture(scope="module", params=STARTS)
def calls(request: pytest.FixtureRequest, versions: dict[str, str]) -> tuple[str, list[str]]:
    """Name the calls of a promotion without faults."""
    restored(request.param)
    with injected(Faults(release_folder().parent)) as faults:
        promoted("2")
    assert len(faults.seen) > 30
    assert {"MlflowClient.set_registered_model_alias", "Path.rename", "Path.replace"} <= set(faults.seen)
    return request.param, faults.seen


def check(start: str, digests: dict[str, str], faults: Faults) -> None:
    """Fail once; look at what is served and said; promote again."""
    before = restored(start)
    pointer = pointed_at()
    # A champion that cannot be read is remarked on, and the promotion goes on.
    with injected(faults), suppress(BaseException):
        promoted("2")
    found, known = served(), champion()
    switched = pointed_at() != pointer and found is not None
    expected = digests.get("2" if switched else before)
    assert (found.digest if found is not None else None) == expected
    agrees = (known.digest if known is not None else None) == expected
    assert agrees or disagreement()
    assert not disagreement() or not agrees or read_journal() is not None
    promoted("2")
    assert served_digest() == digests["2"]
    assert aliases() == {"champion": "2", **({"previous": before} if before else {})}
    assert disagreement() == ""
    assert read_journal() is None
    assert not list(release_folder().rglob("*.json"))
    check_log(before)


def check_log(before: str) -> None:
    """One line for each release, in the order in which they were served; all of it verified.

    A promotion that had ended but for MLflow's pages releases the version once more when it is repeated.
    """
    keys = accepted_release_keys()
    assert keys is not None
    log = read_log(keys)
    stored = [line.entry.stored for line in log]
    assert [line.entry.version for line in log] in ([*before, "2"], [*before, "2", "2"])
    assert sorted(stored) == sorted(folder.name for folder in model_folder().glob("*/"))
    assert stored[-1] == pointed_at()
    for name in stored:
        verified_seal(model_folder() / name, keys)


def served() -> Bundle | None:
    """Read what the service would serve, its signature verified; None where nothing is released."""
    try:
        folder = released_bundle()
    except BundleError:
        return None
    return verified_release(folder)


def served_digest() -> str:
    found = served()
    assert found is not None
    return found.digest


def test_a_fault_at_a_call_leaves_one_whole_champion(
    versions: dict[str, str], calls: tuple[str, list[str]]
) -> None:
    """Every fourth call fails, others for the next release; by each kind of fault, in turn after its work.

    The campaign below fails every call in every way.
    """
    start, names = calls
    ways = [(after, kind) for kind in KINDS for after in (False, True)]
    places = range(2 * STARTS.index(start), len(names), 2 * len(STARTS))
    for at, (after, kind) in zip(places, cycle(ways), strict=False):
        name = names[at]
        try:
            check(start, versions, Faults(release_folder().parent, at, after, kind))
        except BaseException as error:
            error.add_note(f"call {at}, {name}, {'after' if after else 'before'}, {kind.__name__}")
            raise
    assert len(places) >= len(KINDS)


@pytest.mark.acceptance
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_kind_of_fault_at_every_call(
    versions: dict[str, str],
    calls: tuple[str, list[str]],
    after: bool,
    kind: Callable[[], BaseException],
) -> None:
    """The whole campaign."""
    start, names = calls
    for at in range(len(names)):
        check(start, versions, Faults(release_folder().parent, at, after, kind))
