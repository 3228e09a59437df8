"""What `check` says of a good cohort."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from training.commands.check import check


@pytest.fixture
def told() -> Console:
    """Make a terminal whose output can be read."""
    return Console(file=io.StringIO(), width=160)


def written(told: Console) -> str:
    return told.file.getvalue()  # type: ignore[attr-defined]


def cohort_file(tmp_path: Path, **changed: object) -> Path:
    """Write a synthetic cohort of 150 patients, some columns overwritten; None drops a column."""
    table = simulation_table(simulate(150, rng=np.random.default_rng(4)))
    for column, value in changed.items():
        if value is None:
            table = table.drop(columns=column)
        else:
            table.loc[table[column].notna() & (table[column] != ""), column] = value
    table.to_csv(tmp_path / "cohort.csv", index=False)
    return tmp_path / "cohort.csv"


def line_of(told: Console, name: str) -> str:
    return next(line for line in written(told).splitlines() if f" {name} " in line)


def test_check_says_what_training_would_make_of_each_outcome(tmp_path: Path, told: Console) -> None:
    """Infusions, events and horizons, and that the cohort is synthetic."""
    check(cohort_file(tmp_path), console=told)
    assert "of 150 patients" in written(told)
    assert "synthetic" in written(told)
    assert "90, 180, 365, 730" in line_of(told, "relapse")


def test_check_names_an_outcome_that_would_be_left_out(tmp_path: Path, told: Console) -> None:
    """Without its column, in words."""
    check(cohort_file(tmp_path, icans_grade=None), console=told)
    assert "the cohort has no column icans_grade" in line_of(told, "severe_icans")


def test_check_tells_of_another_grading_scale(tmp_path: Path, told: Console) -> None:
    """The file is no worse for it, but training will refuse it unless allowed by name."""
    check(cohort_file(tmp_path, crs_grading_system="lee_2014"), console=told)
    line = line_of(told, "severe_crs")
    assert "crs_grading_system must be astct_2019 for severe_crs" in line
    assert "--allow-grading" in line
