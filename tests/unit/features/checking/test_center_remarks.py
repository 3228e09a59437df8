"""Centers that differ beyond chance in what they leave blank and in how often outcomes happen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.checking.center_remarks import center_remarks
from features.cohort import Cohort, cohort_from_rows
from features.synthetic.simulation import simulate

Rows = list[dict[str, Any]]


def cohort_of(rows: Rows) -> Cohort:
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


def synthetic(patients: int, centers: int, seed: int) -> Rows:
    """Simulate patients whose center is drawn at random, so that it has no effect."""
    rng = np.random.default_rng(seed)
    rows = simulate(patients, rng=rng).rows
    center = {row["patient_id"]: f"center {rng.integers(centers)}" for row in rows}
    return [{**row, "center": center[row["patient_id"]]} for row in rows]


def without(rows: Rows, column: str) -> Rows:
    """Blank a column of the first center."""
    return [{**row, column: None if row["center"] == "center 0" else row[column]} for row in rows]


def graded_higher(rows: Rows) -> Rows:
    """Count every CRS of the first center two grades higher."""

    def grade(row: dict[str, Any]) -> int | None:
        worst = row["crs_grade"]
        return min(worst + 2, 4) if worst is not None and row["center"] == "center 0" else worst

    return [{**row, "crs_grade": grade(row)} for row in rows]


@pytest.mark.parametrize("seed", range(6))
def test_centers_without_an_effect_get_no_remark(seed: int) -> None:
    """A center drawn at random neither lacks values nor has more events."""
    assert center_remarks(cohort_of(synthetic(100, 4, seed))) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_column_that_one_center_lacks_is_named_with_its_rows(seed: int) -> None:
    """The center is named for the owner of the file, and not in the form for pages."""
    cohort = cohort_of(without(synthetic(90, 3, seed), "ldh_u_l"))
    (remark,) = center_remarks(cohort)
    assert remark.code == "missing_by_center"
    assert remark.fields == ("ldh_u_l",)
    assert remark.rows == tuple(cohort.rows[cohort.center == "center 0"].tolist())
    assert "center 0" in remark.text
    assert "center 0" not in remark.without_values()


def test_a_center_that_grades_higher_is_named_with_what_is_expected() -> None:
    """Events and expected events are in the text; the remark is about the columns of the outcome."""
    remarks = center_remarks(cohort_of(graded_higher(synthetic(150, 3, 1))))
    severe = next(each for each in remarks if each.text.startswith("severe_crs at center 0"))
    assert severe.code == "events_by_center"
    assert severe.fields == ("crs_grade", "crs_grading_system")
    assert "expected from all centers together" in severe.text
    assert severe.without_values().startswith("severe_crs is more frequent at one center")


def test_a_single_center_is_not_compared() -> None:
    """Nor is one with too few others."""
    rows = without(synthetic(60, 1, 1), "ldh_u_l")
    assert center_remarks(cohort_of(rows)) == []
    few = [{**row, "center": "other" if at < 4 else "center 0"} for at, row in enumerate(rows)]
    assert center_remarks(cohort_of(few)) == []


def test_several_infusions_of_a_patient_count_once() -> None:
    """Ten infusions of two patients without a value are no evidence."""
    patients = [("A", "a", True)] * 5 + [("A", "b", True)] * 5
    patients += [(center, f"{center}{n}", False) for n in range(8) for center in "AB"]
    rows = [
        {"patient_id": name, "center": center, "age_years": 30.0 + at / 10, "ecog": None if blank else 1}
        for at, (center, name, blank) in enumerate(patients)
    ]
    for number, row in enumerate(rows[:10]):
        row["infusion_number"] = number % 5 + 1
    assert center_remarks(cohort_of(rows)) == []
