"""Numbers as the page shows them: rounded as everywhere, with a true minus, and zero without a sign."""

from __future__ import annotations

from serving.model.figure_text import fixed, measured
from serving.model.measured import Measured

COEFFICIENT_DIGITS = 4
"""Decimals of coefficients on the page: a risk computed from them is within .002 of the exact one."""
FIGURE_DIGITS = 3
NONE = "–"


def rounded(value: float | None, digits: int = COEFFICIENT_DIGITS) -> str:
    """Write a number with a fixed number of decimals.

    Examples
    --------
    >>> rounded(-0.25), rounded(-0.000001), rounded(None)
    ('−0.2500', '0.0000', '–')
    """
    return NONE if value is None else fixed(value, digits).replace("-", "−")


def figure(metric: Measured | None) -> str:
    """Write a measured figure with its 90 % interval.

    Examples
    --------
    >>> figure(Measured(value=0.7241, low=-0.61, high=0.83)), figure(None)
    ('0.724 (−0.610 to 0.830)', '–')
    """
    if metric is None or metric.value is None:
        return NONE
    return measured(metric, digits=FIGURE_DIGITS).replace("-", "−")


def percent(share: float | None) -> str:
    """Write a share in percent, with one decimal.

    Examples
    --------
    >>> percent(0.1234), percent(None)
    ('12.3 %', '–')
    """
    return NONE if share is None else f"{fixed(share, 1, times=100)} %"


def plain(value: float | None) -> str:
    """Write a value as it would be typed.

    Examples
    --------
    >>> plain(0.5), plain(1200.0), plain(-1.0)
    ('0.5', '1200', '−1')
    """
    return NONE if value is None else f"{value:.10g}".replace("-", "−")
