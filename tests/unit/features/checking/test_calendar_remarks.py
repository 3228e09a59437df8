"""What changes from the first infusions to the last."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.checking.calendar_remarks import calendar_remarks
from features.checking.remark import Remark
from features.cohort import cohort_from_rows
from features.synthetic.simulation import simulate


def remarks(rows: list[dict[str, Any]], day: np.ndarray) -> list[Remark]:
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    return calendar_remarks(cohort, day, source="date of infusion")


def drawn(seed: int) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Simulate infusions in no order."""
    rng = np.random.default_rng(seed)
    rows = simulate(120, rng=rng).rows
    return rows, rng.permutation(len(rows)).astype(float)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_drifts_where_the_order_means_nothing(seed: int) -> None:
    """No remark on simulated cohorts in a random order."""
    assert remarks(*drawn(seed)) == []


def test_a_value_in_another_unit_from_some_day_on_is_named() -> None:
    """Both medians are shown: they are of a third of the patients each."""
    rows, day = drawn(1)
    late = [
        {**row, "ldh_u_l": row["ldh_u_l"] * 3 if when > 70 and row["ldh_u_l"] else row["ldh_u_l"]}
        for row, when in zip(rows, day, strict=True)
    ]
    (remark,) = remarks(late, day)
    assert (remark.code, remark.fields) == ("calendar_drift", ("ldh_u_l",))
    assert remark.text.endswith("by date of infusion: another unit or method, or other patients?")


def test_a_column_that_is_recorded_only_later_is_named_with_its_blank_rows() -> None:
    """The rows are those without a value."""
    rows, day = drawn(2)
    later = [
        {**row, "ferritin_ug_l": None} if when < 70 else row for row, when in zip(rows, day, strict=True)
    ]
    (remark,) = remarks(later, day)
    assert remark.code == "calendar_missing"
    assert "recorded only later?" in remark.text
    blank = {at + 2 for at, row in enumerate(later) if row["ferritin_ug_l"] is None}
    assert set(remark.rows) <= blank


def test_an_early_outcome_that_was_not_recorded_at_first_is_named() -> None:
    """Grades of 0 in all early infusions."""
    rows, day = drawn(3)
    changed = [{**row, "crs_grade": 0 if when < 70 else 3} for row, when in zip(rows, day, strict=True)]
    codes = {(remark.code, remark.fields[0]) for remark in remarks(changed, day)}
    assert ("calendar_events", "crs_grade") in codes


def test_unknown_dates_and_few_infusions_are_left_out() -> None:
    """No remark without dates."""
    rows, day = drawn(4)
    assert remarks(rows, np.full(len(day), np.nan)) == []
    assert remarks(rows[:10], day[:10]) == []
