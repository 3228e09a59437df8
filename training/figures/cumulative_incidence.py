"""Cumulative incidence as it was observed and as it was predicted, in groups of rising risk.

Observed is what the labels say: where transplant and later infusions end the observation by the estimand, and
are modelled, infusions stand for those alike that went on to them, by the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from features.columns import Values
from features.short_repr import ShortRepr
from features.small_counts import is_small
from training.dataset.dependent_censoring import fit_further_therapy
from training.dataset.outcome_dataset import OutcomeData
from training.figures.validation_figures import blank_figure
from training.statistics.small_counts import merged_steps
from training.validation.cross_validation import Validation

GROUPS = ("lowest third of risk", "middle third", "highest third")
COLORS = ("#7fa8c9", "#1f5f8b", "#b4431a")
MARKERS = ("o", "s", "^")
FEWEST_IN_GROUP = 10
"""A curve of fewer infusions would show little but their single days."""


@dataclass(frozen=True, repr=False)
class IncidenceGroup(ShortRepr):
    """One group of infusions alike in predicted risk.

    Attributes
    ----------
    title : str
    days, observed : ndarray of shape (n_steps,)
        Aalen-Johansen estimate after each day with an event, from day 0 to the last horizon.
    followed_days : float
        Day until which anybody in the group was followed; nothing is observed beyond.
    predicted : ndarray of shape (n_horizons,)
        Mean out-of-fold risk by each horizon.
    """

    title: str
    days: Values
    observed: Values
    followed_days: float
    predicted: Values


def incidence_groups(
    validation: Validation, data: OutcomeData, *, single_events: bool = True
) -> list[IncidenceGroup]:
    """Part infusions into thirds of out-of-fold risk at the headline horizon.

    Parameters
    ----------
    validation : Validation
    data : OutcomeData
        The same infusions.
    single_events : bool
        Whether a step may be the day of a single event; otherwise each stands for at least five.

    Returns
    -------
    groups : list of IncidenceGroup
        Rising; none where a third would have fewer than `FEWEST_IN_GROUP` infusions, or, without
        ``single_events``, from 1 to 4 events.
    """
    known = np.flatnonzero(data.observation.known)
    if len(known) < len(GROUPS) * FEWEST_IN_GROUP:
        return []
    rising = known[np.argsort(validation.mean_risk[known, 0], kind="stable")]
    day, event = data.observation.day, data.observation.event
    steps = np.unique(day[(event > 0) & (day <= max(validation.horizons_days))])
    stayed = staying(data, steps)
    groups = []
    for title, members in zip(GROUPS, np.array_split(rising, len(GROUPS)), strict=True):
        days, observed = weighted_incidence(day[members], event[members], steps, stayed[members])
        if not single_events:
            n_events = (day[members][event[members] == 1][:, None] <= days).sum(axis=0)
            if is_small(int(n_events[-1])):
                return []
            shown = merged_steps(n_events.astype(float))
            days, observed = days[shown], observed[shown]
        predicted = validation.mean_risk[members].mean(axis=0)
        groups.append(IncidenceGroup(title, days, observed, float(day[members].max()), predicted))
    return groups


def staying(data: OutcomeData, days: Values) -> Values:
    """State each infusion's chance of no further therapy before each day, by the model behind the labels.

    Parameters
    ----------
    data : OutcomeData
    days : ndarray of shape (n_days,)

    Returns
    -------
    chance : ndarray of shape (n_infusions, n_days)
        1 where further therapy ends no observation, or is not modelled.
    """
    every, seen = np.ones(len(data)), data.observation
    modelled = data.models_therapy
    censoring = (
        fit_further_therapy(data.patients, seen.day, seen.further_therapy, every) if modelled else None
    )
    if censoring is None or not len(days):
        return np.ones((len(data), len(days)))
    return np.column_stack([censoring.survival_before(data.patients, at * every) for at in days])


def weighted_incidence(
    day: Values, event: NDArray[np.int64], steps: Values, stayed: Values
) -> tuple[Values, Values]:
    """Estimate the cumulative incidence of event 1 where infusions went on to further therapy by their risk.

    An Aalen-Johansen estimate in which, on each day, everybody at risk counts by the inverse of the chance
    of being there still. Infusions that are censored leave the risk set; who is alike and stayed counts more.

    Parameters
    ----------
    day, event : ndarray of shape (n_infusions,)
        0 censored, by further therapy or otherwise; 1 the event; 2 the competing event.
    steps : ndarray of shape (n_steps,)
        Increasing: all days with an event, and others maybe.
    stayed : ndarray of shape (n_infusions, n_steps)
        Chance of no further therapy before each of them, above 0.

    Returns
    -------
    days, incidence : ndarray of shape (1 + n_event_days,)
        Day 0, and the days of ``steps`` on which event 1 was seen.

    References
    ----------
    Robins & Finkelstein 2000, doi:10.1111/j.0006-341X.2000.00779.x (the risk set weighted)
    """
    weight = 1 / stayed
    at_risk = ((day[:, None] >= steps) * weight).sum(axis=0)
    happened = (day[:, None] == steps) * weight
    hazards = [
        np.divide(happened[event == kind].sum(axis=0), at_risk, out=np.zeros(len(steps)), where=at_risk > 0)
        for kind in (1, 2)
    ]
    free = np.cumprod(1 - hazards[0] - hazards[1])
    incidence = np.cumsum(np.append(1.0, free[:-1])[: len(steps)] * hazards[0])
    seen = hazards[0] > 0
    return np.append(0.0, steps[seen]), np.append(0.0, incidence[seen])


def incidence_figure(
    validation: Validation, data: OutcomeData, *, title: str, single_events: bool = True
) -> Figure | None:
    """Draw observed curves, as far as anybody was followed, beside the mean predicted risks of each group.

    Parameters
    ----------
    validation : Validation
    data : OutcomeData
    title : str
    single_events : bool
        As in `incidence_groups`.

    Returns
    -------
    figure : Figure or None
        None where there are too few infusions or, without ``single_events``, too few events.
    """
    groups = incidence_groups(validation, data, single_events=single_events)
    last = max(validation.horizons_days)
    if not groups:
        return None
    figure = blank_figure(7, 5)
    axes = figure.subplots()
    for group, color, marker in zip(groups, COLORS, MARKERS, strict=True):
        days = np.append(group.days, min(last, group.followed_days))
        observed = np.append(group.observed, group.observed[-1])
        axes.step(days, observed, where="post", color=color, label=group.title)
        axes.plot(validation.horizons_days, group.predicted, marker, color=color, ms=8, mec="white")
    weighted = ", further therapy weighted" if data.models_therapy else ""
    axes.plot([], [], "k-", label=f"observed (Aalen-Johansen{weighted})")
    axes.plot([], [], "ko", label="predicted out of fold")
    axes.set(xlabel="day from infusion", ylabel="cumulative incidence", title=title)
    axes.set(xlim=(0, None), ylim=(0, 1))
    axes.legend(loc="upper left", frameon=False, ncols=2, fontsize=9)
    return figure
