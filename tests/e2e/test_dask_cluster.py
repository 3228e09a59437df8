"""Training on a Dask cluster of separate processes: the same numbers, and what a killed process costs."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from features.project_files import DATA
from features.synthetic.simulation import simulated_cohort
from tests.dask_cluster import dask_cluster
from training.commands.app import imported
from training.comparison.paired_comparison import compare_versions
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.external.external_validation import validate_externally
from training.fitting.train import train
from training.fitting.training_digest import training_digest
from training.tasks import dask_cluster as runners
from training.tasks import dask_connection
from training.tasks.chosen import chosen_runner
from training.tasks.dask_connection import ClusterError
from training.tasks.kept_results import UNFINISHED

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

CONFIG = FitConfig(
    outcomes=("severe_crs", "crs_grade_2_or_higher"),
    models=("anchored",),
    folds=2,
    repeats=1,
    bootstrap_draws=20,
    replicates=12,
)
CLIENT = """
import sys
import numpy as np
from features.synthetic.simulation import simulated_cohort
from tests.e2e.test_dask_cluster import CONFIG
from training.fitting.train import train
from training.fitting.training_digest import training_digest
from training.tasks.chosen import chosen_runner
cohort = simulated_cohort(120, rng=np.random.default_rng(35))
with chosen_runner(0, sys.argv[1], digest=training_digest(cohort, CONFIG)) as runner:
    train(cohort, CONFIG, runner=runner)
"""


@pytest.fixture(scope="module")
def cohort():
    return simulated_cohort(120, rng=np.random.default_rng(35))


@pytest.fixture(scope="module")
def alone(cohort):
    """Train in this process."""
    return train(cohort, CONFIG)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Run a scheduler and two workers; a test kills one of them."""
    with dask_cluster(2, tmp_path_factory.mktemp("cluster")) as started:
        yield started


def assert_same(found, alone):
    assert sorted(found.outcomes) == sorted(alone.outcomes)
    for name, fitted in alone.outcomes.items():
        other, chosen = found.outcomes[name], fitted.chosen
        assert other.chosen == chosen
        for risk, expected in (
            (other.models[chosen].validation.risk, fitted.models[chosen].validation.risk),
            (other.models[chosen].model.replicates.coefficients, replicates(fitted)),
        ):
            np.testing.assert_allclose(risk, expected, rtol=0, atol=1e-9)


def replicates(fitted):
    return fitted.models[fitted.chosen].model.replicates.coefficients


def test_a_cluster_gives_the_numbers_of_one_process_though_a_worker_is_killed(
    cohort, alone, cluster, tmp_path, monkeypatch
):
    """Within 1e-9; the tasks of the killed worker are run by the other."""
    monkeypatch.chdir(tmp_path)

    @contextmanager
    def killing(title, steps):
        done = []

        def advance():
            done.append(1)
            if len(done) == 3:
                cluster.workers[0].kill()

        yield advance

    with chosen_runner(0, cluster.address, digest="a") as runner:
        found = train(cohort, CONFIG, runner=runner, progress=killing)
    assert cluster.workers[0].wait(5) == -signal.SIGKILL
    assert_same(found, alone)
    assert not (UNFINISHED / "a").exists()


def test_a_killed_client_goes_on_from_the_finished_tasks(cohort, alone, cluster, tmp_path, monkeypatch):
    """Under the digest of the same cohort, settings and code."""
    monkeypatch.chdir(tmp_path)
    kept = UNFINISHED / training_digest(cohort, CONFIG)
    path = {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    client = subprocess.Popen([sys.executable, "-c", CLIENT, cluster.address], env={**os.environ, **path})
    try:
        until = time.monotonic() + 60
        while len([*kept.glob("*.pickle")]) < 5:
            assert client.poll() is None, "the client ended before it was killed"
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        client.kill()
        client.wait()
    finished = {file.name for file in kept.glob("*.pickle")}
    submitted = []
    monkeypatch.setattr(
        runners.DaskCluster,
        "_submitted",
        lambda self, task, made=runners.DaskCluster._submitted: submitted.append(task) or made(self, task),
    )
    with chosen_runner(0, cluster.address, digest=kept.name) as runner:
        found = train(cohort, CONFIG, runner=runner)
    assert_same(found, alone)
    assert not {runner._file(task).name for task in submitted} & finished
    assert not kept.exists()


def test_a_scheduler_that_does_not_answer_is_refused(free_port, tmp_path, monkeypatch):
    """Before anything is fitted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dask_connection, "ANSWERS_WITHIN_SECONDS", 1)
    address = f"tcp://127.0.0.1:{free_port}"
    command = imported("train")
    with pytest.raises(ClusterError) as refused:
        command.main([str(DATA / "synthetic.csv"), "--dask", address], standalone_mode=False)
    assert str(refused.value) == (
        f"no Dask scheduler answers at {address}: start one with `dask scheduler`, "
        "or omit --dask to use this machine alone"
    )


def test_workers_with_another_version_are_refused(cluster):
    """Their numbers would be others."""
    client = runners.DaskCluster(cluster.address)
    client._connection.digest = "that of another version"
    with (
        pytest.raises(ClusterError, match=r"^another version of this software is installed on"),
        client,
    ):
        pass


def test_a_cluster_validates_updates_and_compares_as_one_process(cohort, cluster, tmp_path, monkeypatch):
    """The versions differ in their seed, so that one is validated in its own folds and in the other's."""
    monkeypatch.chdir(tmp_path)
    config = replace(CONFIG, outcomes=("severe_crs",))
    versions = []
    for number in ("1", "2"):
        own = replace(config, seed=int(number))
        bundle = replace(train(cohort, own).bundle, digest=number, provenance={"version": number})
        versions.append(Contender(bundle, Recipe(own)))
    elsewhere = simulated_cohort(120, rng=np.random.default_rng(36))
    alone = validate_externally(versions[0].bundle, elsewhere, config)
    compared = compare_versions(tuple(versions), cohort)
    with chosen_runner(0, cluster.address, digest="b") as runner:
        found = validate_externally(versions[0].bundle, elsewhere, config, runner=runner)
        assert compare_versions(tuple(versions), cohort, runner=runner) == compared
    for name, outcome in alone.outcomes.items():
        assert found.outcomes[name].validation.metrics == outcome.validation.metrics
