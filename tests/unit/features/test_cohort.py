"""A checked cohort."""

from __future__ import annotations

import numpy as np

from features.cohort import Cohort, cohort_from_rows


def cohort_of(*rows: dict[str, object]) -> Cohort:
    """Make a cohort of typed rows."""
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset({"patient_id"}))


def test_blank_infusion_number_is_1():
    """A patient without number has had one infusion."""
    assert cohort_of({"patient_id": "a", "infusion_number": None}).infusion_number.tolist() == [1]


def test_patients_are_counted_once():
    """Two infusions of one patient are one patient."""
    cohort = cohort_of({"patient_id": "a"}, {"patient_id": "a", "infusion_number": 2}, {"patient_id": "b"})
    assert (len(cohort), cohort.n_patients) == (3, 2)


def test_later_infusions_have_prior_car_t_by_definition():
    """Blank becomes true at the second infusion and stays blank at the first."""
    cohort = cohort_of({"patient_id": "a"}, {"patient_id": "a", "infusion_number": 2})
    np.testing.assert_array_equal(cohort.patients["prior_car_t"], [np.nan, 1])


def test_one_generated_patient_makes_the_cohort_synthetic():
    """A mixture is synthetic as a whole."""
    assert cohort_of({"patient_id": "synthetic-0001"}, {"patient_id": "a"}).synthetic
    assert not cohort_of({"patient_id": "a"}).synthetic


def test_center_is_empty_where_unknown():
    """No centre is no name."""
    assert cohort_of({"patient_id": "a", "center": None}).center.tolist() == [""]


def test_rows_count_from_the_heading():
    """Without row numbers the first infusion stands in row 2."""
    assert cohort_of({"patient_id": "a"}, {"patient_id": "b"}).rows.tolist() == [2, 3]
