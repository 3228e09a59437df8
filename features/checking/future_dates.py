"""Dates of a site's table that are still to come: of an infusion, or of an event after it."""

from __future__ import annotations

import numpy as np

from features.checking.remark import Remark, open_remark
from features.cohort import Cohort
from features.columns import Values
from features.problems import in_rows
from features.rules import FOLLOW_UP_DAYS, LAST_CONTACT

TIME_ZONE_DAYS = 1
"""A site may be a day ahead of the computer that checks its table."""


def future_dates(cohort: Cohort, day: Values, *, today: int) -> list[Remark]:
    """Ask about infusions and follow-up that are dated after today.

    Parameters
    ----------
    cohort : Cohort
        Checked.
    day : ndarray of shape (n_infusions,)
        When each infusion was given, on the scale of `date.toordinal`; NaN where unknown.
    today : int
        On the same scale.

    Returns
    -------
    remarks : list of Remark
        One at most, with the columns of follow-up that reach beyond today; no date is shown. It is not an
        error: dates of de-identified tables may have been shifted.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": "a", "last_contact_day": 300}, {"patient_id": "b", "last_contact_day": 30}]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*future_dates(cohort, np.array([1000.0, 1000.0]), today=1100))
    dates in 1 row (2) are after today (last_contact_day): is a date wrong, or were all dates shifted?
    """
    ahead = today + TIME_ZONE_DAYS
    infused = day > ahead
    later = {name: day + cohort.follow_up[name] > ahead for name in (LAST_CONTACT, *FOLLOW_UP_DAYS)}
    fields = [name for name, mask in later.items() if mask.any()]
    odd = np.any([infused, *later.values()], axis=0)
    if not odd.any():
        return []
    rows = cohort.rows[odd]
    named = ", ".join([*(["date of infusion"] if infused.any() else []), *fields])
    text = f"dates {in_rows(rows)} are after today ({named}): is a date wrong, or were all dates shifted?"
    return [open_remark("future_date", text, fields=fields, rows=rows, by_row=True)]
