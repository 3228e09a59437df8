"""The end of the processes that started the service ends it; processes are invented here."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from serving.http import starters
from serving.http.starters import STARTER_VARIABLE, Starters

STARTER, SUPERVISOR, STRANGER, FOSTER = 11, 22, 33, 1
"""`serve`, BentoML's supervising process, another program, and who adopts orphans."""


class System:
    """Who started whom, and what was ended."""

    def __init__(self) -> None:
        self.parent = SUPERVISOR
        self.parents = {SUPERVISOR: STARTER, STRANGER: FOSTER, FOSTER: 0}
        self.started_by = {SUPERVISOR: str(STARTER)}
        self.signals: list[tuple[int, int]] = []

    def process(self, pid: int) -> Process:
        if pid not in self.parents:
            raise psutil.NoSuchProcess(pid)
        return Process(self, pid)


class Process:
    """One of these processes."""

    def __init__(self, system: System, pid: int) -> None:
        self.system, self.pid = system, pid

    def ppid(self) -> int:
        return self.system.parents[self.pid]

    def environ(self) -> dict[str, str]:
        if self.pid == FOSTER:
            raise psutil.AccessDenied(self.pid)
        found = self.system.started_by.get(self.pid)
        return {} if found is None else {STARTER_VARIABLE: found}


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """Replace the calls of the system."""
    found = System()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getppid", lambda: found.parent)
        patch.setattr(os, "kill", lambda *sent: found.signals.append(sent))
        patch.setattr(starters.psutil, "Process", found.process)
        yield found


def started() -> Starters:
    return Starters({STARTER_VARIABLE: str(STARTER)})


def test_nothing_happens_while_all_run(system: System) -> None:
    """With a starter that is known, and without."""
    for each in (started(), Starters({})):
        each.look()
    assert system.signals == []


@pytest.mark.parametrize("environment", [{}, {STARTER_VARIABLE: str(STARTER)}])
def test_without_its_supervisor_the_process_ends(
    system: System, caplog: pytest.LogCaptureFixture, environment: dict[str, str]
) -> None:
    """As SIGTERM ends it, once, and the log says why."""
    watched = Starters(environment)
    system.parent = FOSTER
    for _ in range(2):
        watched.look()
    assert system.signals == [(os.getpid(), signal.SIGTERM)]
    assert caplog.messages == ["the process that started the service has ended; the service ends too"]


def test_without_its_starter_the_supervisor_is_ended(system: System) -> None:
    """Once; it ends the process that answers, which it would start again otherwise."""
    watched = started()
    system.parents[SUPERVISOR] = FOSTER
    for _ in range(2):
        watched.look()
    assert system.signals == [(SUPERVISOR, signal.SIGTERM)]


@pytest.mark.parametrize("parent", [STRANGER, FOSTER])
def test_no_other_program_is_ended(system: System, parent: int) -> None:
    """The supervising process ended before this one looked for the first time."""
    system.parent = parent
    started().look()
    assert system.signals == []


def test_a_supervisor_that_ends_meanwhile_is_noticed_by_the_next_look(system: System) -> None:
    """Between two calls of the system."""
    watched = started()
    del system.parents[SUPERVISOR]
    watched.look()
    assert system.signals == []
    system.parent = FOSTER
    watched.look()
    assert system.signals == [(os.getpid(), signal.SIGTERM)]
