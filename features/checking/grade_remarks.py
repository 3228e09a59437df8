"""Yes and no where a grade or a day should be: codes that give themselves away by what they never are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.checking.remark import Remark, open_remark, row_numbers
from features.cohort import Cohort
from features.columns import Values
from features.field import FieldSpec, specs
from features.schema import FollowUp

BY_CHANCE = 0.02
"""Chance below which grades that happen to look like codes cause a question, over all centers of a file."""

FEWEST_DAYS = 3
"""Days of 1 and 2 alone that are odd enough: hardly anything happens that soon."""

SOON = ("crs_onset_day",)
"""Days that are usually 0, 1 or 2."""


@dataclass(frozen=True)
class Pattern:
    """Grades that a column of codes would be limited to.

    Parameters
    ----------
    grades, needed : frozenset of int
        No other grade is there; all of these are.
    fact, question : str
        In words.
    shares : mapping of str to float
        Largest share of infusions that have one of these grades in published series, by column.
    """

    grades: frozenset[int]
    needed: frozenset[int]
    fact: str
    question: str
    shares: Mapping[str, float]


YES_NO = Pattern(
    frozenset({1, 2}),
    frozenset({1, 2}),
    "has 1 and 2 only",
    "1 yes and 2 no instead of grades?",
    {"crs_grade": 0.72, "icans_grade": 0.40},
)
NO_YES = Pattern(
    frozenset({0, 1}),
    frozenset({0, 1}),
    "has 0 and 1 only",
    "no and yes instead of grades?",
    {"crs_grade": 0.78, "icans_grade": 0.92},
)
WITHOUT_NONE = Pattern(
    frozenset({1, 2, 3, 4, 5}),
    frozenset(),
    "has no 0",
    "are infusions without it left out or blank?",
    {"crs_grade": 0.86, "icans_grade": 0.60},
)
PATTERNS = (YES_NO, NO_YES, WITHOUT_NONE)
"""In the order in which they are tried. Any CRS is published in 70 to 90 %, any ICANS in 15 to 60 %."""


def grade_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about grades and days that look like codes for yes and no.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of Remark
        For the whole file, or for the centers in which a column looks so.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": str(n), "icans_grade": 1 + n % 2} for n in range(12)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*grade_remarks(cohort))
    icans_grade has 1 and 2 only in all 12 rows that have it: 1 yes and 2 no instead of grades?
    """
    remarks: list[Remark] = []
    centers = np.unique(cohort.center)
    for spec in specs(FollowUp).values():
        column = cohort.follow_up[spec.name]
        whole = _looks_like(spec, column, BY_CHANCE)
        if whole:
            known = cohort.rows[~np.isnan(column)]
            words = _words(spec, whole, f"in all {len(known)} rows that have it")
            remarks.append(open_remark(*words, fields=[spec.name], rows=known))
            continue
        for center in centers:
            chosen = cohort.center == center
            pattern_words = _looks_like(spec, column[chosen], BY_CHANCE / len(centers))
            if pattern_words:
                remarks.append(
                    _of_center(spec, pattern_words, str(center), cohort.rows[chosen], column[chosen])
                )
    return remarks


def _of_center(
    spec: FieldSpec, pattern_words: tuple[str, str], center: str, rows: Sequence[int], column: Values
) -> Remark:
    known = int(np.sum(~np.isnan(column)))
    code, named = _words(spec, pattern_words, f"in all {known} rows of {center or 'no center'} that have it")
    hidden = f"in all {known} rows of one center, the first in row {min(rows)}, that have it"
    general = _words(spec, pattern_words, hidden)[1]
    of_rows = [row for row, value in zip(rows, column, strict=True) if not np.isnan(value)]
    return Remark(code, named, general=general, fields=(spec.name,), rows=row_numbers(of_rows))


def _words(spec: FieldSpec, pattern_words: tuple[str, str], where: str) -> tuple[str, str]:
    return "codes_for_grades", f"{spec.name} {pattern_words[0]} {where}: {pattern_words[1]}"


def _looks_like(spec: FieldSpec, column: Values, by_chance: float) -> tuple[str, str] | None:
    """Say what is odd of a column and what to ask; None where nothing is."""
    known = column[~np.isnan(column)]
    if spec.kind != "integer" or len(known) == 0:
        return None
    if spec.high == 5 and spec.low == 0:
        return _grades_as_codes(spec, known, by_chance)
    if spec.unit == "days" and spec.name not in SOON and len(known) >= FEWEST_DAYS and known.max() <= 2:
        return "is 2 or less", "yes and no instead of days?"
    return None


def _grades_as_codes(spec: FieldSpec, known: Values, by_chance: float) -> tuple[str, str] | None:
    seen = {int(grade) for grade in known}
    for pattern in PATTERNS:
        chance = pattern.shares.get(spec.name, 1.0) ** len(known)
        if pattern.needed <= seen <= pattern.grades and chance < by_chance:
            return pattern.fact, pattern.question
    return None
