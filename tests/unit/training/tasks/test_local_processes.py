"""Worker processes of this machine: the same results, and what happens when one fails or is killed."""

import gc
import os
import signal
import sys
import tempfile
import time
import warnings
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Timer

import numpy as np
import psutil
import pytest
from threadpoolctl import threadpool_info

from training.console.unused_objects import OBJECTS_BETWEEN_SEARCHES
from training.tasks import local
from training.tasks.chosen import chosen_runner
from training.tasks.local import LARGE_BYTES, MOST_BREAKDOWNS, LocalProcesses, WorkersKilledError
from training.tasks.task import Shared, Task, results
from training.tasks.worker import stored_value


@pytest.fixture
def two():
    """Start two workers at the first task."""
    with LocalProcesses(2, patience_seconds=0.0) as runner:
        yield runner


def values(runner, tasks):
    return [done.value for done in results(runner, tasks)]


def total(values, times):
    return float(values.sum() * times)


def process_and_reads(values):
    return os.getpid(), stored_value.cache_info().misses


def killed_once(marker):
    """Kill the worker that comes first."""
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def warned():
    warnings.warn("stale", UserWarning, stacklevel=1)


def threads():
    np.ones((2, 2)) @ np.ones((2, 2))
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def slept(seconds):
    time.sleep(seconds)


def modes(folder):
    return oct(folder.stat().st_mode & 0o777), {oct(each.stat().st_mode & 0o777) for each in folder.iterdir()}


def test_results_come_in_the_order_of_the_tasks(two):
    """Whichever worker is done first."""
    shared = Shared(np.arange(5.0))
    tasks = [Task(f"{n}", total, (shared, n)) for n in range(20)]
    assert values(two, tasks) == [10.0 * n for n in range(20)]


def test_a_shared_value_is_read_once_by_a_worker(two):
    """With many tasks."""
    shared = Shared(np.arange(5.0))
    seen = set(values(two, [Task(f"{n}", process_and_reads, (shared,)) for n in range(20)]))
    assert os.getpid() not in {process for process, _ in seen}
    assert {reads for _, reads in seen} == {1}


def test_shared_values_are_private_and_removed_at_the_end():
    """No other user of the machine can read a patient's row."""
    with LocalProcesses(1, patience_seconds=0.0) as runner:
        values(runner, [Task("a", total, (Shared(np.ones(1)), 1))])
        folder = runner._folder
        assert isinstance(folder, Path)
        assert modes(folder) == ("0o700", {"0o600"})
    assert not folder.exists()


def test_a_task_whose_worker_is_killed_is_run_again(two, tmp_path):
    """By another worker; the other tasks are not lost."""
    tasks = [Task("a", killed_once, (tmp_path / "killed",)), *(Task(f"{n}", max, (n, 3)) for n in range(5))]
    assert values(two, tasks)[1:] == [3, 3, 3, 3, 4]


def test_workers_that_are_killed_every_time_are_given_up(two):
    """With what may help."""
    with pytest.raises(WorkersKilledError) as refused:
        values(two, [Task("a", killed, ())])
    assert str(refused.value) == (
        f"worker processes were killed {MOST_BREAKDOWNS + 1} times, perhaps for lack of memory: "
        "close other programs, or use fewer processes with --workers"
    )


def test_an_error_ends_the_workers(two):
    """The error is that of the task; no worker goes on."""
    with pytest.raises(ZeroDivisionError):
        values(two, [Task("a", divmod, (1, 0)), Task("b", slept, (600,)), Task("c", slept, (600,))])
    assert workers() == []


def test_an_interruption_ends_the_workers(two):
    """Ctrl-C comes while they work."""

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results(two, [Task("a", max, (1, 2)), Task("b", slept, (600,))], advance=interrupted)
    assert workers() == []


def test_warnings_that_are_errors_here_are_errors_in_workers(two):
    """And those that are ignored here are ignored there."""
    with pytest.raises(UserWarning, match="stale"):
        values(two, [Task("a", warned, ())])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert values(two, [Task("a", warned, ())]) == [None]


def test_a_worker_has_one_thread_of_linear_algebra(two):
    """More would wait for each other."""
    assert {number for known in values(two, [Task("a", threads, ())]) for number in known} == {1}


def test_short_work_starts_no_worker():
    """To start one takes longer."""
    with LocalProcesses(2) as runner:
        assert values(runner, [Task(f"{n}", os.getpid, ()) for n in range(5)]) == [os.getpid()] * 5


def test_large_values_start_workers_at_once():
    """A single task on a large cohort may take minutes."""
    with LocalProcesses(1) as runner:
        task = Task("a", process_and_reads, (Shared(np.ones(LARGE_BYTES)),))
        assert values(runner, [task])[0][0] != os.getpid()


def test_work_that_turns_out_long_goes_on_in_workers():
    """What was done here is not done again."""
    with LocalProcesses(1, patience_seconds=0.01) as runner:
        first, *others = values(runner, [Task("a", slept_here, (0.05,)), Task("b", os.getpid, ())])
    assert first == os.getpid()
    assert os.getpid() not in others


def slept_here(seconds):
    time.sleep(seconds)
    return os.getpid()


def workers():
    """List the processes of this one that run tasks, without those that have just ended."""
    found = []
    for each in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            found += [each] if "popen_loky" in " ".join(each.cmdline()) else []
    return found


def objects_between_searches():
    return gc.get_threshold()[0]


def test_a_worker_looks_for_unused_objects_seldom(two):
    """As the command does that starts it: the search takes a good part of the time."""
    assert values(two, [Task("gc", objects_between_searches, ())]) == [OBJECTS_BETWEEN_SEARCHES]


def process_and_imported(name):
    return os.getpid(), name in sys.modules


def test_workers_that_begin_early_have_imported_what_is_needed():
    """Before there is a task; it is run by them, however short it is."""
    with LocalProcesses(2) as runner:
        runner.begin(["wave"])
        (done,) = values(runner, [Task("imported", process_and_imported, ("wave",))])
    process, imported = done
    assert imported
    assert process != os.getpid()


def test_this_process_does_something_else_once_while_the_first_tasks_run():
    """The worker waits for it here, so it was done meanwhile."""
    with LocalProcesses(1) as runner, tempfile.TemporaryDirectory() as folder:
        done = Path(folder) / "done"
        runner.begin([], meanwhile=lambda: done.mkdir())
        tasks = [Task(f"{n}", seen, (done,)) for n in range(3)]
        assert values(runner, tasks) == [True] * 3
        assert values(runner, tasks) == [True] * 3


def seen(file):
    until = time.monotonic() + 60
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return file.exists()


def test_a_failure_meanwhile_ends_the_workers():
    """As a failure of a task does."""
    with LocalProcesses(1) as runner:
        runner.begin([], meanwhile=lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            values(runner, [Task("a", slept, (60.0,))])
        assert not workers()


@pytest.mark.parametrize("taken", [True, False])
def test_workers_are_ended_once_joblib_has_taken_over_what_was_sent(monkeypatch, taken):
    """Its thread fails if it is ended before; it is not waited for without end."""
    monkeypatch.setattr(local, "TAKEN_OVER_SECONDS", 20.0 if taken else 0.05)
    future = Future()
    Timer(0.05, future.set_running_or_notify_cancel if taken else lambda: None).start()
    local._wait_until_taken([future])
    assert future.running() == taken


def test_a_runner_is_begun_where_modules_are_named():
    """Here with two processes; one process has nothing to begin."""
    for workers, elsewhere in ((2, True), (1, False)):
        with chosen_runner(workers, begin_with=["wave"]) as runner:
            ((process, _),) = values(runner, [Task("imported", process_and_imported, ("wave",))])
        assert (process != os.getpid()) == elsewhere


@pytest.mark.parametrize("how", [{"workers": 1, "begin_with": ["wave"]}, {"workers": 2}], ids=str)
def test_where_no_process_is_begun_what_is_done_meanwhile_comes_first(how):
    """Before any task, and once."""
    order = []
    with chosen_runner(**how, meanwhile=lambda: order.append("meanwhile")) as runner:
        order.append("block")
        values(runner, [Task(f"{n}", slept, (0.0,)) for n in range(2)])
    assert order == ["meanwhile", "block"]
