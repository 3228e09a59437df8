"""Tests of chance for small groups: counts in strata, ranks over time, and many questions at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from features.columns import Values

Stratum = tuple[int, int, int]
"""Patients, those of the group among them, and those with the event."""


def count_by_chance(strata: Iterable[Stratum], observed: int) -> tuple[float, float]:
    """Compare the events of a group with what chance would give it.

    Parameters
    ----------
    strata : iterable of (int, int, int)
        Patients, those of the group among them, and events. One stratum is Fisher's exact test; one for each
        day of an event, with those still at risk, is the exact form of the log-rank test.
    observed : int
        Events of the group in all strata together.

    Returns
    -------
    expected : float
        Events of the group if it were like the others.
    p_value : float
        Two-sided: twice the smaller tail, at most 1.

    References
    ----------
    Mantel and Haenszel 1959, doi:10.1093/jnci/22.4.719

    Examples
    --------
    >>> expected, p_value = count_by_chance([(20, 10, 5)], observed=5)
    >>> expected, round(p_value, 4)
    (2.5, 0.0325)
    """
    chances = np.ones(1)
    expected = 0.0
    for patients, in_group, events in strata:
        expected += events * in_group / patients
        chances = np.convolve(chances, _hypergeometric(patients, in_group, events))
    tail = min(float(chances[: observed + 1].sum()), float(chances[observed:].sum()))
    return expected, min(1.0, 2 * tail)


def event_strata(
    day: Values, event: NDArray[np.int64], in_group: NDArray[np.bool_]
) -> tuple[list[Stratum], int]:
    """Count those at risk on each day with an event; the competing event ends the time at risk.

    Parameters
    ----------
    day : ndarray of shape (n_patients,)
        Of event or censoring.
    event : ndarray of shape (n_patients,)
        1 for the event.
    in_group : ndarray of bool, shape (n_patients,)

    Returns
    -------
    strata : list of (int, int, int)
    observed : int
        Events of the group.

    Examples
    --------
    >>> event_strata(np.array([5.0, 9.0, 9.0]), np.array([1, 1, 0]), np.array([True, False, True]))
    ([(3, 2, 1), (2, 1, 1)], 1)
    """
    strata = []
    for each in np.unique(day[event == 1]):
        at_risk = day >= each
        events = (day == each) & (event == 1)
        strata.append((int(at_risk.sum()), int((at_risk & in_group).sum()), int(events.sum())))
    return strata, int(((event == 1) & in_group).sum())


def trend_by_chance(over: ArrayLike, values: ArrayLike) -> float:
    """Give the chance of a rank correlation (Spearman) at least as strong.

    Parameters
    ----------
    over, values : array-like of shape (n,)
        Without missing values.

    Returns
    -------
    p_value : float
        By the normal approximation, which is too large in the tails of small samples; 1 where one of the two
        does not vary, and below four values.

    Examples
    --------
    >>> round(trend_by_chance(range(20), [value**2 for value in range(20)]), 6)
    1.3e-05
    """
    first, second = _ranks(np.asarray(over)), _ranks(np.asarray(values))
    if len(first) < 4 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return 1.0
    correlation = float(np.corrcoef(first, second)[0, 1])
    return erfc(abs(correlation) * sqrt(len(first) - 1) / sqrt(2))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p values for their number.

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    corrected : list of float
        In the same order. The chance that any of those below a level is false is at most this level.

    References
    ----------
    Holm 1979, https://www.jstor.org/stable/4615733

    Examples
    --------
    >>> holm([0.01, 0.5, 0.02])
    [0.03, 0.5, 0.04]
    """
    corrected = [1.0] * len(p_values)
    largest = 0.0
    for smaller, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        largest = max(largest, min(1.0, (len(p_values) - smaller) * p_values[index]))
        corrected[index] = largest
    return corrected


def _hypergeometric(patients: int, in_group: int, events: int) -> Values:
    """Give the chance of 0, 1, ... events in the group."""
    count = np.arange(events + 1)
    possible = (count <= in_group) & (events - count <= patients - in_group)
    logs = np.full(events + 1, -np.inf)
    known = count[possible]
    logs[possible] = (
        _log_choose(in_group, known)
        + _log_choose(patients - in_group, events - known)
        - _log_choose(patients, np.array(events))
    )
    chances: Values = np.exp(logs)
    return chances


def _log_choose(of: int, chosen: NDArray[np.int64]) -> Values:
    logs: Values = gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1)
    return logs


def _ranks(values: NDArray[np.float64]) -> Values:
    """Rank values from 1; equal ones share the mean of their ranks."""
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Values = (last - (counts - 1) / 2)[index]
    return ranks
