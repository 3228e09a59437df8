"""Tasks run by worker processes of this machine."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from features.files.atomic_write import PRIVATE
from features.problems import Refused
from training.tasks.serial import Serial
from training.tasks.task import Done, Shared, Task
from training.tasks.worker import Stored, start, warning_filters, work

PATIENCE_SECONDS = 1.0
"""Work for which no worker is started: each takes about two seconds to import what it needs."""
LARGE_BYTES = 400_000
"""Size of a shared value from which on workers are started at once: 500 infusions or so."""
MOST_BREAKDOWNS = 3
"""Times that the workers are started again after one of them was killed."""
AHEAD = 2
"""Tasks that are sent for each worker: the one that it runs, and the next."""
TAKEN_OVER_SECONDS = 2.0
"""Time for joblib to take over tasks that were sent before its workers are ended."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Every core has a worker of its own, so more threads would only wait for each other."""


class WorkersKilledError(Refused):
    """Worker processes were killed again and again; says what may help."""


class LocalProcesses:
    """Runs tasks in processes of this machine; used as a context, after which none is left.

    Tasks whose worker was killed are run again. Shared values are in a folder that only its owner can read,
    and that is removed at the end, or by a process of joblib's if this one is killed.

    Parameters
    ----------
    workers : int
        Processes, at least 1.
    patience_seconds : float
        Tasks are run in this process until they have taken so long, unless their values are large.
    """

    def __init__(self, workers: int, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._workers, self._patience = workers, patience_seconds
        self._modules: tuple[str, ...] = ()
        self._meanwhile: Callable[[], None] | None = None
        self._executor: Any = None
        self._folder: Path | None = None
        self._stored: dict[Shared, Stored] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, modules: Sequence[str], meanwhile: Callable[[], None] | None = None) -> None:
        """Start the workers before there is a task.

        Parameters
        ----------
        modules : sequence of str
            What tasks will need; workers import it while this process does something else.
        meanwhile : callable, optional
            Called once in this process, as soon as the workers have the first tasks.
        """
        self._modules, self._meanwhile = tuple(modules), meanwhile
        self._started().submit(os.getpid)

    def finished(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Run tasks, and yield the position and result of each as soon as it is finished.

        Raises
        ------
        WorkersKilledError
            If workers were killed more than `MOST_BREAKDOWNS` times.
        """
        from joblib.externals.loky import BrokenProcessPool

        left = dict(enumerate(tasks))
        for position, done in self._here(tasks):
            del left[position]
            yield position, done
        breakdowns = 0
        while left:
            try:
                for position, done in self._by_workers(left):
                    del left[position]
                    yield position, done
            except BrokenProcessPool as error:
                breakdowns += 1
                if breakdowns > MOST_BREAKDOWNS:
                    message = (
                        f"worker processes were killed {breakdowns} times, perhaps for lack of memory: "
                        "close other programs, or use fewer processes with --workers"
                    )
                    raise WorkersKilledError(message) from error

    def close(self) -> None:
        """End the workers, and remove the shared values."""
        self._end_workers()
        if self._folder is not None:
            from joblib.externals.loky.backend import resource_tracker

            shutil.rmtree(self._folder, ignore_errors=True)
            resource_tracker.unregister(str(self._folder), "folder")
        self._folder, self._stored = None, {}

    def _here(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Run tasks in this process while there is patience."""
        if self._executor is not None or self._patience <= 0 or self._large(tasks):
            return
        began = time.monotonic()
        for position, done in Serial().finished(tasks):
            yield position, done
            if time.monotonic() - began > self._patience:
                break
        self._patience -= time.monotonic() - began

    def _large(self, tasks: Sequence[Task]) -> bool:
        """Whether a single task may take longer than the patience lasts."""
        shared = (each for task in tasks for each in task.arguments if isinstance(each, Shared))
        return any(self._sent(each).file.stat().st_size > LARGE_BYTES for each in shared)

    def _by_workers(self, left: dict[int, Task]) -> Iterator[tuple[int, Done]]:
        """Give tasks to the workers; none goes on if one fails, or this process is interrupted."""
        from joblib.externals.loky import FIRST_COMPLETED, wait

        heeded, waiting = warning_filters(), list(reversed(left.items()))
        running: dict[Any, int] = {}
        try:
            executor = self._started()
            while waiting or running:
                # What is more would only wait for a worker, and be in the way of an early end.
                while waiting and len(running) < AHEAD * self._workers:
                    position, task = waiting.pop()
                    sent = [self._sent(each) if isinstance(each, Shared) else each for each in task.arguments]
                    running[executor.submit(work, task.function, sent, heeded)] = position
                meanwhile, self._meanwhile = self._meanwhile, None
                if meanwhile is not None:
                    meanwhile()
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    done = future.result()
                    yield running.pop(future), done
        finally:
            if running:
                _wait_until_taken(running)
                self._end_workers()

    def _started(self) -> Any:
        from joblib.externals.loky import ProcessPoolExecutor

        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._workers, initializer=start, initargs=(os.getpid(), self._modules), env=ONE_THREAD
            )
        return self._executor

    def _end_workers(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
        self._executor = None

    def _sent(self, shared: Shared) -> Stored:
        """Write a value for the workers, once."""
        if shared not in self._stored:
            folder = self._values_folder()
            file = folder / f"{len(self._stored)}.pickle"
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
            with os.fdopen(descriptor, "wb") as opened:
                pickle.dump(shared.value, opened, protocol=pickle.HIGHEST_PROTOCOL)
            self._stored[shared] = Stored(file)
        return self._stored[shared]

    def _values_folder(self) -> Path:
        """Make the private folder of shared values; it goes even if this process is killed."""
        from joblib.externals.loky.backend import resource_tracker

        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="cart-outcomes-"))
            resource_tracker.register(str(self._folder), "folder")
        return self._folder


def _wait_until_taken(sent: Iterable[Any]) -> None:
    """Wait until workers have the tasks: joblib's thread fails if it is ended while it takes them over."""
    until = time.monotonic() + TAKEN_OVER_SECONDS
    while time.monotonic() < until and not all(each.running() or each.done() for each in sent):
        time.sleep(0.005)
