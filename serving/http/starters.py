"""The end of the service with the processes that started it, however they end.

`cart-outcomes serve` starts BentoML's supervising process, which starts the one that answers. A process that
is killed cannot end those that it started: they would go on answering without supervision, and keep the port,
so that the service could not be started again.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Mapping

import psutil

log = logging.getLogger("cart_outcomes.workers")

STARTER_VARIABLE = "CART_OUTCOMES_STARTER"
"""Process id of the program that started BentoML; not set where a person or a system did."""


class Starters:
    """The processes that started this one; to be made when this one begins.

    Parameters
    ----------
    environment : mapping of str to str
        Of this process by default.

    Examples
    --------
    >>> Starters({}).look()
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._parent = os.getppid()
        self._starter = environment.get(STARTER_VARIABLE, "")
        self._ending = False

    def look(self) -> None:
        """End the service as SIGTERM does, once, if a process that started it has ended.

        BentoML's process is asked if it runs, since it would start this one again.
        """
        if self._ending:
            return
        if os.getppid() != self._parent:
            self._end(os.getpid())
        elif self._starter and _parent_of(self._parent) != self._starter and self._supervised():
            self._end(self._parent)

    def _supervised(self) -> bool:
        """Whether the parent was started by the same program: no other process may be ended."""
        try:
            environment: dict[str, str] = psutil.Process(self._parent).environ()
        except psutil.Error:
            return False
        return environment.get(STARTER_VARIABLE) == self._starter

    def _end(self, pid: int) -> None:
        self._ending = True
        log.warning("the process that started the service has ended; the service ends too")
        os.kill(pid, signal.SIGTERM)


def _parent_of(pid: int) -> str:
    try:
        return str(psutil.Process(pid).ppid())
    except psutil.Error:
        return ""
