"""A connection to a Dask cluster, all of whose workers have this version of the software."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from features.problems import Refused
from training.tasks.code_digest import code_digest

ANSWERS_WITHIN_SECONDS = 20
"""A scheduler that does not answer by then is given up."""
LOOKS_EVERY_SECONDS = 2
"""How often the workers are looked at while results are waited for."""
WAITS_SECONDS = 5
"""A cluster without a worker for so long is named on standard error."""
SLEEPS_SECONDS = 0.01

EXAMPLE = "tcp://127.0.0.1:8786"
HOST_AND_PORT = ("tcp", "tls")


class ClusterError(Refused):
    """The cluster does not answer, lacks workers, or has another version of this software."""


class DaskConnection:
    """Submits calls to a cluster and waits for them; used as a context.

    Workers may come and go. The version of each is compared at the beginning, or within seconds after it has
    come, and once more by every call.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    kept : str
        What is kept when the scheduler is lost, for the message.
    """

    def __init__(self, address: str, *, kept: str) -> None:
        self.address, self.digest = address, code_digest()
        self.n_threads = 0
        self._kept, self._run = kept, uuid4().hex[:12]
        self._client: Any = None
        self._alike: set[str] = set()
        self._looks_at = self._worker_seen = 0.0
        self._named = False

    def __enter__(self) -> Self:
        try:
            import dask
            import distributed  # noqa: F401
        except ImportError:
            message = "--dask needs the library distributed: pip install 'cart-outcomes[cluster]'"
            raise ClusterError(message) from None
        _refuse_malformed(self.address)
        # A shared value is large on purpose.
        self._config = dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})
        try:
            self._client = self._connected()
            with self.failures_named():
                self._refuse_other_scheduler()
                self._look()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def loop(self) -> Any:
        """Event loop of the client, which `as_completed` needs."""
        return self._client.loop

    def submit(self, function: Callable[..., Any], *arguments: Any, key: str) -> Any:
        """Give a call to the cluster.

        Parameters
        ----------
        function : callable
            Of a module.
        *arguments : Any
            Futures among them are replaced by their results.
        key : str
            The only one of its kind on this connection.

        Returns
        -------
        future : distributed.Future
        """
        full = f"cart-outcomes-{self._run}-{key}"
        return self._client.submit(by_the_same_code, self.digest, function, *arguments, key=full, pure=False)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait for results, and look at the workers meanwhile.

        A cluster without workers is named on standard error, once.

        Parameters
        ----------
        ready : callable
            Whether there is nothing more to wait for.

        Raises
        ------
        ClusterError
            If a worker has another version of this software.
        """
        while not ready():
            if time.monotonic() >= self._looks_at:
                self._look()
            time.sleep(SLEEPS_SECONDS)

    @contextmanager
    def failures_named(self) -> Iterator[None]:
        """Name what fails on a cluster, and how to go on.

        Raises
        ------
        ClusterError
            If the scheduler is lost, or a task ended several workers.
        """
        from distributed import CancelledError, KilledWorker
        from distributed.client import ClosedClientError

        try:
            yield
        except KilledWorker as error:
            message = "a task ended several workers, perhaps for lack of memory: see the logs of the workers"
            raise ClusterError(message) from error
        except (CancelledError, ClosedClientError, OSError) as error:
            message = (
                f"the Dask scheduler at {self.address} was lost: run the same command again, "
                f"and it goes on from {self._kept}"
            )
            raise ClusterError(message) from error

    def cancel(self, futures: Iterable[Any]) -> None:
        """Give up calls, where the connection is open."""
        left = list(futures)
        if left and self._client is not None and self._client.status == "running":
            # A scheduler that is lost just now has nothing to give up.
            with suppress(OSError, TimeoutError):
                self._client.cancel(left, force=True)

    def close(self) -> None:
        """Leave the cluster; what it has of this run is forgotten there."""
        if self._client is not None:
            self._client.close()
        self._client = None
        self._config.__exit__(None, None, None)

    def _connected(self) -> Any:
        from distributed import Client

        try:
            return Client(self.address, timeout=ANSWERS_WITHIN_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            message = (
                f"no Dask scheduler answers at {self.address}: start one with `dask scheduler`, "
                "or omit --dask to use this machine alone"
            )
            raise ClusterError(message) from error

    def _refuse_other_scheduler(self) -> None:
        """Refuse a scheduler that cannot read what it would pass on."""
        try:
            self._client.run_on_scheduler(callable, by_the_same_code)
        except OSError:
            raise
        except Exception as error:
            message = (
                f"the Dask scheduler cannot import this software ({error}): install the same version there"
            )
            raise ClusterError(message) from error

    def _look(self) -> None:
        """Refuse workers with another version, and say where there are none."""
        threads: dict[str, int] = self._client.nthreads()
        now = time.monotonic()
        self.n_threads, self._looks_at = sum(threads.values()), now + LOOKS_EVERY_SECONDS
        self._worker_seen = now if threads or not self._worker_seen else self._worker_seen
        self._refuse_other_code(threads.keys() - self._alike)
        if not self._named and now - self._worker_seen >= WAITS_SECONDS:
            self._named = True
            sys.stderr.write(f"no worker is connected to {self.address}: the work waits for one\n")
            sys.stderr.flush()

    def _refuse_other_code(self, workers: Iterable[str]) -> None:
        """Refuse workers whose results would be those of another version."""
        new = sorted(workers)
        if not new:
            return
        answers = self._client.run(code_digest, workers=new, on_error="return")
        # A worker that has left meanwhile cannot be reached.
        heard = {worker: each for worker, each in answers.items() if not isinstance(each, OSError)}
        for error in heard.values():
            if isinstance(error, Exception):
                message = (
                    f"a Dask worker cannot import this software ({error}): install the same version there"
                )
                raise ClusterError(message) from error
        others = sorted(worker for worker, digest in heard.items() if digest != self.digest)
        if others:
            raise ClusterError(_another_version(", ".join(others)))
        self._alike.update(heard)


def by_the_same_code(digest: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a worker that has the client's version of this software.

    Parameters
    ----------
    digest : str
        `code_digest` of the client.
    function : callable
    *arguments : Any

    Raises
    ------
    ClusterError
        If the worker has another version: it came after the others were compared.

    Examples
    --------
    >>> by_the_same_code(code_digest(), max, 1, 2)
    2
    >>> by_the_same_code("91bc", max, 1, 2)
    Traceback (most recent call last):
        ...
    training.tasks.dask_connection.ClusterError: another version of this software is installed on a worker \
that was added: update it there
    """
    if code_digest() != digest:
        raise ClusterError(_another_version("a worker that was added"))
    return function(*arguments)


def _another_version(where: str) -> str:
    return f"another version of this software is installed on {where}: update it there"


def _refuse_malformed(address: str) -> None:
    """Refuse an address before a client is made, which would complain when it is deleted."""
    from distributed.comm.addressing import get_address_host_port, parse_address
    from distributed.comm.registry import get_backend

    try:
        scheme, _ = parse_address(address)
        get_backend(scheme)
        if scheme in HOST_AND_PORT:
            get_address_host_port(address)
    except ValueError as error:
        message = f"{address} is no address of a Dask scheduler, such as {EXAMPLE}: {error}"
        raise ClusterError(message) from None
