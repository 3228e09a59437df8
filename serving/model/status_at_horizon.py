"""What became of the infusions of a cohort by one horizon."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HorizonCounts:
    """Infusions with anything known of an outcome, parted by what was known at a horizon.

    Attributes
    ----------
    events, competing, free, censored : int
        With the event by then, with the competing event before it, known free of both, and lost before.
    """

    events: int
    competing: int
    free: int
    censored: int
