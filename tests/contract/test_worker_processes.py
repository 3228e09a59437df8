"""Several workers answer from one model, which is loaded before they are forked."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bentoml._internal.context import server_context

from serving import service
from serving.http.event_loop import ACCEPTED_AT_ONCE, EventLoop
from serving.http.number_setting import NumberSettingError
from serving.http.starters import Starters
from serving.http.worker_processes import WORKERS, forget_process
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.release.following import Following


@pytest.fixture
def forked(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    """Record how workers are forked, in place of forking; leave the process unchanged."""
    usual, forks = sys.getswitchinterval(), list[tuple[Any, ...]]()
    monkeypatch.setenv(BUNDLE_VARIABLE, str(bundle_folder))
    monkeypatch.setattr(
        service, "fork_workers", lambda number, at_end, meanwhile: forks.append((number, at_end, meanwhile))
    )
    monkeypatch.setattr(EventLoop, "accepted_at_once", ACCEPTED_AT_ONCE)
    yield forks
    service.documents().state.release = service.documents().state.shared = None
    sys.setswitchinterval(usual)
    gc.unfreeze()


def test_workers_answer_from_the_model_that_was_loaded_before(
    forked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker reads no bundle again."""
    monkeypatch.setattr(service, "several_workers", lambda: 2)
    service.become_worker()
    release = service.documents().state.shared
    ((workers, at_end, (look, look_at_starters)),) = forked
    assert (workers, at_end, look) == (2, forget_process, release.look)
    assert look_at_starters.__func__ is Starters.look
    assert EventLoop.accepted_at_once == 1
    monkeypatch.delenv(BUNDLE_VARIABLE)
    worker = service.RiskService.inner()
    try:
        assert service.documents().state.release is release
    finally:
        worker.close()


def test_one_process_is_not_forked(forked: list[tuple[Any, ...]]) -> None:
    """The default: nothing is loaded before the service is made."""
    service.become_worker()
    assert forked == []
    assert service.documents().state.shared is None
    assert EventLoop.accepted_at_once == ACCEPTED_AT_ONCE


@pytest.mark.usefixtures("forked")
def test_one_process_looks_at_those_that_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it answers; a program that imports the service does not."""
    looked = threading.Event()
    monkeypatch.setattr(Starters, "look", lambda _: looked.set())
    monkeypatch.setattr(service, "Following", partial(Following, every_seconds=0.01))
    service.RiskService.inner().close()
    assert not looked.is_set()
    monkeypatch.setattr(server_context, "worker_index", 1)
    worker = service.RiskService.inner()
    try:
        assert looked.wait(20)
    finally:
        worker.close()


@pytest.mark.usefixtures("forked")
def test_a_number_that_cannot_be_used_is_an_error_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain ``bentoml serve`` shows it."""
    monkeypatch.setenv(WORKERS.variable, "all")
    with pytest.raises(NumberSettingError, match="must be a whole number from 1 to 64"):
        service.become_worker()
