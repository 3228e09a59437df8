"""A list that may have begun with survivors: no patient in it died early."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.checking.center_remarks import first_infusions
from features.checking.remark import Remark, open_remark
from features.cohort import Cohort
from features.problems import counted

BY_CHANCE = 0.002
"""Chance of no early death, by the shares below, below which the remark is made."""

DEAD_BY: Mapping[int, float] = {60: 0.04, 90: 0.06, 180: 0.12, 365: 0.22}
"""Share of infused patients who died by a day. Reasoned constants, below what series of adults with relapsed
or refractory B-ALL report (20 to 50 % died within one year), so that a good series is not questioned."""


def left_truncation(cohort: Cohort) -> list[Remark]:
    """Ask whether patients who died early are missing from the file.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of Remark
        At most one, for the day at which no death is least likely. Patients who were not followed to a day
        say nothing about it.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": f"p{n}", "last_contact_day": 400 + n} for n in range(60)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*left_truncation(cohort))
    none of 60 patients followed to day 365 died before: did the list begin with survivors, or lack deaths?
    """
    first = first_infusions(cohort)
    death, last = (cohort.follow_up[name] for name in ("death_day", "last_contact_day"))
    chances = {}
    for day, share in DEAD_BY.items():
        died = first & (death <= day)
        followed = first & (last >= day)
        if not died.any():
            chances[day] = (1 - share) ** int(followed.sum())
    if not chances or min(chances.values()) >= BY_CHANCE:
        return []
    day = min(chances, key=lambda each: chances[each])
    followed = first & (last >= day)
    words = (
        f"none of {counted(int(followed.sum()), 'patient')} followed to day {day} died before: "
        "did the list begin with survivors, or lack deaths?"
    )
    known = ~np.isnan(last)
    return [
        open_remark(
            "left_truncation", words, fields=("death_day", "last_contact_day"), rows=cohort.rows[known]
        )
    ]
