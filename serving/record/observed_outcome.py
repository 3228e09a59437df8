"""What happened to a patient after an answer, as a site reports it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class ObservedOutcome(ShortRepr):
    """An outcome that is attached to an answer.

    Attributes
    ----------
    prediction_id : str
        Of the answer.
    name : str
        In `features.outcomes.OUTCOMES`.
    happened : bool
        Whether the event occurred.
    day : int or None
        Days from the infusion to the event, or to the last day known to be without it; None if unknown.
    when : datetime
        When it was reported, with its time zone.
    caller : str
        Who reported it, as the request log names the caller.

    Examples
    --------
    >>> from datetime import UTC
    >>> ObservedOutcome("p-1", "severe_crs", True, 4, datetime(2026, 2, 1, tzinfo=UTC), "key:1a2b3c4d")
    ObservedOutcome(prediction_id='p-1', name='severe_crs')
    """

    prediction_id: str
    name: str
    happened: bool = field(repr=False)
    day: int | None = field(repr=False)
    when: datetime = field(repr=False)
    caller: str = field(repr=False)
