"""The runner that a user chose: this process, processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from training.console.interruption import unwound
from training.tasks.cores import usable_cores
from training.tasks.kept_results import UNFINISHED, KeptResults
from training.tasks.serial import SERIAL
from training.tasks.task import Runner


@contextmanager
def chosen_runner(
    workers: int,
    dask: str = "",
    *,
    digest: str = "",
    begin_with: Sequence[str] = (),
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[Runner]:
    """Start what runs the tasks, and end it with the block, also after Ctrl-C and SIGTERM.

    Parameters
    ----------
    workers : int
        Processes of this machine; 0 for one a core.
    dask : str
        Address of a Dask scheduler; empty for this machine.
    digest : str
        Of all that the results depend on: a run on a cluster that was killed goes on from the tasks that
        were finished under the same digest.
    begin_with : sequence of str
        Modules that tasks will need. With them, processes of this machine are started at once and import
        them; without, they are started when there is work for them.
    meanwhile : callable, optional
        Called in this process, at most once: while processes that are started at once run their first tasks,
        else before any task is run.

    Yields
    ------
    runner : Runner

    Raises
    ------
    ClusterError
        If the cluster does not answer, or has another version of this software.
    """
    with unwound(), ExitStack() as started:
        number = workers or usable_cores()
        begun = not dask and number > 1 and bool(begin_with)
        if dask:
            # Not everybody has Dask.
            from training.tasks.dask_cluster import DaskCluster

            cluster = started.enter_context(DaskCluster(dask))
            if meanwhile is not None:
                meanwhile()
            yield started.enter_context(KeptResults(cluster, UNFINISHED / digest))
            return
        if meanwhile is not None and not begun:
            meanwhile()
        if number == 1:
            yield SERIAL
            return
        from training.tasks.local import LocalProcesses

        processes = started.enter_context(LocalProcesses(number))
        if begun:
            processes.begin(begin_with, meanwhile)
        yield processes
