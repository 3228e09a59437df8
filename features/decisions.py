"""Decisions made about infusions when an outcome is read off the follow-up: codes, and words for people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from features.rules import DEFAULT_RESPONSE_DAY

SEVERE_GRADE, MODERATE_GRADE = 3, 2
GRADED_BY_DAY = 30
IEC_HS_BY_DAY = 60
"""IEC-HS comes after CRS, mostly in the first three weeks and seldom after the sixth (Hines 2023,
doi:10.1016/j.jtct.2023.03.006); the follow-up states no day."""
ASSUMED_REMISSION_DAY = 60
"""Followed beyond it without relapse, an infusion whose response was not assessed counts as in remission."""


class Decision(StrEnum):
    """Code of a decision; infusions are counted by it."""

    LATE_ONSET = "late_onset"
    NO_GRADE = "no_grade"
    NOT_STATED = "not_stated"
    EARLY_DEATH = "early_death"
    UNKNOWN_ONSET = "unknown_onset"
    OTHER_SCALE = "other_scale"
    NO_LAST_CONTACT = "no_last_contact"
    ASSUMED_IN_REMISSION = "assumed_in_remission"
    LEFT_OUT_AS_ASSUMED = "left_out_as_assumed"
    NOT_ASSESSED = "not_assessed"
    NOT_ASSESSED_DIED = "not_assessed_died"
    FURTHER_THERAPY = "further_therapy"
    REPEATED = "repeated"
    NEAR_EQUAL = "near_equal"


_UNASSESSED = f"response not assessed, followed beyond day {ASSUMED_REMISSION_DAY}"

DECISIONS: Mapping[str, str] = {
    Decision.LATE_ONSET: f"onset after day {GRADED_BY_DAY}, no event",
    Decision.NO_GRADE: "grade missing, left out",
    Decision.NOT_STATED: "not filled in, left out",
    Decision.EARLY_DEATH: "died before the last day that counts, without the event",
    Decision.UNKNOWN_ONSET: f"event of unknown onset, counted as by day {GRADED_BY_DAY}",
    Decision.OTHER_SCALE: "graded on another scale, included by --allow-grading",
    Decision.NO_LAST_CONTACT: "last contact missing, left out",
    Decision.ASSUMED_IN_REMISSION: f"{_UNASSESSED}, taken as in remission",
    Decision.LEFT_OUT_AS_ASSUMED: f"{_UNASSESSED}, left out",
    Decision.NOT_ASSESSED: f"response not assessed, censored at day {DEFAULT_RESPONSE_DAY}",
    Decision.NOT_ASSESSED_DIED: f"response not assessed, died by day {ASSUMED_REMISSION_DAY}",
    Decision.FURTHER_THERAPY: "censored at further therapy in remission",
    Decision.REPEATED: (
        "identical in every value to one of another patient, as if a patient were entered twice"
    ),
    Decision.NEAR_EQUAL: "of patients whose identifiers differ only in spelling, such as P-1 and p-01",
}
"""Each decision in words, to be read after a number of infusions."""


def decision_words(code: str) -> str:
    """State a decision in words.

    Parameters
    ----------
    code : str
        Of `Decision`; bundles of earlier versions counted by the words themselves, which are returned.

    Returns
    -------
    words : str

    Examples
    --------
    >>> decision_words("no_grade")
    'grade missing, left out'
    """
    return DECISIONS.get(code, code)
