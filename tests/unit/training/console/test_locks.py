"""Commands that would write over each other: the second is refused or waits, and a lock leaves nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serving.model.bundle_error import BundleError
from training.console.locks import InUseError, bundle_folder, in_turn, lock_held


def test_a_bundle_is_made_by_one_at_a_time(tmp_path: Path) -> None:
    """The second is told where, and what to do; afterwards the place is free and nothing is left."""
    place = tmp_path / "new" / "bundle"
    with bundle_folder(place):
        with pytest.raises(
            InUseError, match=r"Another command is writing to .*bundle\. Wait .* --bundle-out"
        ):
            bundle_folder(place).__enter__()
        with bundle_folder(place.with_name("other")):
            pass
    with bundle_folder(place):
        pass
    assert not list(place.parent.iterdir())


def test_a_failure_frees_the_place(tmp_path: Path) -> None:
    """Whatever ends the work."""
    with pytest.raises(KeyboardInterrupt), bundle_folder(tmp_path / "bundle"):
        raise KeyboardInterrupt
    with bundle_folder(tmp_path / "bundle"):
        pass


def test_what_is_no_bundle_is_refused_first(tmp_path: Path) -> None:
    """And no lock is left beside it."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    with pytest.raises(BundleError, match="exists and is not a bundle"):
        bundle_folder(tmp_path / "notes").__enter__()
    assert [one.name for one in tmp_path.iterdir()] == ["notes"]


@pytest.mark.parametrize("waiting", [in_turn, lambda folder: lock_held(folder / "a.lock")])
def test_others_wait_their_turn(tmp_path: Path, waiting: Callable[[Path], Any]) -> None:
    """The second begins when the first has ended."""
    order: list[str] = []
    begun = threading.Event()

    def first() -> None:
        with waiting(tmp_path):
            begun.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    with waiting(tmp_path):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert not list(tmp_path.iterdir())


def test_many_that_wait_hold_a_lock_one_at_a_time(tmp_path: Path) -> None:
    """Each takes the file away at its end, and nobody goes on with one that has gone."""
    lock, inside, most = tmp_path / "a.lock", 0, 0

    def work() -> None:
        nonlocal inside, most
        with lock_held(lock):
            inside += 1
            most = max(most, inside)
            time.sleep(0.01)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert not list(tmp_path.iterdir())
