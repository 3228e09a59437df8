"""Predictors that contradict what the schema says they mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.checking.definition_remarks import definition_remarks
from features.checking.remark import Remark
from features.cohort import cohort_from_rows
from features.synthetic.simulation import simulated_cohort


def remarks_of(*rows: dict[str, Any]) -> list[Remark]:
    full = [{"patient_id": f"p{at}", **row} for at, row in enumerate(rows)]
    return definition_remarks(cohort_from_rows(full, name="c.csv", sha256="00", present=frozenset(full[0])))


@pytest.mark.parametrize(
    "treated",
    [
        {"prior_blinatumomab": "responder"},
        {"prior_blinatumomab": "response_unknown"},
        {"prior_inotuzumab": True},
        {"prior_car_t": True},
        {"infusion_number": 2},
        {"prior_allo_hsct": True},
        {"refractory_to_last_line": True},
    ],
)
def test_no_line_despite_earlier_therapy_is_asked_about(treated: dict[str, Any]) -> None:
    """With its row; one line may contain any of them."""
    (remark,) = remarks_of({"prior_lines": 1, **treated}, {"prior_lines": 0, **treated})
    assert (remark.code, remark.rows, remark.by_row) == ("treated_without_lines", (3,), True)
    assert remark.fields == ("prior_lines",)
    assert remark.without_values() == remark.text


def test_therapies_without_a_line_are_one_question() -> None:
    """It names the columns of all rows."""
    (remark,) = remarks_of(
        {"prior_lines": 0, "prior_inotuzumab": True}, {"prior_lines": 0, "prior_blinatumomab": "nonresponder"}
    )
    assert str(remark) == (
        "prior_lines is 0 in 2 rows (2-3) despite earlier therapy (prior_blinatumomab, prior_inotuzumab): "
        "are lines missing?"
    )


@pytest.mark.parametrize(
    "row",
    [
        {"prior_lines": 0, "prior_blinatumomab": "none", "prior_inotuzumab": False, "prior_car_t": False},
        {"prior_lines": 0},
        {"prior_inotuzumab": True},
        {"prior_lines": 1, "prior_blinatumomab": "responder", "prior_inotuzumab": True},
    ],
)
def test_lines_that_may_be_right_are_left_alone(row: dict[str, Any]) -> None:
    """Untreated, unknown, or two agents in the first plan."""
    assert remarks_of(row) == []


@pytest.mark.parametrize(
    ("blasts", "mrd", "asked"),
    [
        (0.0, 5.0, True),
        (2.0, 8.0, True),
        (15.0, 60.0, True),
        (0.0, 4.9, False),
        (1.0, 5.9, False),
        (2.0, 7.9, False),
        (40.0, 90.0, False),
        (80.0, 60.0, False),
        (None, 60.0, False),
        (0.0, None, False),
    ],
)
def test_mrd_far_above_blasts_is_asked_about(blasts: float | None, mrd: float | None, *, asked: bool) -> None:
    """From four times and five points on: less is a difference of method."""
    found = remarks_of({"marrow_blasts_pct": blasts, "mrd_pct": mrd})
    assert [(each.code, each.rows) for each in found] == ([("mrd_above_blasts", (2,))] if asked else [])


def test_the_words_about_mrd() -> None:
    """Without values."""
    (remark,) = remarks_of({"marrow_blasts_pct": 2.0, "mrd_pct": 71.0})
    assert remark.without_values() == (
        "mrd_pct is at least 4 times and 5 percentage points above marrow_blasts_pct in 1 row (2): blasts "
        "are the higher of morphology and flow of one sample; which one is right?"
    )
    assert remark.fields == ("marrow_blasts_pct", "mrd_pct")


@pytest.mark.parametrize("seed", range(6))
def test_simulated_patients_are_left_alone(seed: int) -> None:
    """Their MRD varies around their blasts."""
    assert definition_remarks(simulated_cohort(150, rng=np.random.default_rng(seed))) == []
