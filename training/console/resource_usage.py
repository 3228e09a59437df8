"""CPU and memory used by a long computation, sampled while it runs, under MLflow's names."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

EVERY_SECONDS = 2.0
MEGABYTE = 2**20
SYSTEM = "system/"
"""Starts the names that MLflow shows apart, over time."""

CPU = f"{SYSTEM}cpu_utilization_percentage"
MEMORY = f"{SYSTEM}system_memory_usage_percentage"
PROCESS_MEMORY = f"{SYSTEM}process_memory_megabytes"


@contextmanager
def sampled(every_seconds: float = EVERY_SECONDS) -> Iterator[Mapping[str, list[float]]]:
    """Sample the machine in a thread of its own.

    Parameters
    ----------
    every_seconds : float

    Yields
    ------
    series : mapping of str to list of float
        Utilization of all cores and of memory in percent, memory of this process in megabytes; complete
        when the block ends, with one sample at least.

    Examples
    --------
    >>> with sampled() as series:
    ...     pass
    >>> sorted(series), min(len(values) for values in series.values()) >= 1
    (['system/cpu_utilization_percentage', 'system/process_memory_megabytes', \
'system/system_memory_usage_percentage'], True)
    """
    series: dict[str, list[float]] = {CPU: [], MEMORY: [], PROCESS_MEMORY: []}
    done, process = threading.Event(), psutil.Process()
    psutil.cpu_percent()  # The first call only starts the count.

    def sample() -> None:
        series[CPU].append(psutil.cpu_percent())
        series[MEMORY].append(psutil.virtual_memory().percent)
        series[PROCESS_MEMORY].append(process.memory_info().rss / MEGABYTE)

    def run() -> None:
        while not done.wait(every_seconds):
            sample()

    thread = threading.Thread(target=run, name="system-metrics", daemon=True)
    thread.start()
    try:
        yield series
    finally:
        done.set()
        thread.join()
        sample()
