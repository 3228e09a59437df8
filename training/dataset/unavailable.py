"""Why something could not be computed: a value of its own, so that no text is taken for a result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unavailable:
    """In place of a result that could not be computed.

    Attributes
    ----------
    reason : str
        For people; it follows a colon, or "because".
    """

    reason: str
