"""Tasks run by the workers of a Dask cluster."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from features.problems import Refused
from training.tasks.code_digest import code_digest
from training.tasks.one_thread import one_thread
from training.tasks.task import Done, Shared, Task, perform

ANSWERS_WITHIN_SECONDS = 20
"""A scheduler that does not answer by then is given up."""


class ClusterError(Refused):
    """The cluster does not answer, lacks workers, or has another version of this software."""


class DaskCluster:
    """Runs tasks on a cluster; used as a context.

    A task whose worker is lost is run again by another, and so are shared values: they are tasks themselves.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    """

    def __init__(self, address: str) -> None:
        self._address, self._run, self._digest = address, uuid4().hex[:12], code_digest()
        self._client: Any = None
        self._sent: dict[Shared, Any] = {}

    def __enter__(self) -> Self:
        import dask

        # A shared value is large on purpose.
        self._config = dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})
        self._client = self._connected()
        try:
            self._refuse_other_code()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def finished(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Run tasks, and yield the position and result of each as soon as it is finished.

        Raises
        ------
        ClusterError
            If the scheduler is lost, or a task ended several workers.
        """
        from distributed import CancelledError, KilledWorker, as_completed

        running = {self._submitted(task): position for position, task in enumerate(tasks)}
        try:
            for future in as_completed(list(running), loop=self._client.loop):
                done = future.result()
                yield running.pop(future), done
        except KilledWorker as error:
            message = "a task ended several workers, perhaps for lack of memory: see the logs of the workers"
            raise ClusterError(message) from error
        except (CancelledError, OSError) as error:
            message = (
                f"the Dask scheduler at {self._address} was lost: run the same command again, "
                "and it goes on from the finished tasks"
            )
            raise ClusterError(message) from error
        finally:
            if running:
                self._client.cancel(list(running), force=True)

    def close(self) -> None:
        """Leave the cluster; what it has of this run is forgotten there."""
        self._sent = {}
        if self._client is not None:
            self._client.close()
        self._client = None
        self._config.__exit__(None, None, None)

    def _connected(self) -> Any:
        from distributed import Client

        try:
            return Client(self._address, timeout=ANSWERS_WITHIN_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            message = (
                f"no Dask scheduler answers at {self._address}: start one with `dask scheduler`, "
                "or omit --dask to use this machine alone"
            )
            raise ClusterError(message) from error

    def _refuse_other_code(self) -> None:
        """Refuse workers whose results would be those of another version."""
        try:
            digests = self._client.run(code_digest)
        except Exception as error:
            message = f"a Dask worker cannot import this software ({error}): install the same version there"
            raise ClusterError(message) from error
        others = sorted(worker for worker, digest in digests.items() if digest != self._digest)
        if others:
            message = f"another version of this software is installed on {', '.join(others)}: update it there"
            raise ClusterError(message)

    def _submitted(self, task: Task) -> Any:
        sent = [self._future(each) if isinstance(each, Shared) else each for each in task.arguments]
        key = f"cart-outcomes-{self._run}-{task.key}"
        return self._client.submit(performed, task.function, *sent, key=key, pure=False)

    def _future(self, shared: Shared) -> Any:
        """Send a value once; the scheduler knows how to make it again if a worker is lost with it."""
        if shared not in self._sent:
            content = pickle.dumps(shared.value, protocol=pickle.HIGHEST_PROTOCOL)
            key = f"cart-outcomes-{self._run}-shared {len(self._sent)}"
            self._sent[shared] = self._client.submit(pickle.loads, content, key=key, pure=False)
        return self._sent[shared]


def performed(function: Callable[..., Any], *arguments: Any) -> Done:
    """Run one task in a worker of the cluster, with one thread of linear algebra."""
    with one_thread():
        return perform(function, arguments)
