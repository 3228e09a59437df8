"""Grade 5 of CRS or ICANS, which means death, of a patient who was alive long after it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.checking.remark import Remark, open_remark
from features.cohort import Cohort
from features.columns import Columns, Values
from features.problems import in_rows
from features.rules import ASSESSED_RESPONSES, DATED_BY, DEFAULT_RESPONSE_DAY, FATAL_GRADE

FATAL_GRADES = ("crs_grade", "icans_grade")

DEATH_WITHIN_DAYS = 60
"""Latest death that is plausible for either: both begin within weeks of the infusion, and most deaths of them
come within 30 days. A patient who dies later mostly dies of an infection after it, or of leukemia."""

EVENT_WITHIN_DAYS = 28
"""Assessments and events from this day on show that the patient had survived: CRS and ICANS last days, seldom
three weeks."""

LATER_EVENTS = ("relapse_day", "allo_hsct_day", "next_infusion_day")


def fatal_grade_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about fatal grades of patients whose follow-up shows that they survived CRS or ICANS.

    Parameters
    ----------
    cohort : Cohort
        Checked: with a grade of 5 and a last contact, the day of death is known.

    Returns
    -------
    remarks : list of Remark
        One for each grade, with the rows. Days count from onset where the schema has it, otherwise from
        infusion.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": "a", "icans_grade": 5, "death_day": 400, "last_contact_day": 400}]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> [(remark.code, remark.fields, remark.rows) for remark in fatal_grade_remarks(cohort)]
    [('alive_after_fatal_grade', ('icans_grade', 'death_day'), (2,))]
    """
    return list(_remarks(cohort))


def _remarks(cohort: Cohort) -> Iterator[Remark]:
    follow_up = cohort.follow_up
    for grade in FATAL_GRADES:
        onset = follow_up[DATED_BY[grade]] if grade in DATED_BY else np.full(len(cohort), np.nan)
        start = np.where(np.isnan(onset), 0.0, onset)
        late_death = follow_up["death_day"] - start > DEATH_WITHIN_DAYS
        late_event = _last_event(follow_up) - start >= EVENT_WITHIN_DAYS
        odd = (follow_up[grade] == FATAL_GRADE) & (late_death | late_event)
        if odd.any():
            rows = cohort.rows[odd]
            since = "onset" if grade in DATED_BY else "infusion"
            text = (
                f"{grade} is {FATAL_GRADE} (death) {in_rows(rows)}, but death is more than "
                f"{DEATH_WITHIN_DAYS} days, or a response, relapse, transplant or infusion at least "
                f"{EVENT_WITHIN_DAYS} days, after {since}: is the grade right?"
            )
            fields = [grade, "death_day"]
            yield open_remark("alive_after_fatal_grade", text, fields=fields, rows=rows, by_row=True)


def _last_event(follow_up: Columns) -> Values:
    """Give the latest day of an assessment or event that a living patient had; NaN without one."""
    stated = follow_up["response_day"]
    response = np.where(np.isnan(stated), float(DEFAULT_RESPONSE_DAY), stated)
    assessed = follow_up.is_option("response_day28", *ASSESSED_RESPONSES) == 1
    latest = np.where(assessed, response, np.nan)
    for name in LATER_EVENTS:
        latest = np.fmax(latest, follow_up[name])
    return latest
