"""How often a cohort without any fault gets a remark, and how often a planted fault is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from features.checking.calendar_remarks import calendar_remarks
from features.checking.center_remarks import center_remarks
from features.checking.center_spread import spread_remarks
from features.checking.definition_remarks import definition_remarks
from features.checking.fatal_grade_remarks import fatal_grade_remarks
from features.checking.follow_up_remarks import follow_up_remarks
from features.checking.left_truncation import left_truncation
from features.checking.patient_remarks import patient_remarks
from features.checking.remark import Remark
from features.cohort import cohort_from_rows
from features.synthetic.simulation import simulate

Rows = list[dict[str, Any]]


def drawn(seed: int, patients: int, centers: int) -> tuple[Rows, np.ndarray]:
    """Simulate infusions of centers of different sizes, which have no effect, and their dates in no order."""
    rng = np.random.default_rng(seed)
    rows = simulate(patients, rng=rng).rows
    shares = rng.dirichlet(np.full(centers, 2.0))
    center: dict[str, str] = {}
    for row in rows:
        row["center"] = center.setdefault(row["patient_id"], f"center {rng.choice(centers, p=shares)}")
    return rows, rng.permutation(len(rows)).astype(float)


def remarks_of(rows: Rows, day: np.ndarray) -> list[Remark]:
    """Give the remarks that compare: centers, dates, deaths, infusions of a patient, and columns of a row."""
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    of_centers = [spread_remarks, center_remarks, left_truncation]
    of_rows = [patient_remarks, follow_up_remarks, definition_remarks, fatal_grade_remarks]
    listed = [remark for remarks in (*of_centers, *of_rows) for remark in remarks(cohort)]
    return [*listed, *calendar_remarks(cohort, day, source="date of infusion")]


def false_alarms(n_cohorts: int, first_seed: int) -> int:
    """Count the cohorts of 8 to 250 patients and 1 to 8 centers that get any remark."""
    count = 0
    for seed in range(first_seed, first_seed + n_cohorts):
        rng = np.random.default_rng(seed)
        rows, day = drawn(seed, int(rng.integers(8, 251)), int(rng.integers(1, 9)))
        count += bool(remarks_of(rows, day))
    return count


def lacks_ldh(rows: Rows, day: np.ndarray) -> str:
    """Blank a column of a center."""
    for row in rows:
        row["ldh_u_l"] = None if row["center"] == "center 0" else row["ldh_u_l"]
    return "missing_by_center"


def grades_higher(rows: Rows, day: np.ndarray) -> str:
    """Grade CRS two grades higher in a center."""
    for row in rows:
        if row["center"] == "center 0" and row["crs_grade"] is not None:
            row["crs_grade"] = min(4, row["crs_grade"] + 2)
    return "events_by_center"


def began_late(rows: Rows, day: np.ndarray) -> str:
    """Blank a column of the earlier half."""
    for row, when in zip(rows, day, strict=True):
        row["ferritin_ug_l"] = None if when < np.median(day) else row["ferritin_ug_l"]
    return "calendar_missing"


PLANTED = (lacks_ldh, grades_higher, began_late)


def test_clean_cohorts_are_left_alone() -> None:
    """At most one of 40."""
    assert false_alarms(40, first_seed=1000) <= 1


@pytest.mark.parametrize("plant", PLANTED)
def test_planted_faults_are_found_in_cohorts_of_120(plant: Callable[[Rows, np.ndarray], str]) -> None:
    """In four of five at least, of two centers."""
    cohorts = [drawn(seed, 120, 2) for seed in range(5)]
    assert sum(plant(*each) in {remark.code for remark in remarks_of(*each)} for each in cohorts) >= 4


@pytest.mark.acceptance
def test_two_percent_of_clean_cohorts_at_most_get_a_remark() -> None:
    """Of a thousand."""
    assert false_alarms(1000, first_seed=3000) <= 20
