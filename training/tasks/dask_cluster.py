"""Tasks run by the workers of a Dask cluster."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Self

from training.tasks.dask_connection import DaskConnection
from training.tasks.one_thread import one_thread
from training.tasks.task import Done, Shared, Task, perform

AHEAD = 2
"""Calls in order that wait for each thread of the workers."""


class DaskCluster:
    """Runs tasks on a cluster; used as a context.

    A task whose worker is lost is run again by another, and so are shared values: they are tasks themselves.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    kept : str
        What is kept when the scheduler is lost, for the message.

    Raises
    ------
    ClusterError
        When the context is entered, if the scheduler does not answer, or the scheduler or a worker lacks this
        version of the software.
    """

    def __init__(self, address: str, *, kept: str = "the finished tasks") -> None:
        self._connection = DaskConnection(address, kept=kept)
        self._sent: dict[Shared, Any] = {}
        self._numbers = count()

    def __enter__(self) -> Self:
        self._connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sent = {}
        self._connection.close()

    def finished(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Run tasks, and yield the position and result of each as soon as it is finished.

        Raises
        ------
        ClusterError
            If the scheduler is lost, a task ended several workers, or a worker that was added has another
            version of this software.
        """
        from distributed import as_completed

        running: dict[Any, int] = {}
        try:
            with self._connection.failures_named():
                running.update((self._submitted(task), position) for position, task in enumerate(tasks))
                completed = as_completed(list(running), loop=self._connection.loop)
                while running:
                    self._connection.wait_until(completed.has_ready)
                    future = next(completed)
                    done = future.result()
                    yield running.pop(future), done
        finally:
            self._connection.cancel(running)

    def in_order(
        self, function: Callable[..., Any], calls: Iterable[tuple[Any, ...]], *, ahead: int = AHEAD
    ) -> Iterator[Any]:
        """Run calls, and yield their results in the order of the calls.

        Only the calls that keep the workers busy are submitted, so that few results wait to be taken.

        Parameters
        ----------
        function : callable
            Of a module.
        calls : iterable of tuple
            Arguments of each call.
        ahead : int
            Calls that wait for each thread of the workers.

        Yields
        ------
        result : Any
            Of the function.

        Raises
        ------
        ClusterError
            As by `finished`.
        """
        waiting: deque[Any] = deque()
        try:
            with self._connection.failures_named():
                for arguments in calls:
                    key = f"call {next(self._numbers)}"
                    waiting.append(self._connection.submit(function, *arguments, key=key))
                    while len(waiting) >= ahead * max(1, self._connection.n_threads):
                        yield self._first(waiting)
                while waiting:
                    yield self._first(waiting)
        finally:
            self._connection.cancel(waiting)

    def _first(self, waiting: deque[Any]) -> Any:
        self._connection.wait_until(waiting[0].done)
        return waiting.popleft().result()

    def _submitted(self, task: Task) -> Any:
        sent = [self._future(each) if isinstance(each, Shared) else each for each in task.arguments]
        return self._connection.submit(performed, task.function, *sent, key=task.key)

    def _future(self, shared: Shared) -> Any:
        """Send a value once; the scheduler knows how to make it again if a worker is lost with it."""
        if shared not in self._sent:
            content = pickle.dumps(shared.value, protocol=pickle.HIGHEST_PROTOCOL)
            key = f"shared {len(self._sent)}"
            self._sent[shared] = self._connection.submit(pickle.loads, content, key=key)
        return self._sent[shared]


def performed(function: Callable[..., Any], *arguments: Any) -> Done:
    """Run one task in a worker of the cluster, with one thread of linear algebra."""
    with one_thread():
        return perform(function, arguments)
