"""The end of a process in two steps: it is unready and goes on answering, then it closes its connections.

A load balancer learns from `/readyz` that a process ends, and takes some seconds to send requests elsewhere.
Meanwhile each answer closes its connection, so that no client sends a request on one that is about to close.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

from serving.http.number_setting import NumberSetting

DRAIN_SECONDS = NumberSetting("CART_OUTCOMES_DRAIN_SECONDS", least=0, most=600, default=0)
"""For how long a process that ends still answers new requests."""


class Drain:
    """Whether this process is ending."""

    def __init__(self) -> None:
        self.draining = False
        self._timer: asyncio.TimerHandle | None = None

    def await_signals(self, seconds: float) -> None:
        """Have SIGTERM begin the drain, and SIGINT cut it short; both then do what they did before.

        SIGTERM may come several times, from BentoML and from the process that forked this one, so only SIGINT
        cuts the drain short. To be called in the event loop, after the server has set up its own handling.
        Outside of the main thread, or without a server's handling, nothing changes.

        Parameters
        ----------
        seconds : float
            Time between SIGTERM and the end of the first step.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        end, give_up = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
        if not (callable(end) and callable(give_up)):
            return

        def close() -> None:
            end(signal.SIGTERM, None)

        def begin(*_: object) -> None:
            if not self.draining:
                self.draining = True
                loop.call_soon_threadsafe(self._close_after, seconds, close)

        def cut_short(*_: object) -> None:
            self.draining = True
            if self._timer is None:
                give_up(signal.SIGINT, None)
            else:
                self._timer.cancel()
                self._timer = None
                close()

        signal.signal(signal.SIGTERM, begin)
        signal.signal(signal.SIGINT, cut_short)

    def _close_after(self, seconds: float, close: Callable[[], None]) -> None:
        def step() -> None:
            self._timer = None
            close()

        self._timer = asyncio.get_running_loop().call_later(seconds, step)


drain = Drain()
"""That of this process."""
