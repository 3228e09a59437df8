"""Predictors that contradict what the schema says they mean: no line of therapy, and more MRD than blasts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.checking.remark import Remark, open_remark
from features.cohort import Cohort
from features.problems import in_rows

PART_OF_A_LINE = (
    "prior_blinatumomab",
    "prior_inotuzumab",
    "prior_car_t",
    "prior_allo_hsct",
    "refractory_to_last_line",
)
"""Columns that, above 0, say that there was a line of therapy. Several can belong to one line, such as
blinatumomab in a first plan, so that only a count of 0 contradicts them."""

TIMES_BLASTS, POINTS_ABOVE_BLASTS = 4, 5
"""MRD that no difference of method explains. Both are of one sample, and blasts are the higher of morphology
and flow. Morphology of 200 to 500 cells is good to about 2 points at a few percent, and flow counts other
cells: 5 points and a factor of 4 are beyond both."""


def definition_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about predictors that contradict each other by their definitions.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of Remark
        With the rows; values are not shown.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": "a", "prior_lines": 0, "prior_inotuzumab": True}]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*definition_remarks(cohort))
    prior_lines is 0 in 1 row (2) despite earlier therapy (prior_inotuzumab): are lines missing?
    """
    return [*_treated_without_lines(cohort), *_mrd_above_blasts(cohort)]


def _treated_without_lines(cohort: Cohort) -> Iterator[Remark]:
    none = cohort.patients["prior_lines"] == 0
    treated = {name: none & (cohort.patients[name] > 0) for name in PART_OF_A_LINE}
    named = [name for name, mask in treated.items() if mask.any()]
    if named:
        rows = cohort.rows[np.any([treated[name] for name in named], axis=0)]
        therapy = f"despite earlier therapy ({', '.join(named)})"
        text = f"prior_lines is 0 {in_rows(rows)} {therapy}: are lines missing?"
        yield open_remark("treated_without_lines", text, fields=["prior_lines"], rows=rows, by_row=True)


def _mrd_above_blasts(cohort: Cohort) -> Iterator[Remark]:
    blasts, mrd = cohort.patients["marrow_blasts_pct"], cohort.patients["mrd_pct"]
    above = (mrd >= TIMES_BLASTS * blasts) & (mrd >= blasts + POINTS_ABOVE_BLASTS)
    if above.any():
        rows = cohort.rows[above]
        text = (
            f"mrd_pct is at least {TIMES_BLASTS} times and {POINTS_ABOVE_BLASTS} percentage points above "
            f"marrow_blasts_pct {in_rows(rows)}: blasts are the higher of morphology and flow of one sample; "
            "which one is right?"
        )
        fields = ["marrow_blasts_pct", "mrd_pct"]
        yield open_remark("mrd_above_blasts", text, fields=fields, rows=rows, by_row=True)
