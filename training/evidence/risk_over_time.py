"""A published risk at other horizons, by the time course of the outcome."""

from __future__ import annotations

import numpy as np

from features.columns import Values
from features.time_course import odds_share


def risk_at(outcome: str, headline_risk: float, horizons_days: tuple[int, ...]) -> Values:
    """Bring the risk at the headline horizon to other horizons.

    Examples
    --------
    >>> risk_at("relapse", 0.5, (365, 730)).round(2)
    array([0.5 , 0.55])
    """
    odds = headline_risk / (1 - headline_risk) * np.array([odds_share(outcome, day) for day in horizons_days])
    risk: Values = odds / (1 + odds)
    return risk
