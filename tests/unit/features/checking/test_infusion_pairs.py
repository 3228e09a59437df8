"""Infusions of one patient that follow one another."""

from __future__ import annotations

import numpy as np

from features.checking.infusion_pairs import infusion_pairs
from features.cohort import Cohort, cohort_from_rows


def cohort_of(*infusions: tuple[str, int]) -> Cohort:
    rows = [{"patient_id": patient, "infusion_number": number} for patient, number in infusions]
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


def test_pairs_are_of_one_patient_in_the_order_of_infusions() -> None:
    """Rows may be in any order; the second infusion of a is first in the file."""
    pairs = infusion_pairs(cohort_of(("a", 2), ("b", 1), ("a", 1), ("b", 2), ("a", 3)))
    assert list(zip(pairs.earlier, pairs.later, strict=True)) == [(2, 0), (0, 4), (1, 3)]
    assert pairs.consecutive.all()


def test_an_infusion_that_is_not_in_the_file_is_between_two_rows() -> None:
    """``next_infusion_day`` of the first is not the day of the third."""
    pairs = infusion_pairs(cohort_of(("a", 1), ("a", 3)))
    assert len(pairs) == 1
    assert not pairs.consecutive.any()


def test_patients_with_one_infusion_have_no_pair() -> None:
    """Neither has a cohort of one row."""
    assert len(infusion_pairs(cohort_of(("a", 1), ("b", 1)))) == 0
    assert len(infusion_pairs(cohort_of(("a", 1)))) == 0


def test_rows_of_chosen_pairs_are_listed_once() -> None:
    """The second of three infusions is in two pairs."""
    cohort = cohort_of(("a", 3), ("a", 2), ("a", 1))
    pairs = infusion_pairs(cohort)
    assert pairs.rows(cohort, np.array([True, True])).tolist() == [2, 3, 4]
    assert pairs.rows(cohort, np.array([True, False])).tolist() == [3, 4]
