"""Cumulative incidence as it was observed and as it was predicted, in groups of rising risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from features.columns import Values
from training.censoring import censoring_survival
from training.figures import blank_figure
from training.outcome_data import OutcomeData
from training.validation import Validation

GROUPS = ("lowest third of risk", "middle third", "highest third")
COLORS = ("#7fa8c9", "#1f5f8b", "#b4431a")
MARKERS = ("o", "s", "^")
FEWEST_IN_GROUP = 10
"""A curve of fewer infusions would show little but their single days."""


@dataclass(frozen=True)
class IncidenceGroup:
    """One group of infusions alike in predicted risk.

    Attributes
    ----------
    title : str
    days, observed : ndarray of shape (n_steps,)
        Aalen-Johansen estimate after each day with an event, from day 0.
    predicted : ndarray of shape (n_horizons,)
        Mean out-of-fold risk by each horizon.
    """

    title: str
    days: Values
    observed: Values
    predicted: Values


def incidence_groups(validation: Validation, data: OutcomeData) -> list[IncidenceGroup]:
    """Part infusions into thirds of out-of-fold risk at the headline horizon.

    Parameters
    ----------
    validation : Validation
    data : OutcomeData
        The same infusions.

    Returns
    -------
    groups : list of IncidenceGroup
        Rising; none where a third would have fewer than `FEWEST_IN_GROUP` infusions.
    """
    known = np.flatnonzero(data.observation.known)
    if len(known) < len(GROUPS) * FEWEST_IN_GROUP:
        return []
    rising = known[np.argsort(validation.mean_risk[known, 0], kind="stable")]
    return [
        IncidenceGroup(title, *aalen_johansen(data.observation.day[who], data.observation.event[who]), risk)
        for title, who in zip(GROUPS, np.array_split(rising, len(GROUPS)), strict=True)
        for risk in [validation.mean_risk[who].mean(axis=0)]
    ]


def aalen_johansen(day: Values, event: NDArray[np.int64]) -> tuple[Values, Values]:
    """Estimate the cumulative incidence of event 1, event 2 competing, 0 censored.

    Parameters
    ----------
    day, event : ndarray of shape (n_infusions,)

    Returns
    -------
    days, incidence : ndarray of shape (n_steps,)
        From day 0, where it is 0, to the last day of an event.

    Examples
    --------
    >>> days, incidence = aalen_johansen(np.array([1.0, 2, 3, 4]), np.array([1, 0, 1, 0]))
    >>> days, incidence
    (array([0., 1., 3.]), array([0.   , 0.25 , 0.625]))
    """
    survival = censoring_survival(day, event)
    order = np.argsort(day, kind="stable")
    seen = event[order] == 1
    weight = 1 / survival.before(day[order][seen])
    days, place = np.unique(day[order][seen], return_inverse=True)
    steps = np.bincount(place, weights=weight, minlength=len(days)) / len(day)
    return np.append(0.0, days), np.append(0.0, np.cumsum(steps))


def incidence_figure(validation: Validation, data: OutcomeData, *, title: str) -> Figure | None:
    """Draw observed curves beside the mean predicted risks of each group.

    Parameters
    ----------
    validation : Validation
    data : OutcomeData
    title : str

    Returns
    -------
    figure : Figure or None
        None where there are too few infusions.
    """
    groups, last = incidence_groups(validation, data), max(validation.horizons_days)
    if not groups:
        return None
    figure = blank_figure(7, 5)
    axes = figure.subplots()
    for group, color, marker in zip(groups, COLORS, MARKERS, strict=True):
        shown = group.days <= last
        observed = np.append(group.observed[shown], group.observed[shown][-1])
        axes.step(np.append(group.days[shown], last), observed, where="post", color=color, label=group.title)
        axes.plot(validation.horizons_days, group.predicted, marker, color=color, ms=8, mec="white")
    axes.plot([], [], "k-", label="observed (Aalen-Johansen)")
    axes.plot([], [], "ko", label="predicted out of fold")
    axes.set(xlabel="day from infusion", ylabel="cumulative incidence", title=title)
    axes.set(xlim=(0, None), ylim=(0, 1))
    axes.legend(loc="upper left", frameon=False, ncols=2, fontsize=9)
    return figure
