"""A cluster is used only if it answers, has workers, and computes by the same code."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.local_dask import local_dask
from training.tasks import dask_connection
from training.tasks.dask_cluster import DaskCluster
from training.tasks.dask_connection import ClusterError, DaskConnection
from training.tasks.task import Task, results

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address():
    """Start a cluster of one worker."""
    with local_dask() as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def impatient(monkeypatch):
    """Look at the workers often, and report none soon."""
    monkeypatch.setattr(dask_connection, "LOOKS_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(dask_connection, "WAITS_SECONDS", 0.1)


@pytest.mark.parametrize(
    ("malformed", "reason"),
    [
        ("nonsense", "missing port number in address 'nonsense'"),
        ("tcp://127.0.0.1", "missing port number in address '127.0.0.1'"),
        ("http://127.0.0.1:1", "unknown address scheme 'http'"),
        ("tcp://127.0.0.1:x", "invalid literal"),
    ],
)
def test_a_malformed_address_is_refused(malformed, reason):
    """With an example, and before a client is made."""
    with pytest.raises(ClusterError) as refused, DaskConnection(malformed, kept=""):
        pass
    words = f"{malformed} is no address of a Dask scheduler, such as tcp://127.0.0.1:8786: {reason}"
    assert str(refused.value).startswith(words)


def test_a_scheduler_that_does_not_answer_is_named(free_port, monkeypatch):
    """With the ways to go on."""
    monkeypatch.setattr(dask_connection, "ANSWERS_WITHIN_SECONDS", 0.2)
    address = f"tcp://127.0.0.1:{free_port}"
    with pytest.raises(ClusterError) as refused, DaskConnection(address, kept=""):
        pass
    assert str(refused.value) == (
        f"no Dask scheduler answers at {address}: start one with `dask scheduler`, "
        "or omit --dask to use this machine alone"
    )


def test_the_library_is_named_where_it_is_missing(monkeypatch):
    """With the way to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ClusterError, match=r"pip install 'cart-outcomes\[cluster\]'"),
        DaskConnection("tcp://127.0.0.1:1", kept=""),
    ):
        pass


def test_workers_with_another_version_are_refused(address):
    """Before anything is submitted."""
    connection = DaskConnection(address, kept="")
    connection.digest = "that of another version"
    words = r"^another version of this software is installed on inproc://.*: update it there$"
    with pytest.raises(ClusterError, match=words), connection:
        pass


def test_a_worker_that_comes_later_is_compared_too(impatient):
    """It may have another version; nothing has to be finished for that."""
    with local_dask(n_workers=0) as cluster, DaskConnection(cluster.scheduler_address, kept="") as connection:
        connection.digest = "that of another version"
        cluster.scale(1)
        with pytest.raises(ClusterError, match=r"^another version of this software is installed on inproc:"):
            connection.wait_until(lambda: False)


def test_a_call_compares_the_version_itself(address):
    """A worker that came a moment ago has not been looked at."""
    with DaskCluster(address) as cluster:
        cluster._connection.digest = "that of another version"
        words = "another version of this software is installed on a worker that was added: update it there"
        with pytest.raises(ClusterError) as refused:
            list(cluster.in_order(max, [(1, 2)]))
    assert str(refused.value) == words


def test_a_worker_that_cannot_import_the_software_is_refused(address, monkeypatch):
    """With what Python says."""
    connection = DaskConnection(address, kept="")
    connected = connection._connected

    def unable():
        client = connected()
        monkeypatch.setattr(client, "run", lambda *_, workers, on_error: dict.fromkeys(workers, broken))
        return client

    broken = ImportError("No module named 'training'")
    monkeypatch.setattr(connection, "_connected", unable)
    with pytest.raises(ClusterError) as refused, connection:
        pass
    assert str(refused.value) == (
        "a Dask worker cannot import this software (No module named 'training'): "
        "install the same version there"
    )


def test_a_scheduler_that_cannot_import_the_software_is_refused(address, monkeypatch):
    """It reads the tasks that it passes on."""

    def unable(*_):
        raise ImportError(name)

    name = "No module named 'training'"
    monkeypatch.setattr(distributed.Client, "run_on_scheduler", unable)
    with pytest.raises(ClusterError) as refused, DaskConnection(address, kept=""):
        pass
    words = f"the Dask scheduler cannot import this software ({name}): install the same version there"
    assert str(refused.value) == words


def test_a_worker_that_leaves_is_not_compared(address, monkeypatch):
    """It cannot be reached, which is not its version."""
    with DaskConnection(address, kept="") as connection:
        gone = OSError("timed out")
        monkeypatch.setattr(
            connection._client, "run", lambda *_, workers, on_error: dict.fromkeys(workers, gone)
        )
        connection._refuse_other_code(["tcp://127.0.0.1:1"])
        assert "tcp://127.0.0.1:1" not in connection._alike


def test_a_cluster_without_workers_is_named_once(impatient, capsys):
    """On standard error; the work is done when a worker comes."""
    with local_dask(n_workers=0) as cluster, DaskCluster(cluster.scheduler_address) as connected:
        with ThreadPoolExecutor(1) as later:

            def come():
                time.sleep(0.5)
                cluster.scale(1)

            coming = later.submit(come)
            assert list(connected.in_order(max, [(1, 2), (4, 3)])) == [2, 4]
            coming.result()
        address = cluster.scheduler_address
    told = capsys.readouterr()
    assert told.err == f"no worker is connected to {address}: the work waits for one\n"
    assert told.out == ""


def test_a_cluster_with_workers_is_not_named(address, impatient, capsys):
    """However long a task takes."""
    with DaskCluster(address) as cluster:
        assert len(results(cluster, [Task("a", time.sleep, (0.3,))])) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "error",
    [distributed.CancelledError("a"), OSError("timed out"), distributed.client.ClosedClientError("b")],
)
def test_a_lost_scheduler_is_named(error):
    """With what is kept."""
    connection = DaskConnection("tcp://one:1", kept="the risks that are kept")
    with pytest.raises(ClusterError) as refused, connection.failures_named():
        raise error
    assert str(refused.value) == (
        "the Dask scheduler at tcp://one:1 was lost: run the same command again, "
        "and it goes on from the risks that are kept"
    )


def test_a_task_that_ends_its_workers_is_named():
    """Its workers' logs say why."""
    error = distributed.KilledWorker("a", None, 4)
    with pytest.raises(ClusterError) as refused, DaskConnection("tcp://one:1", kept="").failures_named():
        raise error
    assert str(refused.value) == (
        "a task ended several workers, perhaps for lack of memory: see the logs of the workers"
    )


def test_results_come_in_the_order_of_the_calls(address):
    """Few calls are submitted ahead, and those of two rounds are not confused."""
    taken = []

    def calls():
        for number in range(9):
            taken.append(number)
            yield (number, 0)

    with DaskCluster(address) as cluster:
        found = cluster.in_order(max, calls())
        assert next(found) == 0
        assert len(taken) == 2
        assert list(found) == [*range(1, 9)]
        assert list(cluster.in_order(min, [(5, 6)])) == [5]


def test_calls_that_are_given_up_are_forgotten(address):
    """Also when the connection is closed first."""
    with DaskCluster(address) as cluster:
        found = cluster.in_order(time.sleep, [(0.01,)] * 5)
        next(found)
    found.close()
