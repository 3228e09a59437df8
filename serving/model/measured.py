"""A measured figure with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """A measured figure with its 90 % interval; None where it could not be computed."""

    value: float | None
    low: float | None = None
    high: float | None = None
