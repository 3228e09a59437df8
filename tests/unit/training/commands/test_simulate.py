"""`simulate`: where its files go."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import Refused
from training.commands.simulate import simulate


def test_cohort_and_truth_are_two_files(tmp_path: Path) -> None:
    """However the second is written."""
    (tmp_path / "d").mkdir()
    with pytest.raises(Refused, match="the same file"):
        simulate(3, seed=1, out=tmp_path / "q.csv", truth=tmp_path / "d" / ".." / "q.csv")
    assert not (tmp_path / "q.csv").exists()
