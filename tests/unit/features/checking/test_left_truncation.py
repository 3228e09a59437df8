"""A list of patients that may have begun with survivors."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking.left_truncation import left_truncation
from features.cohort import Cohort, cohort_from_rows
from features.synthetic.simulation import simulate, simulated_cohort


def cohort_of(last: list[int], deaths: list[int | None]) -> Cohort:
    rows = [
        {"patient_id": f"p{at}", "last_contact_day": day, "death_day": death}
        for at, (day, death) in enumerate(zip(last, deaths, strict=True))
    ]
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


@pytest.mark.parametrize("seed", range(5))
def test_a_cohort_with_early_deaths_gets_no_remark(seed: int) -> None:
    """As simulated cohorts have them."""
    assert left_truncation(simulated_cohort(150, rng=np.random.default_rng(seed))) == []


def test_without_early_deaths_the_list_is_asked_about() -> None:
    """Those who died in the first 200 days are not in the file."""
    rows = simulate(200, rng=np.random.default_rng(1)).rows
    early = {row["patient_id"] for row in rows if (row["death_day"] or 999) < 200}
    kept = [row for row in rows if row["patient_id"] not in early]
    cohort = cohort_from_rows(kept, name="c.csv", sha256="00", present=frozenset(kept[0]))
    (remark,) = left_truncation(cohort)
    assert remark.code == "left_truncation"
    assert "followed to day 180 died before: did the list begin with survivors" in remark.text
    assert remark.fields == ("death_day", "last_contact_day")


def test_one_early_death_is_enough() -> None:
    """A list with it did not begin with survivors."""
    assert left_truncation(cohort_of([30, *[500] * 60], [30, *[None] * 60])) == []


def test_few_patients_say_nothing_and_neither_do_those_not_followed() -> None:
    """Ten patients without a death are no surprise; a hundred followed for a month are none either."""
    assert left_truncation(cohort_of([500] * 10, [None] * 10)) == []
    assert left_truncation(cohort_of([40] * 100, [None] * 100)) == []
