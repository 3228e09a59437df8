"""Centers that differ beyond chance: what they leave blank, and how often outcomes happen.

Only the first infusion of each patient counts, because the infusions of a patient are alike. Each center is
compared with all others together, and the p values are corrected for the number of questions (Holm).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.checking.exact_tests import count_by_chance, event_strata, holm
from features.checking.remark import Remark, row_numbers
from features.cohort import Cohort
from features.field import specs
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.predictors import DOSE_INPUTS
from features.problems import counted
from features.rules import FACTS_OF_A_TREATMENT
from features.schema import Patient
from features.short_repr import ShortRepr

BY_CHANCE = 0.002
"""Corrected p value below which a difference is reported, of each of the two kinds."""

FEWEST_PATIENTS = 5
"""Of a center, and of all others together, that are compared."""

LEAST_DIFFERENCE = 0.25
"""Difference of the shares of missing values that is worth a question."""

NOT_COMPARED = frozenset([*DOSE_INPUTS, *(fact for fact, _, _ in FACTS_OF_A_TREATMENT)])
"""Blank wherever a treatment was not given, or another way to state the dose was taken."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, repr=False)
class _Question(ShortRepr):
    """One comparison of a center with the others."""

    column: str
    center: str
    observed: int
    expected: float
    p_value: float
    own: int
    others: tuple[int, int]
    """Of the other centers: with it, and all."""


def center_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about centers whose missing values or events differ beyond chance.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of Remark
        One for the missing values of a center, one for each outcome of a center; none of a single center.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": f"p{n}", "center": "AB"[n % 2], "age_years": 30.0, "ecog": n % 2 or None}
    ...         for n in range(24)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*center_remarks(cohort))
    missing more often at A than elsewhere: ecog (12 of 12 patients, elsewhere 0 of 12): left out there?
    """
    first = first_infusions(cohort)
    return [
        *_missing_remarks(cohort, _beyond_chance(_missing_questions(cohort, first)), first),
        *(_event_remark(cohort, each) for each in _beyond_chance(_event_questions(cohort, first))),
    ]


def first_infusions(cohort: Cohort) -> Mask:
    """Mark the first infusion of each patient.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": "a", "infusion_number": 2}, {"patient_id": "a"}, {"patient_id": "b"}]
    >>> first_infusions(cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0])))
    array([False,  True,  True])
    """
    order = np.lexsort((cohort.infusion_number, cohort.patient_id))
    _, firsts = np.unique(cohort.patient_id[order], return_index=True)
    first = np.zeros(len(cohort), dtype=bool)
    first[order[firsts]] = True
    return first


def _beyond_chance(questions: Iterator[_Question]) -> list[_Question]:
    compared = list(questions)
    corrected = holm([each.p_value for each in compared])
    return [each for each, p_value in zip(compared, corrected, strict=True) if p_value < BY_CHANCE]


def _compared(cohort: Cohort, among: Mask) -> Iterator[tuple[str, Mask]]:
    """Go through the centers that have enough patients, beside enough of others."""
    for center in np.unique(cohort.center[among]):
        own = (cohort.center == center) & among
        if min(own.sum(), among.sum() - own.sum()) >= FEWEST_PATIENTS:
            yield str(center), own


def _missing_questions(cohort: Cohort, first: Mask) -> Iterator[_Question]:
    for center, own in _compared(cohort, first):
        for name in specs(Patient):
            missing = np.isnan(cohort.patients[name]) & first
            if name in NOT_COMPARED or not 0 < missing.sum() < first.sum():
                continue
            gone, size = int((missing & own).sum()), int(own.sum())
            elsewhere = int(missing.sum()) - gone, int(first.sum()) - size
            expected, p_value = count_by_chance([(int(first.sum()), size, int(missing.sum()))], gone)
            # A question about a small difference was asked too: it counts in the correction.
            enough = gone / size - elsewhere[0] / elsewhere[1] >= LEAST_DIFFERENCE
            yield _Question(name, center, gone, expected, p_value if enough else 1.0, size, elsewhere)


def _missing_remarks(cohort: Cohort, questions: list[_Question], first: Mask) -> Iterator[Remark]:
    by_center: dict[str, list[_Question]] = {}
    for each in questions:
        by_center.setdefault(each.center, []).append(each)
    for center, of_center in by_center.items():
        names = [each.column for each in of_center]
        own = cohort.center == center
        concerned = own & np.isnan(cohort.patients.matrix(names)).any(axis=1)
        shown = ", ".join(
            f"{each.column} ({each.observed} of {each.own} patients, elsewhere {each.others[0]} of "
            f"{each.others[1]})"
            for each in of_center
        )
        question = "left out there?"
        one = f"one center, the first in row {cohort.rows[own].min()},"
        yield Remark(
            "missing_by_center",
            f"missing more often at {_named(center)} than elsewhere: {shown}: {question}",
            general=f"missing more often at {one} than elsewhere: {', '.join(names)}: {question}",
            fields=tuple(names),
            rows=row_numbers(cohort.rows[concerned]),
        )


def _event_questions(cohort: Cohort, first: Mask) -> Iterator[_Question]:
    for name, outcome in OUTCOMES.items():
        seen = observe(outcome, cohort.follow_up)
        among = first & seen.known
        for center, own in _compared(cohort, among):
            strata, observed = event_strata(seen.day[among], seen.event[among], own[among])
            expected, p_value = count_by_chance(strata, observed)
            others = int(((seen.event == 1) & among).sum()) - observed, int(among.sum() - own.sum())
            yield _Question(name, center, observed, expected, p_value, int(own.sum()), others)


def _event_remark(cohort: Cohort, compared: _Question) -> Remark:
    own = cohort.center == compared.center
    question = "observed or graded in another way, or other patients?"
    often = "more" if compared.observed > compared.expected else "less"
    where = f"one center, the first in row {cohort.rows[own].min()},"
    return Remark(
        "events_by_center",
        f"{compared.column} at {_named(compared.center)}: {counted(compared.observed, 'event')} in "
        f"{counted(compared.own, 'patient')}, {compared.expected:.1f} expected from all centers together: "
        f"{question}",
        general=f"{compared.column} is {often} frequent at {where} than elsewhere: {question}",
        fields=OUTCOMES[compared.column].needs,
        rows=row_numbers(cohort.rows[own & observe(OUTCOMES[compared.column], cohort.follow_up).known]),
    )


def _named(center: str) -> str:
    return center or "infusions without a center"
