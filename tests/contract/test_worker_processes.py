"""Several workers answer from one model, which is loaded before they are forked."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import service
from serving.http.event_loop import ACCEPTED_AT_ONCE, EventLoop
from serving.http.number_setting import NumberSettingError
from serving.http.worker_processes import WORKERS, forget_process
from serving.model.released_bundle import BUNDLE_VARIABLE


@pytest.fixture
def forked(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[object, ...]]]:
    """Record how workers are forked, in place of forking; leave the process unchanged."""
    usual, forks = sys.getswitchinterval(), list[tuple[object, ...]]()
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
    forked: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker reads no bundle again."""
    monkeypatch.setattr(service, "several_workers", lambda: 2)
    service.become_worker()
    release = service.documents().state.shared
    assert forked == [(2, forget_process, release.look)]
    assert EventLoop.accepted_at_once == 1
    monkeypatch.delenv(BUNDLE_VARIABLE)
    worker = service.RiskService.inner()
    try:
        assert service.documents().state.release is release
    finally:
        worker.close()


def test_one_process_is_not_forked(forked: list[tuple[object, ...]]) -> None:
    """The default: nothing is loaded before the service is made."""
    service.become_worker()
    assert forked == []
    assert service.documents().state.shared is None
    assert EventLoop.accepted_at_once == ACCEPTED_AT_ONCE


@pytest.mark.usefixtures("forked")
def test_a_number_that_cannot_be_used_is_an_error_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain ``bentoml serve`` shows it."""
    monkeypatch.setenv(WORKERS.variable, "all")
    with pytest.raises(NumberSettingError, match="must be a whole number from 1 to 64"):
        service.become_worker()
