"""Stopping work in the middle: what is said, and the exit status."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import suppress

import pytest

from training.commands import app
from training.console.interruption import told_when_stopped


def work(undone: list[bool], number: signal.Signals | None) -> None:
    """Be stopped in the middle, or fail."""
    try:
        if number is None:
            message = "wrong"
            raise ValueError(message)
        signal.raise_signal(number)
    finally:
        undone.append(True)


@pytest.mark.parametrize(
    ("number", "raised", "status"),
    [(signal.SIGINT, KeyboardInterrupt, None), (signal.SIGTERM, SystemExit, 143)],
)
def test_a_stop_is_told_and_goes_on_up(
    number: signal.Signals,
    raised: type[BaseException],
    status: int | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """SIGTERM unwinds like Ctrl-C, so that what was begun can be undone; handling is put back."""
    before, undone = signal.getsignal(number), list[bool]()
    with pytest.raises(raised) as stopped, told_when_stopped("the bundle is in b"):
        work(undone, number)
    assert getattr(stopped.value, "code", None) == status
    assert capsys.readouterr().err == "\nthe bundle is in b\n"
    assert undone == [True]
    assert signal.getsignal(number) == before


def test_nothing_is_said_of_work_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """Errors have messages of their own."""
    with pytest.raises(ValueError, match="wrong"), told_when_stopped("the bundle is in b"):
        work([], None)
    assert capsys.readouterr().err == ""


def test_a_stop_that_python_lost_is_told_when_the_work_then_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """As where a signal arrives while an object is taken down, and a server is waited for in vain."""

    def lost() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        work([], None)

    with pytest.raises(KeyboardInterrupt), told_when_stopped("the bundle is in b"):
        lost()
    assert capsys.readouterr().err == "\nthe bundle is in b\n"


def test_a_stop_that_an_import_reports_as_its_own_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As compiled code does that is stopped while it is set up; the command says that it was stopped."""

    def imported(name: str) -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        message = "initialization failed"
        raise ImportError(message)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(app, "imported", imported)
    monkeypatch.setattr(sys, "argv", ["cart-outcomes", "train"])
    with pytest.raises(SystemExit) as stopped:
        app.main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "stopped\n"
    assert signal.getsignal(signal.SIGINT) == before


def test_other_threads_leave_signals_alone() -> None:
    """Only the main thread may handle them."""
    ended: list[bool] = []

    def work() -> None:
        with told_when_stopped("the bundle is in b"):
            ended.append(signal.getsignal(signal.SIGTERM) == before)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]
