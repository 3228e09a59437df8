"""The body of a question: a patient, and what is asked beside the risks from the infusion on."""

from __future__ import annotations

from functools import cache
from typing import Literal

from features.field import WholeNumber
from features.outcomes import OUTCOMES
from features.schema import Patient
from features.time_course import listed_shares
from serving.answers.states import families

EVENT_FREE_ON_DAY = "event_free_on_day"
DETAIL = "detail"

Detail = Literal["all", "risk"]
"""How much an answer states: everything, or the risks as numbers."""


class Question(Patient):
    """A patient, the name of an unlisted product, a day on which the patient is event-free, and detail."""

    product_name: str | None = None
    event_free_on_day: WholeNumber | None = None
    detail: Detail = "all"


@cache
def event_free_days() -> tuple[int, int]:
    """Give the first and the last day that can be asked: the course is published, and a horizon follows.

    Examples
    --------
    >>> event_free_days()
    (30, 729)
    """
    names = [name for family in families(OUTCOMES) for name in family]
    first = max(min(listed_shares(name)) for name in names)
    return first, min(max(OUTCOMES[name].horizons_days) for name in names) - 1
