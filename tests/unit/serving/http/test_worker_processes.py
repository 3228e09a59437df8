"""Forks, signals and ends of workers, without a process: the system's calls are recorded."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from bentoml._internal.context import server_context

from serving.http import worker_processes
from serving.http.worker_processes import (
    END_SIGNALS,
    METRICS_VARIABLE,
    STARTED_AGAIN_AFTER_SECONDS,
    WORKERS,
    forget_process,
    fork_workers,
    several_workers,
)

FIRST = 101
"""Process id of the first worker here; the next one has the next number."""


class System:
    """An operating system in which time passes while one waits, and processes end when a test says so.

    Parameters
    ----------
    script : mapping
        What happens in each round: process ids that end, or a signal to the process that forks.
    """

    def __init__(self, script: Mapping[int, list[int | signal.Signals]]) -> None:
        self.script = script
        self.round = 0
        self.now = 0.0
        self.forks: list[float | None] = []
        """When each process was forked; None where the system refused."""
        self.refused = 0
        self.ended: set[int] = set()
        self.signals: list[tuple[int, int]] = []
        self.sessions = self.looks = 0
        self.worker_is = 0
        """Number of the fork that is seen from the worker; 0 for none."""

    def fork(self) -> int:
        if self.refused:
            self.refused -= 1
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        self.forks.append(self.now)
        return 0 if len(self.forks) == self.worker_is else FIRST + len(self.forks) - 1

    def setsid(self) -> None:
        self.sessions += 1

    def look(self) -> None:
        """Count what is done between two looks at the workers."""
        self.looks += 1

    def wait(self, seconds: float) -> None:
        self.round += 1
        self.now += seconds
        for event in self.script.get(self.round, []):
            if isinstance(event, signal.Signals):
                signal.raise_signal(event)
            else:
                self.ended.add(event)

    def waitpid(self, pid: int, _options: int) -> tuple[int, int]:
        if pid in self.ended:
            self.ended.remove(pid)
            return pid, signal.SIGKILL
        return 0, 0

    def kill(self, pid: int, number: int) -> None:
        self.signals.append((pid, number))
        self.ended.add(pid)


@pytest.fixture
def handling() -> Iterator[None]:
    """Put the handling of signals back."""
    before = {number: signal.getsignal(number) for number in END_SIGNALS}
    yield
    for number, usual in before.items():
        signal.signal(number, usual)


def run(system: System, workers: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Run workers until all have ended, or until this is one; list the processes that ended."""

    class Event:
        def __init__(self) -> None:
            self.happened = False

        def set(self) -> None:
            self.happened = True

        def is_set(self) -> bool:
            return self.happened

        def wait(self, seconds: float) -> None:
            system.wait(seconds)

    threads = SimpleNamespace(Event=Event, Thread=threading.Thread)
    monkeypatch.setattr(worker_processes, "threading", threads)
    clock = SimpleNamespace(monotonic=lambda: system.now, sleep=system.wait)
    monkeypatch.setattr(worker_processes, "time", clock)
    for name in ("fork", "waitpid", "kill", "setsid"):
        monkeypatch.setattr(os, name, getattr(system, name))
    ended: list[int] = []
    fork_workers(workers, at_end=ended.append, meanwhile=(system.look,))
    return ended


@pytest.mark.usefixtures("handling")
def test_on_sigterm_all_workers_are_ended_and_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 0 follows when all have ended."""
    system = System({20: [signal.SIGTERM]})
    with pytest.raises(SystemExit) as caught:
        run(system, 3, monkeypatch)
    assert caught.value.code == 0
    assert system.signals == [(pid, signal.SIGTERM) for pid in (FIRST, FIRST + 1, FIRST + 2)]
    assert len(system.forks) == 3
    assert system.looks == 20


@pytest.mark.usefixtures("handling")
def test_a_worker_that_ends_is_replaced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At once, if it has run for a while; the log says so."""
    system = System({20: [FIRST], 30: [signal.SIGINT]})
    with pytest.raises(SystemExit):
        run(system, 2, monkeypatch)
    assert system.forks == pytest.approx([0, 0, 2.0])
    assert system.signals == [(FIRST + 1, signal.SIGTERM), (FIRST + 2, signal.SIGTERM)]
    assert caplog.messages == [f"worker {FIRST} ended with status -9; another one is started"]


@pytest.mark.usefixtures("handling")
def test_a_worker_that_cannot_start_is_replaced_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a mistake in the settings does not use up a processor."""
    system = System({1: [FIRST], 20: [signal.SIGTERM]})
    with pytest.raises(SystemExit):
        run(system, 1, monkeypatch)
    first, second = system.forks
    assert first == 0
    assert second is not None
    assert second >= STARTED_AGAIN_AFTER_SECONDS


@pytest.mark.usefixtures("handling")
def test_a_system_without_room_for_a_process_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The other workers go on meanwhile."""
    system = System({40: [signal.SIGTERM]})
    system.refused = 2
    with pytest.raises(SystemExit):
        run(system, 1, monkeypatch)
    assert system.forks == pytest.approx([2.0], abs=0.3)
    assert caplog.messages == ["no worker could be started: Resource temporarily unavailable"] * 2


@pytest.mark.usefixtures("handling")
def test_a_worker_has_its_usual_signals_and_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipe to its parent is closed here, as it is when the parent has been killed."""
    before = [signal.getsignal(number) for number in END_SIGNALS]
    system = System({})
    system.worker_is = 2
    assert run(system, 2, monkeypatch) == []
    assert system.sessions == 1
    assert [signal.getsignal(number) for number in END_SIGNALS] == before
    deadline = time.monotonic() + 10
    while not system.signals and time.monotonic() < deadline:
        time.sleep(0.01)
    assert system.signals == [(os.getpid(), signal.SIGTERM)]
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & set(END_SIGNALS)


def test_only_a_process_that_answers_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the program that imports the service; BentoML numbers the processes that it starts to answer."""
    monkeypatch.setenv(WORKERS.variable, "2")
    assert several_workers() == 0
    monkeypatch.setattr(server_context, "worker_index", 1)
    assert several_workers() == 2
    monkeypatch.setenv(WORKERS.variable, "1")
    assert several_workers() == 0


def test_what_an_ended_process_had_in_progress_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has answered is."""
    names = ["counter_101.db", "gauge_livesum_101.db", "gauge_livesum_102.db"]
    for name in names:
        (tmp_path / name).touch()
    monkeypatch.delenv(METRICS_VARIABLE, raising=False)
    forget_process(101)
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    monkeypatch.setenv(METRICS_VARIABLE, str(tmp_path))
    forget_process(101)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["counter_101.db", "gauge_livesum_102.db"]
