"""What hardly changes between infusions of one patient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.checking.patient_remarks import patient_remarks
from features.cohort import Cohort, cohort_from_rows
from features.synthetic.simulation import simulated_cohort


def cohort_of(first: dict[str, Any], second: dict[str, Any]) -> Cohort:
    """Make a patient with two infusions, the later one above, and another patient."""
    rows = [
        {"patient_id": "a", "infusion_number": 2, **second},
        {"patient_id": "b"},
        {"patient_id": "a", "infusion_number": 1, **first},
    ]
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ({"ph_positive": True}, {"ph_positive": False}, "patient_fact_changes"),
        ({"diagnosis": "b_all"}, {"diagnosis": "b_lbl"}, "patient_fact_changes"),
        ({"prior_allo_hsct": True}, {"prior_allo_hsct": False}, "treatment_undone"),
        ({"prior_lines": 4}, {"prior_lines": 3}, "treatment_undone"),
        ({"prior_blinatumomab": "responder"}, {"prior_blinatumomab": "none"}, "treatment_undone"),
        ({"age_years": 30.0, "next_infusion_day": 200}, {"age_years": 34.0}, "age_between_infusions"),
    ],
)
def test_a_fact_that_changes_is_asked_about_with_both_rows(first, second, code) -> None:
    """Whatever the order of the rows; no value and no identifier is in the text."""
    (remark,) = patient_remarks(cohort_of(first, second))
    assert remark.code == code
    assert remark.rows == (2, 4)
    assert remark.by_row
    assert remark.without_values() == remark.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"ph_positive": True}, {}),
        ({"prior_allo_hsct": False}, {"prior_allo_hsct": True}),
        ({"prior_blinatumomab": "responder"}, {"prior_blinatumomab": "nonresponder"}),
        ({"age_years": 30.0, "next_infusion_day": 200}, {"age_years": 31.0}),
        ({"age_years": 30.0}, {"age_years": 39.0}),
    ],
)
def test_what_may_change_is_no_remark(first, second) -> None:
    """A blank, a treatment that was given since, an age that rose by the days between."""
    assert patient_remarks(cohort_of(first, second)) == []


@pytest.mark.parametrize("seed", range(4))
def test_simulated_patients_do_not_contradict_themselves(seed: int) -> None:
    """Up to three infusions a patient."""
    assert patient_remarks(simulated_cohort(120, rng=np.random.default_rng(seed))) == []
