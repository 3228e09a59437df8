"""Figures as text: rounded as a browser rounds, with the interval in words."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from serving.model.measured import Measured


def fixed(value: float, digits: int, *, times: int = 1) -> str:
    """Write a number with so many decimals: halves away from 0 as a browser rounds them, no minus before 0.

    Parameters
    ----------
    value : float
    digits : int
        Decimals.
    times : int
        What the number is multiplied by first, without an error of its own.

    Returns
    -------
    text : str

    Examples
    --------
    >>> fixed(0.0625, 3), fixed(-1.005, 2), fixed(-0.0004, 3), fixed(0.285, 0, times=100)
    ('0.063', '-1.01', '0.000', '29')
    """
    exact = Decimal(repr(float(value))) * times
    rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):f}"


def measured(figure: Measured | None, *, digits: int = 3) -> str:
    """Write a figure with its interval.

    Examples
    --------
    >>> measured(Measured(0.7241, 0.61, 0.83)), measured(Measured(None))
    ('0.724 (0.610 to 0.830)', '-')
    """
    if figure is None or figure.value is None:
        return "-"
    value = fixed(figure.value, digits)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({fixed(figure.low, digits)} to {fixed(figure.high, digits)})"
