"""The exact interval of a rate, also of none and of all."""

from __future__ import annotations

from scipy.special import betaincinv


def rate_interval(rate: float, size: float, *, level: float) -> tuple[float, float]:
    """State the exact interval of a rate (Clopper and Pearson).

    Parameters
    ----------
    rate : float
        Share of events, 0 to 1.
    size : float
        How many independent patients it rests on, above 0; need not be whole.
    level : float
        Share of intervals that contain the true rate at least, such as .9.

    Returns
    -------
    low, high : float

    References
    ----------
    Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> low, high = rate_interval(0.0, 30, level=0.9)
    >>> low, round(high, 3)
    (0.0, 0.095)
    """
    tail, events = (1 - level) / 2, rate * size
    low = betaincinv(events, size - events + 1, tail) if events > 0 else 0.0
    high = betaincinv(events + 1, size - events, 1 - tail) if events < size else 1.0
    return float(low), float(high)
