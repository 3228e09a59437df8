"""The lines of Python in the README run as they are."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

import training.api
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from tests.e2e.documentation import PROJECT, blocks
from training.dataset.fit_config import FitConfig

QUICK = FitConfig(folds=2, repeats=1, bootstrap_draws=5, replicates=2)


def test_the_library_is_used_as_the_readme_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a small cohort, with few folds and replicates."""
    monkeypatch.chdir(tmp_path)
    simulation_table(simulate(60, rng=np.random.default_rng(4))).to_csv("cohort.csv", index=False)
    monkeypatch.setattr(training.api, "fit", partial(training.api.fit, config=QUICK, models=["anchored"]))
    mark = "run in tests/contract/test_library_readme.py"
    (block,) = (each for each in blocks(PROJECT / "README.md") if each.mark == mark)
    names: dict = {}
    exec(block.text, names)
    assert set(names["table"]["outcome"]) == {"relapse"}
    assert len(names["contributions"]) == len(names["cohort"])
