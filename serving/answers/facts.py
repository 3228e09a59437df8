"""Reasons of a bundle's summary in the form of an answer."""

from __future__ import annotations

from collections.abc import Iterable

from serving.answers.described import Described
from serving.model.validation_summary import Reason


class Fact(Described):
    """A remark as data, by which it can be stated in another language."""

    code: str
    text: str
    """In English."""
    figures: dict[str, float | str]
    """Numbers and names of the text."""


def fact(reason: Reason | None) -> Fact | None:
    """Bring a reason to the form of an answer.

    Examples
    --------
    >>> fact(Reason("few_events", "8 events, 20 are needed", {"events": 8, "needed": 20}))
    Fact(code='few_events', text='8 events, 20 are needed', figures={'events': 8.0, 'needed': 20.0})
    >>> fact(None) is None
    True
    """
    return Fact(code=reason.code, text=reason.text, figures=dict(reason.figures)) if reason else None


def facts(reasons: Iterable[Reason | None]) -> list[Fact]:
    """Bring reasons to the form of an answer, leaving out those that are None."""
    return [each for each in map(fact, reasons) if each is not None]
