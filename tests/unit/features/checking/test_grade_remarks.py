"""Codes for yes and no in columns of grades and days."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking.grade_remarks import grade_remarks
from features.cohort import Cohort, cohort_from_rows
from features.schema import all_fields
from features.synthetic.simulation import simulate


def cohort(rows: list[dict[str, object]]) -> Cohort:
    full = [{"patient_id": f"p{n}", **row} for n, row in enumerate(rows)]
    return cohort_from_rows(full, name="c.csv", sha256="00", present=frozenset(all_fields()))


ALL_40 = "all 40 rows that have it: are infusions without it left out or blank?"


@pytest.mark.parametrize("column", ["crs_grade", "icans_grade"])
@pytest.mark.parametrize(
    ("codes", "count", "words"),
    [
        ([1, 2], 14, "has 1 and 2 only in all 14 rows that have it: 1 yes and 2 no instead of grades?"),
        ([0, 1], 50, "has 0 and 1 only in all 50 rows that have it: no and yes instead of grades?"),
        (
            [1, 2, 3, 4],
            40,
            "has no 0 in all 40 rows that have it: are infusions without it left out or blank?",
        ),
    ],
)
def test_grades_that_look_like_codes_are_asked_about(column, codes, count, words):
    """By the numbers they never are."""
    rows = [{column: codes[n % len(codes)]} for n in range(count)]
    assert [str(each) for each in grade_remarks(cohort(rows))] == [f"{column} {words}"]


@pytest.mark.parametrize("codes", [[0, 1, 2, 3], [0, 1, 1, 4], [0, 0, 0, 0]])
def test_grades_are_left_alone(codes):
    """With a 0 and a higher grade, or none at all."""
    assert (
        grade_remarks(cohort([{"crs_grade": codes[n % 4], "icans_grade": codes[n % 4]} for n in range(48)]))
        == []
    )


@pytest.mark.parametrize("count", [1, 4])
def test_few_grades_say_nothing(count):
    """Four patients may well have had grades 1 and 2."""
    assert grade_remarks(cohort([{"crs_grade": 1 + n % 2} for n in range(count)])) == []


@pytest.mark.parametrize("column", ["death_day", "relapse_day", "allo_hsct_day", "last_contact_day"])
def test_days_of_one_and_two_are_asked_about(column):
    """Days of onset of CRS are usually that early; those of other events are not."""
    rows = [{column: 1 + n % 2, "crs_onset_day": 1 + n % 2} for n in range(6)]
    (remark,) = grade_remarks(cohort(rows))
    assert str(remark) == f"{column} is 2 or less in all 6 rows that have it: yes and no instead of days?"


def test_one_center_with_codes_is_named_on_the_command_line_alone():
    """The page says in which row it begins."""
    rows = [{"center": "north", "icans_grade": n % 5} for n in range(20)]
    rows += [{"center": "south", "icans_grade": 1 + n % 2} for n in range(20)]
    (remark,) = grade_remarks(cohort(rows))
    assert "rows of south that have it" in str(remark)
    assert "south" not in remark.without_values()
    assert "the first in row 22" in remark.without_values()


def test_simulated_grades_are_left_alone():
    """Three seeds of each size."""
    for size in (60, 250):
        for seed in (21, 22, 23):
            rows = simulate(size, rng=np.random.default_rng(seed)).rows
            found = cohort_from_rows(rows, name="c", sha256="0", present=frozenset(all_fields()))
            assert grade_remarks(found) == []
