"""Parts that other machines predict are those that are predicted here."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
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
from tests.bundles import make_bundle
from training.commands import score_cluster
from training.commands.score_cluster import cluster_parts, part_at
from training.commands.score_input import PartStart, opened_input
from training.commands.score_run import ScoreRun
from training.commands.unfinished_scores import UnfinishedScores


class FakeClient:
    """Runs what is submitted at once, as one worker with one thread."""

    def __init__(self, address: str, timeout: str) -> None:
        if address == "tcp://nowhere":
            message = "timed out"
            raise OSError(message)

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""

    def nthreads(self) -> dict[str, int]:
        return {"worker": 1}

    def submit(self, function: Any, *arguments: Any, pure: bool) -> Any:
        done = function(*arguments)
        return SimpleNamespace(result=lambda: done)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScoreRun:
    """Open a cohort of several parts."""
    monkeypatch.setattr("features.files.delimited_stream.DelimitedStream.blocks.__defaults__", (20,))
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=FakeClient))  # type: ignore[arg-type]
    score_cluster._opened.cache_clear()
    score_cluster._scorer.cache_clear()
    table = simulation_table(simulate(60, rng=np.random.default_rng(2)))
    table.to_csv(tmp_path / "c.csv", index=False)
    write_bundle(make_bundle(), tmp_path / "bundle")
    scorer, out = Scorer(read_bundle(tmp_path / "bundle")), tmp_path / "r.csv"
    opened = opened_input(tmp_path / "c.csv", None)
    return ScoreRun(scorer, opened, UnfinishedScores(out), Detail.INTERVAL, out)


def test_the_parts_of_a_cluster_are_those_of_this_machine(run: ScoreRun, tmp_path: Path) -> None:
    """In the order of the file, from the first and from a later one."""
    here = list(run._parts(PartStart()))
    parts = cluster_parts("tcp://one", run, cohort=tmp_path / "c.csv", bundle=tmp_path / "bundle")
    assert len(here) > 2
    assert list(parts(PartStart())) == here
    assert list(parts(here[0].end)) == here[1:]


def test_a_worker_that_sees_another_file_refuses(run: ScoreRun, tmp_path: Path) -> None:
    """By its digest."""
    settings = (tmp_path / "c.csv", tmp_path / "bundle", "00", Detail.RISK, ".csv")
    with pytest.raises(Refused, match=r"a worker sees another file as c\.csv"):
        part_at(PartStart(), *settings)


def test_a_scheduler_that_does_not_answer_is_named(run: ScoreRun, tmp_path: Path) -> None:
    """With its address."""
    parts = cluster_parts("tcp://nowhere", run, cohort=tmp_path / "c.csv", bundle=tmp_path / "bundle")
    with pytest.raises(Refused, match="no Dask scheduler answers at tcp://nowhere: timed out"):
        list(parts(PartStart()))


def test_the_library_is_named_where_it_is_missing(run: ScoreRun, tmp_path: Path, monkeypatch) -> None:
    """With the way to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    parts = cluster_parts("tcp://one", run, cohort=tmp_path / "c.csv", bundle=tmp_path / "bundle")
    with pytest.raises(Refused, match=r"pip install 'cart-outcomes\[cluster\]'"):
        list(parts(PartStart()))
