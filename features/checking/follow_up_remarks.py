"""Follow-up of one patient that disagrees between two infusions: one date, counted from each of them.

Death and last contact belong to the patient, so that the day of one row is that of the next row plus
``next_infusion_day``. Two differences are documented and are no question: follow-up of a row may end on the
day of the next infusion, and an event of a later infusion may be missing from the rows before it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from features.checking.infusion_pairs import InfusionPairs, infusion_pairs
from features.checking.remark import Remark, open_remark
from features.cohort import Cohort
from features.columns import Columns, Values
from features.observation import no_response
from features.problems import in_rows
from features.rules import LAST_CONTACT, NEXT_INFUSION

ROUNDING_DAYS = 1
"""Difference that rounding explains: each of three numbers of days may be off by half a day."""

Mask = NDArray[np.bool_]


def follow_up_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about deaths, ends of follow-up and relapses that two infusions of a patient date differently.

    Parameters
    ----------
    cohort : Cohort
        Checked: within a row, no day is after the last contact, which is the day of a death.

    Returns
    -------
    remarks : list of Remark
        One for each column, with the rows of both infusions; a blank ``next_infusion_day`` with the earlier
        row alone. Rows are compared where their infusion numbers follow one another.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": "a", "infusion_number": 1, "next_infusion_day": 100, "last_contact_day": 500},
    ...         {"patient_id": "a", "infusion_number": 2, "last_contact_day": 300}]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*follow_up_remarks(cohort))
    last_contact_day gives two dates for infusions of one patient in 2 rows (2-3): which one is right?
    """
    pairs = infusion_pairs(cohort)
    return [*_blank_next(cohort, pairs), *_disagreements(cohort, pairs)]


def _blank_next(cohort: Cohort, pairs: InfusionPairs) -> Iterator[Remark]:
    blank = np.isnan(cohort.follow_up[NEXT_INFUSION][pairs.earlier])
    rows = cohort.rows[pairs.earlier[blank]]
    if len(rows):
        text = (
            f"{NEXT_INFUSION} is blank {in_rows(rows)}, but the file has a later infusion of the patient: "
            "without it, no_further_therapy counts events after that infusion for both, and their "
            "follow-up cannot be compared"
        )
        yield open_remark("next_infusion_blank", text, fields=[NEXT_INFUSION], rows=rows, by_row=True)


def _disagreements(cohort: Cohort, pairs: InfusionPairs) -> Iterator[Remark]:
    earlier, later = (cohort.follow_up.take(side) for side in (pairs.earlier, pairs.later))
    may_end = _may_end_at_next(cohort, pairs)
    ended = may_end[pairs.earlier], may_end[pairs.later]
    dated_twice = "gives two dates for infusions of one patient"
    questions = (
        (
            "death_between_infusions",
            ("death_day", LAST_CONTACT),
            f"{dated_twice}, or a death for only one of them,",
            _deaths_differ(earlier, later, ended),
        ),
        (
            "last_contact_between_infusions",
            (LAST_CONTACT,),
            dated_twice,
            _last_contacts_differ(earlier, later, ended),
        ),
        (
            "relapse_between_infusions",
            ("relapse_day",),
            "is after the next infusion, whose row has no relapse on that date,",
            _relapse_is_lost(earlier, later),
        ),
    )
    for code, fields, words, odd in questions:
        rows = pairs.rows(cohort, odd & pairs.consecutive)
        if len(rows):
            text = f"{fields[0]} {words} {in_rows(rows)}: which one is right?"
            yield open_remark(code, text, fields=fields, rows=rows, by_row=True)


def _may_end_at_next(cohort: Cohort, pairs: InfusionPairs) -> Mask:
    """Mark rows of the living whose follow-up may end on the day of the next infusion, known or not."""
    last, until_next = cohort.follow_up[LAST_CONTACT], cohort.follow_up[NEXT_INFUSION]
    followed = np.zeros(len(cohort), dtype=bool)
    followed[pairs.earlier] = True
    at_next = np.abs(last - until_next) <= ROUNDING_DAYS
    ends: Mask = _alive(cohort.follow_up) & (at_next | (followed & np.isnan(until_next)))
    return ends


def _alive(rows: Columns) -> Mask:
    alive: Mask = ~np.isnan(rows[LAST_CONTACT]) & np.isnan(rows["death_day"])
    return alive


def _differ(one: Values, two: Values) -> Mask:
    """Whether two known days are further apart than rounding explains."""
    apart: Mask = np.abs(one - two) > ROUNDING_DAYS
    return apart


def _deaths_differ(earlier: Columns, later: Columns, ended: tuple[Mask, Mask]) -> Mask:
    """Compare deaths: on two dates, or in one row while the other row goes on or could have it."""
    died = earlier["death_day"], earlier[NEXT_INFUSION] + later["death_day"]
    seen_alive = earlier[NEXT_INFUSION] + later[LAST_CONTACT] > died[0] + ROUNDING_DAYS
    only_earlier = ~np.isnan(died[0]) & _alive(later) & (~ended[1] | seen_alive)
    only_later = _alive(earlier) & ~ended[0] & ~np.isnan(died[1])
    return np.asarray(_differ(*died) | only_earlier | only_later, dtype=np.bool_)


def _last_contacts_differ(earlier: Columns, later: Columns, ended: tuple[Mask, Mask]) -> Mask:
    """Compare the last contact of the living, where neither row ends at its next infusion."""
    both = _alive(earlier) & _alive(later) & ~ended[0] & ~ended[1]
    return both & _differ(earlier[LAST_CONTACT], earlier[NEXT_INFUSION] + later[LAST_CONTACT])


def _relapse_is_lost(earlier: Columns, later: Columns) -> Mask:
    """Find the first relapse after one infusion, dated after the next one, that the next row does not have.

    No response to the next infusion may be the progression of the one before it.
    """
    relapse = earlier["relapse_day"] - earlier[NEXT_INFUSION]
    followed = (relapse > ROUNDING_DAYS) & (later[LAST_CONTACT] >= relapse)
    without = np.isnan(later["relapse_day"]) & ~no_response(later)
    lost: Mask = followed & (without | _differ(later["relapse_day"], relapse))
    return lost
