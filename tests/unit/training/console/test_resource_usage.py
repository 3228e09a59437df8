"""What is sampled while something runs."""

import time

import pytest

from training.console.resource_usage import CPU, MEMORY, PROCESS_MEMORY, sampled


def test_samples_grow_while_it_runs_and_stop_after():
    """All series have the same length; nothing is added once the block has ended."""
    with sampled(every_seconds=0.01) as series:
        while min(map(len, series.values())) < 3:
            time.sleep(0.01)
    counts = {len(values) for values in series.values()}
    assert len(counts) == 1
    assert counts.pop() >= 3
    before = len(series[CPU])
    time.sleep(0.05)
    assert len(series[CPU]) == before


def test_samples_are_what_they_are_called():
    """Per cent, and megabytes of a process that has numpy."""
    with sampled() as series:
        pass
    assert all(0 <= value <= 100 for name in (CPU, MEMORY) for value in series[name])
    assert 1 < series[PROCESS_MEMORY][-1] < 100_000


def test_failure_inside_ends_the_sampling():
    """And is not swallowed."""
    with pytest.raises(ZeroDivisionError), sampled(every_seconds=0.01) as series:
        _ = 1 / 0
    assert series[CPU]
