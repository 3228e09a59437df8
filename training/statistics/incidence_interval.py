"""Cumulative incidence with a competing event: Aalen-Johansen estimate, standard error and interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from features.columns import Values
from features.short_repr import ShortRepr

NINETY_FIVE = 1.959963984540054
"""A 95 % interval reaches this many standard errors to each side, on its scale."""


@dataclass(frozen=True, repr=False)
class IncidenceSteps(ShortRepr):
    """Cumulative incidence of one kind of event as a step function.

    Attributes
    ----------
    days : ndarray of shape (n_steps,)
        Day 0, then every day with an event of any kind, increasing.
    incidence : ndarray of shape (n_steps,)
        Aalen-Johansen estimate at and after each of them, from 0 to 1.
    standard_error : ndarray of shape (n_steps,)
        By the delta method; 0 before the first event.
    low, high : ndarray of shape (n_steps,)
        95 % interval on the scale of log(-log); NaN where the estimate is 0 or 1.
    n_events : ndarray of shape (n_steps,)
        Events of this kind by each of the days.
    """

    days: Values
    incidence: Values
    standard_error: Values
    low: Values
    high: Values
    n_events: Values

    def at(self, days: ArrayLike) -> tuple[Values, Values, Values]:
        """Give estimate and interval by each day, an event on the day included.

        Parameters
        ----------
        days : array-like of shape (n_days,)
            At least 0.

        Returns
        -------
        incidence, low, high : ndarray of shape (n_days,)
        """
        position = np.searchsorted(self.days, np.asarray(days, dtype=float), side="right") - 1
        return self.incidence[position], self.low[position], self.high[position]


def incidence_steps(day: ArrayLike, event: ArrayLike, *, kind: int = 1) -> IncidenceSteps:
    """Estimate the cumulative incidence of one kind of event; the other kind competes.

    Parameters
    ----------
    day : array-like of shape (n_infusions,)
        Day of event or censoring, at least 0. An infusion censored on the day of an event is at risk of it.
    event : array-like of shape (n_infusions,)
        0 censored, 1 the event, 2 the competing event.
    kind : int
        The kind that is estimated.

    Returns
    -------
    steps : IncidenceSteps
        Without a competing event this is 1 minus the Kaplan-Meier estimate, and Greenwood's error.

    References
    ----------
    Aalen & Johansen 1978, JSTOR 4615704 (estimate). Dinse & Larson 1986, doi:10.1093/biomet/73.2.379
    (standard error). Choudhury 2002, doi:10.1002/sim.1098 (interval on the scale of log(-log)).

    Examples
    --------
    >>> steps = incidence_steps([1, 2, 3, 4], [1, 0, 1, 0])
    >>> steps.days, steps.incidence
    (array([0., 1., 3.]), array([0.   , 0.25 , 0.625]))
    >>> steps.at([2])[0]
    array([0.25])
    """
    day, event = np.asarray(day, dtype=float), np.asarray(event)
    days = np.unique(day[event > 0])
    at_risk = at_risk_on(day, days)
    happened = _count(day[event == kind], days)
    ended = _count(day[event > 0], days)
    free = np.cumprod(1 - ended / at_risk)
    before = np.append(1.0, free)[: len(days)]
    incidence = np.cumsum(before * happened / at_risk)
    error = np.sqrt(_variance(incidence, before, at_risk, happened, ended))
    low, high = _interval(incidence, error)
    columns = (days, incidence, error, low, high, np.cumsum(happened))
    starts = (0.0, 0.0, 0.0, np.nan, np.nan, 0.0)
    return IncidenceSteps(*(np.append(start, column) for start, column in zip(starts, columns, strict=True)))


def at_risk_on(day: ArrayLike, days: ArrayLike) -> Values:
    """Count the infusions still followed and event-free just before each day.

    Parameters
    ----------
    day : array-like of shape (n_infusions,)
        Day of event or censoring.
    days : array-like of shape (n_days,)

    Returns
    -------
    at_risk : ndarray of shape (n_days,)

    Examples
    --------
    >>> at_risk_on([1, 2, 3, 4], [0, 2, 5])
    array([4., 3., 0.])
    """
    ends = np.sort(np.asarray(day, dtype=float))
    return (len(ends) - np.searchsorted(ends, np.asarray(days, dtype=float), side="left")).astype(float)


def _count(day: Values, days: Values) -> Values:
    """Count how often each of the days occurs."""
    return (
        np.searchsorted(np.sort(day), days, "right") - np.searchsorted(np.sort(day), days, "left")
    ).astype(float)


def _variance(incidence: Values, before: Values, at_risk: Values, happened: Values, ended: Values) -> Values:
    """Sum the contributions of all days up to each day; where everybody ends, nothing is added later."""
    rest = at_risk - ended
    hazard = np.divide(ended, at_risk * rest, out=np.zeros(len(ended)), where=rest > 0)
    # Row: day of the estimate; column: day of an event up to it.
    later = np.tril(incidence[:, None] - incidence[None, :])
    here = before**2 * happened * (at_risk - happened) / at_risk**3
    cross = before * happened / at_risk**2
    variance = (later**2) @ hazard + np.cumsum(here) - 2 * later @ cross
    return np.asarray(np.maximum(variance, 0.0))


def _interval(incidence: Values, error: Values) -> tuple[Values, Values]:
    inside = (incidence > 0) & (incidence < 1) & (error > 0)
    low, high = np.full((2, len(incidence)), np.nan)
    value = incidence[inside]
    reach = NINETY_FIVE * error[inside] / (value * -np.log(value))
    low[inside], high[inside] = value ** np.exp(reach), value ** np.exp(-reach)
    return low, high
