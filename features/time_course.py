"""How an outcome builds up with time: odds by a day as a share of the odds at its headline horizon."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

import numpy as np

from features.outcomes import OUTCOMES
from features.problems import Refused
from features.project_files import EVIDENCE

TIME_COURSE_FILE = EVIDENCE / "time_course.csv"


def odds_share(outcome: str, day: int) -> float:
    """Odds of the event by a day as a share of the odds at the outcome's headline horizon.

    Of an outcome that only some can have, the odds are those among them.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    day : int
        After infusion.

    Returns
    -------
    share : float
        1 at the headline horizon; between listed days its logarithm is linear in the logarithm of the day.

    Raises
    ------
    Refused
        If the day lies outside the days that are listed.

    Examples
    --------
    >>> odds_share("relapse", 365), round(odds_share("relapse", 90), 3)
    (1.0, 0.466)
    >>> odds_share("severe_crs", 60)
    Traceback (most recent call last):
        ...
    features.problems.Refused: the time course of severe_crs is known for day 30, got day 60
    """
    listed = listed_shares(outcome)
    days = sorted(listed)
    if not days[0] <= day <= days[-1]:
        message = f"the time course of {outcome} is known for {covered_days(outcome)}, got day {day}"
        raise Refused(message)
    log_share = np.interp(np.log(day), np.log(days), np.log([listed[known] for known in days]))
    return float(np.exp(log_share))


def covered_days(outcome: str) -> str:
    """Say for which days the time course is known.

    Examples
    --------
    >>> covered_days("relapse"), covered_days("severe_icans")
    ('days 30 to 730', 'day 30')
    """
    days = sorted(listed_shares(outcome))
    return f"days {days[0]} to {days[-1]}" if len(days) > 1 else f"day {days[0]}"


def is_covered(outcome: str, day: int) -> bool:
    """Whether a rate by that day can be brought to the headline horizon.

    Examples
    --------
    >>> is_covered("relapse", 200), is_covered("relapse", 1000)
    (True, False)
    """
    days = listed_shares(outcome)
    return min(days) <= day <= max(days)


@cache
def listed_shares(outcome: str) -> Mapping[int, float]:
    """Shares by day, with the headline horizon's."""
    with TIME_COURSE_FILE.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["outcome"] == outcome]
    shares = {int(row["horizon_days"]): float(row["odds_share"]) for row in rows}
    return {**shares, OUTCOMES[outcome].horizons_days[0]: 1.0}
