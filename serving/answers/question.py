"""The body of a question: a patient, and what is stated beside the patient's fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from features.field import WholeNumber
from features.outcomes import OUTCOMES
from features.schema import Patient
from features.time_course import listed_shares
from serving.answers.states import families

EVENT_FREE_ON_DAY = "event_free_on_day"
DETAIL = "detail"
RECORD_KEY = "record_key"

Detail = Literal["all", "risk"]
"""How much an answer states: everything, or the risks as numbers."""


class Question(Patient):
    """A patient, the name of an unlisted product, a day on which the patient is event-free, and detail.

    The record key is a text of the site under which the answer is recorded; it changes nothing in the answer.
    """

    product_name: str | None = None
    event_free_on_day: WholeNumber | None = None
    detail: Detail = "all"
    record_key: str | None = None


def inputs_of(question: Mapping[str, Any]) -> dict[str, Any]:
    """Take what an answer depends on out of a question.

    Parameters
    ----------
    question : mapping
        Values of a `Question` by name.

    Returns
    -------
    inputs : dict
        The patient's fields, the name of the product and the event-free day, where they are given.

    Examples
    --------
    >>> inputs_of({"age_years": 31.0, "sex": None, "detail": "all", "record_key": "a1"})
    {'age_years': 31.0}
    """
    no_inputs = (DETAIL, RECORD_KEY)
    return {name: value for name, value in question.items() if value is not None and name not in no_inputs}


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
