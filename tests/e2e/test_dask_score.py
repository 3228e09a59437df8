"""`score --dask` on a cluster of separate processes: what fails there is one sentence, and costs little."""

import os

import numpy as np
import pytest

from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.command_line import ran
from tests.dask_cluster import dask_cluster
from training.commands.unfinished_scores import UnfinishedScores
from training.tasks import dask_connection
from training.tasks.dask_cluster import DaskCluster
from training.tasks.dask_connection import ClusterError

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

N_PATIENTS, BLOCK = 150, 20
STREAM = "features.files.delimited_stream.DelimitedStream"
PRELOAD = f"""
from features.files.delimited_stream import DelimitedStream
DelimitedStream.blocks.__defaults__ = ({BLOCK},)
"""
"""Lets workers read the same small parts as this process."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Stand beside a cohort of several parts and a bundle."""
    monkeypatch.setattr(f"{STREAM}.blocks.__defaults__", (BLOCK,))
    table = simulation_table(simulate(N_PATIENTS, rng=np.random.default_rng(2)))
    table.to_csv(tmp_path / "c.csv", index=False)
    write_bundle(make_bundle(), tmp_path / "bundle")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def score(monkeypatch, capsys):
    """Run `score`: exit status, and the lines on standard error beside warnings on the bundle."""

    def run(out, address=""):
        words = ("score", "c.csv", "--out", out, "--bundle", "bundle", "--dask", address)
        status, _, told = ran(monkeypatch, capsys, *words)
        return status, [line for line in told.splitlines() if not line.startswith("warning: bundle")]

    return run


def connected_with_a_worker(connection, connected=dask_connection.DaskConnection._connected):
    client = connected(connection)
    client.wait_for_workers(1, timeout=30)
    return client


def cluster_in(place, n_workers=1, **options):
    settings = {"DASK_DISTRIBUTED__WORKER__PRELOAD": PRELOAD, **options.pop("settings", {})}
    return dask_cluster(n_workers, place, settings=settings, **options)


def test_a_lost_scheduler_costs_little(place, score, monkeypatch):
    """The command says so, and the same command on another cluster goes on from the parts that are kept."""
    assert score("here.csv")[0] == 0
    add, kept = UnfinishedScores.add, []
    with cluster_in(place) as cluster, monkeypatch.context() as patch:

        def adding(*arguments):
            kept.append(1)
            if len(kept) == 3:
                cluster.scheduler.kill()
                cluster.scheduler.wait()
            return add(*arguments)

        patch.setattr(UnfinishedScores, "add", adding)
        status, told = score("r.csv", cluster.address)
        lost = f"the Dask scheduler at {cluster.address} was lost: run the same command again, "
    assert status == 1
    assert told[-1] == f"{lost}and it goes on from the risks that are kept"
    assert "Traceback" not in "".join(told)
    with cluster_in(place) as cluster:
        status, told = score("r.csv", cluster.address)
    assert status == 0
    assert told[0].endswith("infusions were scored before the interruption: continuing")
    assert not told[0].startswith("0 of ")
    assert (place / "r.csv").read_bytes() == (place / "here.csv").read_bytes()


def test_a_task_that_ends_its_workers_is_named(place):
    """In place of a traceback."""
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with (
        cluster_in(place, settings=settings) as cluster,
        DaskCluster(cluster.address) as connected,
        pytest.raises(ClusterError) as refused,
    ):
        list(connected.in_order(os._exit, [(1,)]))
    assert str(refused.value).startswith("a task ended several workers, perhaps for lack of memory")


def test_a_worker_that_cannot_import_the_software_is_refused(place, score, monkeypatch):
    """Before the cohort is read; nothing waits for it."""
    (place / "other" / "training").mkdir(parents=True)
    (place / "other" / "training" / "__init__.py").write_text("raise ImportError('no such module')")
    monkeypatch.setattr("training.commands.score_input.opened_input", None)
    monkeypatch.setattr(dask_connection.DaskConnection, "_connected", connected_with_a_worker)
    with dask_cluster(1, place, worker_path=place / "other") as cluster:
        status, told = score("r.csv", cluster.address)
    assert status == 1
    assert told[-1].startswith("a Dask worker cannot import this software (")
    assert told[-1].endswith("no such module')): install the same version there")
    assert not list(place.glob("*r.csv*"))


def test_a_cluster_that_cannot_be_used_is_named_first(place, score, free_port, monkeypatch):
    """Before the cohort is read: nothing is left beside the file to write."""
    monkeypatch.setattr(dask_connection, "ANSWERS_WITHIN_SECONDS", 1)
    (place / "c.csv").write_text("not read")
    for address, words in (
        (f"tcp://127.0.0.1:{free_port}", "no Dask scheduler answers at"),
        ("nonsense", "nonsense is no address of a Dask scheduler"),
    ):
        status, told = score("r.csv", address)
        assert (status, len(told)) == (1, 1)
        assert told[0].startswith(words)
    assert not list(place.glob("*r.csv*"))
