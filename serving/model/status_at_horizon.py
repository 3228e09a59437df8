"""What became of the infusions of a cohort by one horizon."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HorizonCounts:
    """Infusions with anything known of an outcome, parted by what was known at a horizon.

    Attributes
    ----------
    events, competing, free, censored : int, optional
        With the event by then, with the competing event before it, known free of both, and lost before; None
        where the count is masked (`serving.model.masked_bundle`).
    """

    events: int | None
    competing: int | None
    free: int | None
    censored: int | None
