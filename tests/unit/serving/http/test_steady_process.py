"""Settings of the process that answers."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator

import pytest

from serving.http.steady_process import TURN_SECONDS, keep_memory, steady_process


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the process as it was."""
    usual = sys.getswitchinterval()
    yield
    sys.setswitchinterval(usual)
    gc.unfreeze()


def test_what_is_loaded_is_no_garbage_and_threads_take_short_turns() -> None:
    """The collector leaves out what was there before."""
    loaded = [[number] for number in range(1000)]
    steady_process()
    assert gc.get_freeze_count() >= len(loaded)
    assert sys.getswitchinterval() == pytest.approx(TURN_SECONDS)


def test_without_the_setting_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with another C library."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not keep_memory()
