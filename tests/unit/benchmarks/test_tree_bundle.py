"""A bundle for benchmarks has as many trees as it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.model.binary_json import parsed
from serving.model.read_bundle import read_bundle
from tests.benchmarks import tree_bundle
from tests.benchmarks.side_by_side import CONFIG


@pytest.mark.parametrize("trees", [4, 0])
def test_every_outcome_has_the_number_of_trees(
    trees: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its replicates half of them, whether or not cross-validation would have chosen any."""
    monkeypatch.setattr(tree_bundle, "SEED", 3)
    options = ["--trees", str(trees), "--patients", "40", "--replicates", "3"]
    tree_bundle.main(["--out", str(tmp_path / "bundle"), *options])
    bundle = read_bundle(tmp_path / "bundle")
    assert set(CONFIG.outcomes) <= set(bundle.models)
    for name in CONFIG.outcomes:
        model = bundle.models[name]
        assert model.replicates is not None
        if not trees:
            assert model.trees is None
            assert model.replicates.forest is None
            continue
        assert model.trees is not None
        assert model.replicates.forest is not None
        booster = parsed(model.trees.ubj)["learner"]["gradient_booster"]["model"]
        assert len(booster["trees"]) == trees
        assert model.replicates.forest.trees.counts.tolist() == [trees // 2] * 3
