"""Grade 5 of patients who were alive long after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.checking.fatal_grade_remarks import fatal_grade_remarks
from features.checking.remark import Remark
from features.cohort import cohort_from_rows
from features.synthetic.simulation import simulated_cohort


def remarks_of(grade: str, value: int, row: dict[str, Any]) -> list[Remark]:
    """Make a patient with this grade, after another one."""
    rows = [{"patient_id": "a"}, {"patient_id": "b", grade: value, **row}]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[1]))
    return fatal_grade_remarks(cohort)


def died(day: int, **values: Any) -> dict[str, Any]:
    return {"death_day": day, "last_contact_day": day, **values}


ALIVE = [
    pytest.param(died(61), id="death after 60 days"),
    pytest.param(died(50, response_day28="cr"), id="response on day 28"),
    pytest.param(died(50, response_day28="no_response", response_day=35), id="no response on day 35"),
    pytest.param(died(50, relapse_day=40), id="relapse"),
    pytest.param(died(50, allo_hsct_day=45), id="transplant"),
    pytest.param(died(50, next_infusion_day=44), id="next infusion"),
]
DEAD = [
    pytest.param(died(60), id="death within 60 days"),
    pytest.param(died(12), id="early death"),
    pytest.param(died(27, response_day28="cr", response_day=24), id="response in the fourth week"),
    pytest.param(died(50, relapse_day=27), id="early relapse"),
    pytest.param(died(50, response_day28="not_assessed"), id="not assessed"),
    pytest.param({}, id="no follow-up"),
]


@pytest.mark.parametrize("grade", ["crs_grade", "icans_grade"])
@pytest.mark.parametrize("row", ALIVE)
def test_a_fatal_grade_of_a_patient_alive_long_after_is_asked_about(grade: str, row: dict[str, Any]) -> None:
    """With its row and both columns; no value is shown."""
    (remark,) = remarks_of(grade, 5, row)
    assert (remark.code, remark.rows, remark.by_row) == ("alive_after_fatal_grade", (3,), True)
    assert remark.fields == (grade, "death_day")
    assert remark.without_values() == remark.text


@pytest.mark.parametrize("grade", ["crs_grade", "icans_grade"])
@pytest.mark.parametrize("row", DEAD)
def test_a_fatal_grade_of_a_patient_who_died_of_it_is_left_alone(grade: str, row: dict[str, Any]) -> None:
    """Death within 60 days, and nothing from day 28 on that needs a survivor."""
    assert remarks_of(grade, 5, row) == []


@pytest.mark.parametrize("row", ALIVE)
def test_other_grades_are_survived(row: dict[str, Any]) -> None:
    """Grade 4 too."""
    assert remarks_of("crs_grade", 4, row) == []


def test_days_count_from_the_onset_of_crs() -> None:
    """Of ICANS no onset is known."""
    late = died(70, crs_onset_day=10)
    assert remarks_of("crs_grade", 5, late) == []
    assert len(remarks_of("crs_grade", 5, {**late, "crs_onset_day": 9})) == 1
    assert len(remarks_of("icans_grade", 5, late)) == 1


def test_the_words_of_each_grade() -> None:
    """In full."""
    words = [str(remarks_of(grade, 5, died(400))[0]) for grade in ("crs_grade", "icans_grade")]
    late, rest = (
        "but death is more than 60 days",
        "or a response, relapse, transplant or infusion at least 28 days, after",
    )
    assert words == [
        f"{grade} is 5 (death) in 1 row (3), {late}, {rest} {since}: is the grade right?"
        for grade, since in (("crs_grade", "onset"), ("icans_grade", "infusion"))
    ]


@pytest.mark.parametrize("seed", range(6))
def test_simulated_patients_die_of_fatal_grades(seed: int) -> None:
    """Within four weeks."""
    assert fatal_grade_remarks(simulated_cohort(150, rng=np.random.default_rng(seed))) == []
