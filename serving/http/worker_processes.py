"""Several processes that answer: forks of one process that has loaded the model, whose memory they share.

BentoML starts one process. With `WORKERS` above 1, that process loads the model and forks workers,
which accept connections from the same socket. It answers nothing itself: it replaces a worker that has ended,
and ends all workers when it is ended. It follows the release too: a new worker begins with the newest.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from serving.http.number_setting import NumberSetting

log = logging.getLogger("cart_outcomes.workers")

WORKERS = NumberSetting("CART_OUTCOMES_WORKERS", least=1, most=64, default=1)
"""Number of processes that answer."""

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Folder in which each process keeps its counters; `/metrics` adds them up."""

LOOKED_AT_EVERY_SECONDS = 0.1
STARTED_AGAIN_AFTER_SECONDS = 1.0
"""Pause after a worker that could not start, or that ended sooner than this after its start."""

END_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Handling = Callable[[int, FrameType | None], object] | int | None
"""What Python does on a signal."""


def several_workers() -> int:
    """Get the number of workers to fork here; 0 for none.

    Returns
    -------
    workers : int
        0 where one process is enough, and outside of a process that BentoML started to answer.

    Raises
    ------
    NumberSettingError
        If the environment names no usable number.
    """
    workers = WORKERS.read()
    return workers if workers > 1 and started_to_answer() else 0


def started_to_answer() -> bool:
    """Whether BentoML's supervising process started this one to answer; it numbers those processes."""
    # BentoML takes seconds to import, and the command line reads the names here.
    from bentoml._internal.context import server_context

    return server_context.worker_index is not None


def fork_workers(
    workers: int,
    *,
    at_end: Callable[[int], None] = lambda _: None,
    meanwhile: Sequence[Callable[[], None]] = (),
) -> None:
    """Become one of several workers; to be called in the main thread, before any other thread is started.

    Parameters
    ----------
    workers : int
        How many run at a time.
    at_end : callable
        Is given the process id of each worker that has ended.
    meanwhile : sequence of callable
        Called in the process that forks, `LOOKED_AT_EVERY_SECONDS` after the last time.

    Raises
    ------
    SystemExit
        In the process that forks, with status 0, after it was asked to end and all workers have ended. In a
        worker, the function returns.
    """
    _Workers(workers, at_end, meanwhile).keep_running()


def forget_process(pid: int) -> None:
    """Take the requests that an ended process had in progress out of `/metrics`; its counts are kept.

    Parameters
    ----------
    pid : int
    """
    # BentoML sets the folder of the counters after this module is imported.
    from prometheus_client import multiprocess

    if METRICS_VARIABLE in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


class _Workers:
    """The workers of this process."""

    def __init__(
        self, number: int, at_end: Callable[[int], None], meanwhile: Sequence[Callable[[], None]]
    ) -> None:
        self._number, self._at_end, self._meanwhile = number, at_end, meanwhile
        self._started: dict[int, float] = {}
        """When each worker was started, by process id."""
        self._pause_until = 0.0
        self._ending = threading.Event()
        self._usual: dict[signal.Signals, Handling] = {}
        self._read_end, self._write_end = os.pipe()
        """The write end is open in this process alone: a worker sees it close, however this process ends."""

    def keep_running(self) -> None:
        """Start workers, and start others for those that end; return in each of them."""
        self._usual = {number: signal.signal(number, self._end) for number in END_SIGNALS}
        while not self._ending.is_set():
            if self._start_missing():
                return
            self._ending.wait(LOOKED_AT_EVERY_SECONDS)
            self._note_ended()
            for look in self._meanwhile:
                look()
        for pid in self._started:
            os.kill(pid, signal.SIGTERM)
        while self._started:
            time.sleep(LOOKED_AT_EVERY_SECONDS)
            self._note_ended()
        sys.exit(0)

    def _end(self, *_: object) -> None:
        self._ending.set()

    def _start_missing(self) -> bool:
        """Fork the workers that are missing; say whether this is one of them."""
        while len(self._started) < self._number and time.monotonic() >= self._pause_until:
            try:
                pid = self._fork()
            except OSError as error:
                log.warning("no worker could be started: %s", error.strerror)
                self._pause_until = time.monotonic() + STARTED_AGAIN_AFTER_SECONDS
                continue
            if pid == 0:
                return True
            self._started[pid] = time.monotonic()
        return False

    def _fork(self) -> int:
        # What waits in a buffer would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        # No signal may meet a worker that still has the handling of this process.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._become_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return pid

    def _become_worker(self) -> None:
        for number, handling in self._usual.items():
            signal.signal(number, handling)
        # A session of its own, as BentoML's processes have: Linux shares out processors among sessions first.
        os.setsid()
        os.close(self._write_end)
        threading.Thread(target=_end_after, args=(self._read_end,), name="parent", daemon=True).start()

    def _note_ended(self) -> None:
        for pid in list(self._started):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._forget(pid, os.waitstatus_to_exitcode(status))

    def _forget(self, pid: int, status: int) -> None:
        now = time.monotonic()
        if now - self._started.pop(pid) < STARTED_AGAIN_AFTER_SECONDS:
            self._pause_until = now + STARTED_AGAIN_AFTER_SECONDS
        self._at_end(pid)
        if not self._ending.is_set():
            log.warning("worker %d ended with status %d; another one is started", pid, status)


def _end_after(read_end: int) -> None:
    """Wait until the process that forked this one has ended; then have this one complete its answers."""
    os.read(read_end, 1)
    os.kill(os.getpid(), signal.SIGTERM)
