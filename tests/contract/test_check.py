"""What `check` says of a good cohort."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from features.outcomes import OUTCOMES
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
    """The file is no worse for it, but training leaves the outcome out unless it is allowed by name."""
    check(cohort_file(tmp_path, crs_grading_system="lee_2014"), console=told)
    line = line_of(told, "severe_crs")
    assert "crs_grading_system must be astct_2019 for severe_crs" in line
    remarks = [each for each in written(told).splitlines() if "got lee_2014 (" in each]
    graded = [name for name, outcome in OUTCOMES.items() if outcome.grading is not None]
    assert len(remarks) == len(graded)
    assert all("--allow-grading SYSTEM" in remark for remark in remarks)


def test_check_says_what_is_assumed_of_infusions_as_train_does(tmp_path: Path, told: Console) -> None:
    """Of a file without responses, and what to do about it."""
    file = cohort_file(tmp_path)
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    table[["response_day28", "response_day"]] = ""
    table.to_csv(file, index=False)
    check(file, console=told)
    shown = written(told)
    assert re.search(
        r"relapse: \d+ infusions: response not assessed, followed beyond day 60, taken as in", shown
    )
    assert "relapse and death_without_relapse rest on an assumption in" in shown
    assert "--no-assume-remission" in shown


def test_check_remarks_on_a_center_in_another_unit(tmp_path: Path, told: Console) -> None:
    """Named where the file's owner sees it, and not on the page."""
    file = cohort_file(tmp_path)
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    own = table["center"] == "synthetic centre B"
    own &= table["hemoglobin_g_dl"] != ""
    table.loc[own, "hemoglobin_g_dl"] = (table.loc[own, "hemoglobin_g_dl"].astype(float) / 1.6114).astype(str)
    table.loc[3, "anc_1e9_l"] = "77"
    table.to_csv(file, index=False)
    check(file, html=tmp_path / "page.html", small_counts=True, console=told)
    assert "of synthetic centre B that have it: in mmol/L instead of g/dL?" in written(told)
    assert "anc_1e9_l is above 25 10^9/L, got 77 (1 row: 5): in cells per uL?" in written(told)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "anc_1e9_l is above 25 10^9/L (1 row: 5): in cells per uL?" in page
    assert "synthetic centre B" not in page
