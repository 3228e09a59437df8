"""Dates after today."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.checking.future_dates import future_dates
from features.checking.remark import Remark
from features.cohort import cohort_from_rows

TODAY = 739000


def remarks_of(infused: list[float], *rows: dict[str, Any]) -> list[Remark]:
    full = [{"patient_id": f"p{at}", **row} for at, row in enumerate(rows)]
    cohort = cohort_from_rows(full, name="c.csv", sha256="00", present=frozenset(full[0]))
    return future_dates(cohort, np.array(infused), today=TODAY)


def test_an_infusion_and_a_contact_after_today_are_one_question() -> None:
    """It names what is later and the rows, and shows no date."""
    rows = [{"last_contact_day": 50}, {"last_contact_day": 400}, {"last_contact_day": 90}]
    (remark,) = remarks_of([TODAY + 30, TODAY - 300, TODAY - 300], *rows)
    assert str(remark) == (
        "dates in 2 rows (2-3) are after today (date of infusion, last_contact_day): is a date wrong, or "
        "were all dates shifted?"
    )
    assert (remark.code, remark.rows, remark.by_row) == ("future_date", (2, 3), True)
    assert remark.without_values() == remark.text


def test_an_infusion_without_follow_up_can_be_after_today_too() -> None:
    """No column of follow-up is named then."""
    (remark,) = remarks_of([TODAY + 30], {"age_years": 30.0})
    assert remark.fields == ()
    assert "(date of infusion)" in remark.text


@pytest.mark.parametrize("infused", [TODAY - 100.0, TODAY - 99.0, float("nan")])
def test_follow_up_to_today_or_of_unknown_date_is_left_alone(infused: float) -> None:
    """A site may be a day ahead."""
    row = {"last_contact_day": 100, "death_day": 100, "relapse_day": 20}
    assert remarks_of([infused], row) == []
    assert len(remarks_of([TODAY - 98.0], row)) == 1
