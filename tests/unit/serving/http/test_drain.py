"""SIGTERM begins the drain, SIGINT cuts it short, and then the server ends as it always did."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from serving.http.drain import Drain

LONG = 600


@pytest.fixture
def ended() -> Iterator[list[int]]:
    """Handle signals as a server does: list those on which it would end."""
    numbers: list[int] = []
    before = {
        number: signal.signal(number, lambda received, _: numbers.append(received))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    yield numbers
    for number, handling in before.items():
        signal.signal(number, handling)


def sent(drain: Drain, *numbers: signal.Signals, seconds: float) -> None:
    """Send signals to a process that drains, and let half a second pass at most."""

    async def run() -> None:
        drain.await_signals(seconds)
        for number in numbers:
            os.kill(os.getpid(), number)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)

    asyncio.run(run())


def test_the_server_ends_after_the_drain_however_often_it_is_told(ended: list[int]) -> None:
    """BentoML and the process that forked a worker both tell it."""
    drain = Drain()
    sent(drain, signal.SIGTERM, signal.SIGTERM, seconds=0.1)
    assert (drain.draining, ended) == (True, [signal.SIGTERM])


def test_during_the_drain_the_server_goes_on(ended: list[int]) -> None:
    """Unready at once."""
    drain = Drain()
    sent(drain, signal.SIGTERM, seconds=LONG)
    assert (drain.draining, ended) == (True, [])


def test_a_further_signal_ends_the_drain(ended: list[int]) -> None:
    """The answers under way are still completed; one more gives them up, as before."""
    drain = Drain()
    sent(drain, signal.SIGTERM, signal.SIGINT, seconds=LONG)
    assert ended == [signal.SIGTERM]
    sent(drain, signal.SIGINT, seconds=LONG)
    assert ended == [signal.SIGTERM, signal.SIGINT]


def test_without_a_drain_the_server_ends_at_once(ended: list[int]) -> None:
    """It is unready before."""
    drain = Drain()
    sent(drain, signal.SIGTERM, seconds=0)
    assert (drain.draining, ended) == (True, [signal.SIGTERM])


def test_outside_of_the_main_thread_nothing_changes(ended: list[int]) -> None:
    """As where another program runs the service inside of its own process."""
    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=Drain().await_signals, args=(0,))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is before
    assert ended == []


@pytest.mark.usefixtures("ended")
def test_without_a_server_nothing_changes() -> None:
    """A signal then ends the process as it would any other."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(_await_signals())
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


async def _await_signals() -> None:
    Drain().await_signals(0)
