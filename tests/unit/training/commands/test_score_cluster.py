"""Parts that other machines predict are those that are predicted here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.problems import Refused
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from serving.answers.infusion_lines import Detail
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle, risk_model, with_sources
from tests.local_dask import local_dask
from training.commands import score_cluster
from training.commands.score_cluster import Request, cluster_parts, part_at
from training.commands.score_input import PartStart, opened_input
from training.commands.score_run import ScoreRun, model_digests
from training.commands.unfinished_scores import UnfinishedScores
from training.tasks.dask_cluster import DaskCluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    """Connect with one worker, which outlives the commands, as the workers of a cluster do."""
    with local_dask() as started, DaskCluster(started.scheduler_address) as connected:
        yield connected


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a cohort of several parts, and a bundle."""
    monkeypatch.setattr("features.files.delimited_stream.DelimitedStream.blocks.__defaults__", (20,))
    write_cohort(tmp_path, seed=2)
    write_bundle(make_bundle(), tmp_path / "bundle")
    return tmp_path


def write_cohort(place: Path, *, seed: int) -> None:
    table = simulation_table(simulate(60, rng=np.random.default_rng(seed)))
    table.to_csv(place / "c.csv", index=False)


def replace_bundle(place: Path) -> None:
    """Put a bundle with other coefficients at the same path."""
    bundle = make_bundle()
    other = with_sources(risk_model("severe_crs", np.random.default_rng(5)))
    shutil.rmtree(place / "bundle")
    write_bundle(replace(bundle, models={**bundle.models, "severe_crs": other}), place / "bundle")


def run_in(place: Path) -> ScoreRun:
    """Read cohort and bundle as one command does."""
    scorer, out = Scorer(read_bundle(place / "bundle")), place / "r.csv"
    return ScoreRun(scorer, opened_input(place / "c.csv", None), UnfinishedScores(out), Detail.INTERVAL, out)


def request_in(place: Path) -> Request:
    run = run_in(place)
    digests = (run.opened.digest, model_digests(run.scorer.bundle))
    return Request(place / "c.csv", place / "bundle", *digests, Detail.INTERVAL, ".csv")


def predicted_by(cluster: DaskCluster, run: ScoreRun, place: Path, begin: PartStart | None = None) -> Any:
    parts = cluster_parts(cluster, run, cohort=place / "c.csv", bundle=place / "bundle")
    return list(parts(begin or PartStart()))


def test_the_parts_of_a_cluster_are_those_of_this_machine(cluster, place) -> None:
    """In the order of the file, from the first and from a later one."""
    run = run_in(place)
    here = list(run._parts(PartStart()))
    assert len(here) > 2
    assert predicted_by(cluster, run, place) == here
    assert predicted_by(cluster, run, place, here[0].end) == here[1:]


def test_a_bundle_that_was_replaced_is_read_again(cluster, place) -> None:
    """A worker that has the former model of the same path in memory predicts with the new one."""
    before = predicted_by(cluster, run_in(place), place)
    replace_bundle(place)
    run = run_in(place)
    after = predicted_by(cluster, run, place)
    assert after == list(run._parts(PartStart()))
    assert after != before


def test_a_worker_that_sees_another_bundle_refuses(place) -> None:
    """Be it in memory or not."""
    request = request_in(place)
    replace_bundle(place)
    words = f"a worker sees another model in {place / 'bundle'}: let all machines see the same folder; " + (
        "if the bundle was replaced, run the command again"
    )
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            part_at(PartStart(), request)
        assert str(refused.value) == words


@pytest.mark.parametrize("what", ["c.csv", "bundle"])
def test_a_worker_that_sees_nothing_refuses(what, place) -> None:
    """With the path, and what is wrong with it."""
    request = request_in(place)
    (place / what).rename(place / "elsewhere")
    with pytest.raises(
        Refused, match=rf"^a worker cannot read (the bundle )?{place / what}: let all machines"
    ):
        part_at(PartStart(), request)


def test_a_cohort_that_was_touched_is_opened_again(cluster, place) -> None:
    """Its content is the same, and so are the risks."""
    before = predicted_by(cluster, run_in(place), place)
    os.utime(place / "c.csv", (1, 1))
    assert predicted_by(cluster, run_in(place), place) == before


def test_a_cohort_that_was_replaced_is_opened_again(cluster, place) -> None:
    """A worker that has opened the former file of the same path reads the new one."""
    before = predicted_by(cluster, run_in(place), place)
    write_cohort(place, seed=3)
    run = run_in(place)
    after = predicted_by(cluster, run, place)
    assert after == list(run._parts(PartStart()))
    assert after != before


def test_a_worker_that_sees_another_file_refuses(place) -> None:
    """By its digest; the same worker goes on when it sees the right one."""
    request = request_in(place)
    content = (place / "c.csv").read_bytes()
    part = part_at(PartStart(), request)
    write_cohort(place, seed=3)
    with pytest.raises(Refused) as refused:
        part_at(PartStart(), request)
    assert str(refused.value) == (
        "a worker sees another file as c.csv: let all machines see the same folder; "
        "if the file was replaced, run the command again"
    )
    (place / "c.csv").write_bytes(content)
    assert part_at(PartStart(), request) == part


def test_a_cohort_that_is_replaced_while_it_is_read_is_not_scored(place, monkeypatch) -> None:
    """Its rows may be those of another file."""
    request = request_in(place)
    opened = score_cluster._opened_now

    def replaced(*arguments: Any) -> Any:
        stream = opened(*arguments)
        os.utime(place / "c.csv", (1, 1))
        return stream

    monkeypatch.setattr(score_cluster, "_opened_now", replaced)
    with pytest.raises(Refused, match=r"^c\.csv has changed while it was read\. Run the command again$"):
        part_at(PartStart(), request)
