"""What changes from one infusion of a patient to the next although it hardly can."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from features.checking.infusion_pairs import infusion_pairs
from features.checking.remark import Remark, open_remark
from features.cohort import Cohort
from features.problems import in_rows

CONSTANT = ("ph_positive", "diagnosis")
"""Columns that seldom differ between infusions of a patient."""

NEVER_UNDONE = ("prior_allo_hsct", "prior_inotuzumab", "prior_blinatumomab", "prior_lines", "prior_car_t")
"""Columns whose coded value cannot fall: a treatment that was given stays given."""

GIVEN_OR_NOT = ("prior_blinatumomab",)
"""Choices in which none is compared with all other options together."""

MOST_YEARS = 1.5
"""Difference between the change of age and the days between two infusions that rounding explains."""

DAYS_IN_YEAR = 365.25

Compared = Callable[[float, float], bool]


def patient_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about facts that differ between two infusions of one patient.

    Parameters
    ----------
    cohort : Cohort
        Checked: sex and KMT2A rearrangement do not differ, and the age does not fall.

    Returns
    -------
    remarks : list of Remark
        One for each column, with the rows of both infusions.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": "a", "infusion_number": n, "ph_positive": n == 1} for n in (1, 2)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*patient_remarks(cohort))
    ph_positive differs between infusions of one patient in 2 rows (2-3): which one is right?
    """
    both = infusion_pairs(cohort)
    pairs = list(zip(both.earlier.tolist(), both.later.tolist(), strict=True))
    differs = "differs between infusions of one patient"
    undone = "is less at a later infusion of one patient than at an earlier one"
    return [
        *_changed(cohort, pairs, "patient_fact_changes", CONSTANT, differs, lambda one, two: one != two),
        *_changed(cohort, pairs, "treatment_undone", NEVER_UNDONE, undone, lambda one, two: two < one),
        *_aged(cohort, pairs),
    ]


def _changed(
    cohort: Cohort,
    pairs: list[tuple[int, int]],
    code: str,
    columns: tuple[str, ...],
    words: str,
    odd: Compared,
) -> Iterator[Remark]:
    for name in columns:
        values = cohort.patients[name]
        if name in GIVEN_OR_NOT:
            values = np.where(np.isnan(values), np.nan, values > 0)
        rows = [
            position
            for pair in pairs
            if not np.isnan(values[list(pair)]).any() and odd(values[pair[0]], values[pair[1]])
            for position in pair
        ]
        if rows:
            yield _remark(cohort, code, name, words, sorted(set(rows)))


def _aged(cohort: Cohort, pairs: list[tuple[int, int]]) -> Iterator[Remark]:
    age, until_next = cohort.patients["age_years"], cohort.follow_up["next_infusion_day"]
    rows = [
        position
        for earlier, later in pairs
        if abs(age[later] - age[earlier] - until_next[earlier] / DAYS_IN_YEAR) > MOST_YEARS
        for position in (earlier, later)
    ]
    if rows:
        words = "does not rise between two infusions by the days in next_infusion_day"
        yield _remark(cohort, "age_between_infusions", "age_years", words, sorted(set(rows)))


def _remark(cohort: Cohort, code: str, name: str, words: str, positions: list[int]) -> Remark:
    rows = [int(row) for row in cohort.rows[positions]]
    text = f"{name} {words} {in_rows(rows)}: which one is right?"
    return open_remark(code, text, fields=[name], rows=rows, by_row=True)
