"""Hazard ratios and risk ratios become log odds ratios; pure functions."""

from __future__ import annotations

from math import expm1, log, log1p
from statistics import NormalDist

HALF_INTERVAL = NormalDist().inv_cdf(0.975)
"""Published intervals are 95 % intervals: this many standard errors to each side."""


def log_standard_error(ci_low: float, ci_high: float) -> float:
    """Recover the standard error of the logarithm of a ratio from its 95 % interval.

    Examples
    --------
    >>> round(log_standard_error(1.45, 4.87), 4)
    0.3091
    """
    return log(ci_high / ci_low) / (2 * HALF_INTERVAL)


def hazard_ratio_to_log_odds(hazard_ratio: float, unexposed_risk: float) -> float:
    """State a hazard ratio as a log odds ratio of the event by the end of the study.

    Parameters
    ----------
    hazard_ratio : float
        Above 0.
    unexposed_risk : float
        Risk of the unexposed at the study's own endpoint and time, in (0, 1). The overall risk in its place
        exaggerates.

    Returns
    -------
    log_odds : float
        ``log(odds(1 - (1 - p)^HR) / odds(p))``.

    Examples
    --------
    >>> from math import exp
    >>> round(exp(hazard_ratio_to_log_odds(4.05, 0.274)), 2)
    7.04
    """
    hazard = -log1p(-unexposed_risk)
    return _log_odds_of(hazard_ratio * hazard) - _log_odds_of(hazard)


def hazard_ratio_slope(hazard_ratio: float, unexposed_risk: float) -> float:
    """Log odds ratio per unit of log hazard ratio: carries a standard error over (delta method).

    Examples
    --------
    >>> round(hazard_ratio_slope(1.0, 0.5), 4)
    1.3863
    """
    hazard = -hazard_ratio * log1p(-unexposed_risk)
    return hazard / -expm1(-hazard)


def risk_ratio_to_log_odds(risk_ratio: float, unexposed_risk: float) -> float:
    """State a risk ratio as a log odds ratio.

    Raises
    ------
    ValueError
        If the risk of the exposed would be 1 or more.

    Examples
    --------
    >>> from math import exp
    >>> round(exp(risk_ratio_to_log_odds(2.0, 0.25)), 4)
    3.0
    >>> risk_ratio_to_log_odds(3.0, 0.4)
    Traceback (most recent call last):
        ...
    ValueError: a risk ratio of 3 at an unexposed risk of 0.4 gives a risk of 1.2.
    """
    exposed_risk = _exposed_risk(risk_ratio, unexposed_risk)
    return log(exposed_risk / (1 - exposed_risk)) - log(unexposed_risk / (1 - unexposed_risk))


def risk_ratio_slope(risk_ratio: float, unexposed_risk: float) -> float:
    """Log odds ratio per unit of log risk ratio.

    Examples
    --------
    >>> risk_ratio_slope(2.0, 0.25)
    2.0
    """
    return 1 / (1 - _exposed_risk(risk_ratio, unexposed_risk))


def solve_unexposed_risk(hazard_ratio: float, exposed_share: float, base_rate: float) -> float:
    """Find the risk of the unexposed at which exposed and unexposed together have the base rate.

    Parameters
    ----------
    hazard_ratio : float
        Above 0.
    exposed_share : float
        Share q of the exposed among all, 0 to 1.
    base_rate : float
        Risk among all, in (0, 1).

    Returns
    -------
    unexposed_risk : float
        The p of ``q (1 - (1 - p)^HR) + (1 - q) p = base rate``.

    Examples
    --------
    >>> p = solve_unexposed_risk(2.0, 0.5, 0.4)
    >>> round(p, 4), round(0.5 * (1 - (1 - p) ** 2) + 0.5 * p, 4)
    (0.2958, 0.4)
    """
    # It takes half a second to import.
    from scipy.optimize import brentq

    def excess(unexposed_risk: float) -> float:
        exposed_risk = -expm1(hazard_ratio * log1p(-unexposed_risk))
        return exposed_share * exposed_risk + (1 - exposed_share) * unexposed_risk - base_rate

    return float(brentq(excess, 0.0, 1 - 1e-12, xtol=1e-12))


def solve_unexposed_risk_of_risk_ratio(risk_ratio: float, exposed_share: float, base_rate: float) -> float:
    """Find the risk of the unexposed where the ratio is one of risks.

    Examples
    --------
    >>> round(solve_unexposed_risk_of_risk_ratio(2.0, 0.5, 0.3), 4)
    0.2
    """
    return base_rate / (1 - exposed_share + exposed_share * risk_ratio)


def _log_odds_of(cumulative_hazard: float) -> float:
    """``log(exp(H) - 1)``, without overflow."""
    return cumulative_hazard + log(-expm1(-cumulative_hazard))


def _exposed_risk(risk_ratio: float, unexposed_risk: float) -> float:
    risk = risk_ratio * unexposed_risk
    if risk >= 1:
        message = f"a risk ratio of {risk_ratio:g} at an unexposed risk of {unexposed_risk:g} gives a risk of"
        message = f"{message} {risk:g}."
        raise ValueError(message)
    return risk
