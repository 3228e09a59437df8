"""Follow-up that disagrees between two infusions of one patient, worked by hand.

The second infusion is on day 100 of the first, unless a case says otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.checking.follow_up_remarks import follow_up_remarks
from features.checking.remark import Remark
from features.cohort import Cohort, cohort_from_rows
from features.rules import follow_up_contradictions
from features.synthetic.simulation import simulated_cohort

Row = dict[str, Any]

DEATH, CONTACT = "death_between_infusions", "last_contact_between_infusions"
RELAPSE, BLANK = "relapse_between_infusions", "next_infusion_blank"


def cohort_of(first: Row, *later: Row) -> Cohort:
    """Make a patient with these infusions, the last one above, and another patient."""
    own = [
        {"patient_id": "a", "infusion_number": number, **row} for number, row in enumerate((first, *later), 1)
    ]
    rows = [own[-1], {"patient_id": "b", "last_contact_day": 900}, *own[:-1]]
    assert not any(follow_up_contradictions(row) for row in rows)
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


def remarks_of(first: Row, *later: Row) -> list[Remark]:
    return follow_up_remarks(cohort_of(first, *later))


def followed(last: int, **days: Any) -> Row:
    """Make a row of a living patient."""
    return {"last_contact_day": last, **days}


def died(day: int, **days: Any) -> Row:
    """Make a row of a patient who died."""
    return {"death_day": day, "last_contact_day": day, **days}


NEXT = {"next_infusion_day": 100}


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        pytest.param(died(400, **NEXT), followed(300), DEATH, id="the later row is alive"),
        pytest.param(died(400, **NEXT), followed(500), DEATH, id="the later row is alive after the death"),
        pytest.param(died(400, **NEXT), died(302), DEATH, id="two days apart"),
        pytest.param(followed(400, **NEXT), died(300), DEATH, id="the earlier row is alive on that day"),
        pytest.param(followed(500, **NEXT), died(300), DEATH, id="the earlier row is alive after the death"),
        pytest.param(followed(200, **NEXT), died(300), DEATH, id="the earlier row is not up to date"),
        pytest.param(followed(500, **NEXT), followed(300), CONTACT, id="seen 100 days later"),
        pytest.param(followed(400, **NEXT), followed(302), CONTACT, id="last contact two days apart"),
        pytest.param(followed(400, relapse_day=250, **NEXT), followed(300), RELAPSE, id="no relapse"),
        pytest.param(
            followed(400, relapse_day=250, **NEXT),
            followed(300, relapse_day=180),
            RELAPSE,
            id="relapse on another day",
        ),
    ],
)
def test_a_disagreement_is_asked_about_with_both_rows(first: Row, second: Row, code: str) -> None:
    """Whatever the order of the rows; no value and no identifier is in the text."""
    (remark,) = remarks_of(first, second)
    assert (remark.code, remark.rows, remark.by_row) == (code, (2, 4), True)
    assert remark.without_values() == remark.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(died(400, **NEXT), died(300), id="one death"),
        pytest.param(died(400, **NEXT), died(301), id="one death, rounded"),
        pytest.param(followed(400, **NEXT), followed(300), id="one last contact"),
        pytest.param(followed(400, **NEXT), followed(299), id="one last contact, rounded"),
        pytest.param(followed(100, **NEXT), followed(300), id="ends at the next infusion"),
        pytest.param(followed(101, **NEXT), died(300), id="ends at the next infusion, then death"),
        pytest.param(died(400, **NEXT), {}, id="nothing is known after the later infusion"),
        pytest.param(followed(400, relapse_day=80, **NEXT), followed(300), id="relapse between"),
        pytest.param(followed(400, relapse_day=101, **NEXT), followed(300), id="on the day, rounded"),
        pytest.param(
            followed(400, relapse_day=250, **NEXT), followed(300, relapse_day=151), id="one relapse, rounded"
        ),
        pytest.param(
            followed(400, **NEXT), followed(300, relapse_day=150), id="the relapse belongs to the later one"
        ),
        pytest.param(
            followed(400, relapse_day=128, **NEXT),
            followed(300, response_day28="no_response"),
            id="no response to the later infusion",
        ),
    ],
)
def test_what_agrees_or_is_documented_is_no_remark(first: Row, second: Row) -> None:
    """See docs/mapping.md: follow-up may end at the next infusion, and an event belongs to one infusion."""
    assert remarks_of(first, second) == []


def test_follow_up_of_the_later_row_may_end_at_the_infusion_after_it() -> None:
    """It is not compared, unless it goes on beyond the death of the earlier row."""
    third = followed(50)
    ends = followed(200, next_infusion_day=200)
    assert remarks_of(followed(350, **NEXT), ends, third) == []
    assert remarks_of(died(350, **NEXT), ends, died(50)) == []
    (remark,) = remarks_of(died(250, **NEXT), ends, third)
    assert (remark.code, remark.rows) == (DEATH, (4, 5))


def test_a_relapse_beyond_the_follow_up_of_the_later_row_is_not_missed() -> None:
    """The last contacts differ instead."""
    (remark,) = remarks_of(followed(400, relapse_day=350, **NEXT), followed(200))
    assert remark.code == CONTACT


def test_a_blank_day_of_an_infusion_in_the_file_is_asked_about_with_the_earlier_row() -> None:
    """Without it, only a death in one row shows a disagreement."""
    (remark,) = remarks_of(followed(400), followed(900))
    assert str(remark) == (
        "next_infusion_day is blank in 1 row (4), but the file has a later infusion of the patient: without "
        "it, no_further_therapy counts events after that infusion for both, and their follow-up cannot be "
        "compared"
    )
    assert (remark.code, remark.rows, remark.fields) == (BLANK, (4,), ("next_infusion_day",))
    assert [each.code for each in remarks_of(died(400), followed(100))] == [BLANK, DEATH]
    assert [each.code for each in remarks_of(died(400), died(100))] == [BLANK]


def test_a_patient_without_a_later_row_may_have_no_next_infusion() -> None:
    """And one with a later infusion may have it outside the file."""
    assert remarks_of(followed(400)) == []
    assert remarks_of(followed(400, **NEXT)) == []


def test_infusions_with_one_missing_between_are_not_compared() -> None:
    """The day of the next infusion leads to the missing one."""
    rows = [
        {"patient_id": "a", "infusion_number": 1, **died(400, **NEXT)},
        {"patient_id": "a", "infusion_number": 3, **followed(900)},
    ]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    assert follow_up_remarks(cohort) == []


def test_the_words_of_each_question() -> None:
    """In full."""
    first = followed(500, relapse_day=250, **NEXT)
    assert [str(each) for each in remarks_of(first, followed(300))] == [
        "last_contact_day gives two dates for infusions of one patient in 2 rows (2, 4): which one is right?",
        "relapse_day is after the next infusion, whose row has no relapse on that date, in 2 rows (2, 4): "
        "which one is right?",
    ]
    assert str(remarks_of(died(500, **NEXT), died(300))[0]) == (
        "death_day gives two dates for infusions of one patient, or a death for only one of them, "
        "in 2 rows (2, 4): which one is right?"
    )


@pytest.mark.parametrize("seed", range(8))
def test_simulated_patients_do_not_contradict_themselves(seed: int) -> None:
    """Up to three infusions a patient."""
    assert follow_up_remarks(simulated_cohort(150, rng=np.random.default_rng(seed))) == []
