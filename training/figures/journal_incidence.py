"""Cumulative incidence of the cohort for a journal: competing events, intervals, numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.columns import Values
from features.short_repr import ShortRepr
from features.small_counts import FEWEST_SHOWN
from training.dataset.outcome_dataset import OutcomeData
from training.figures.journal_style import (
    COLORS,
    DASHES,
    PANEL_MM,
    JournalWidth,
    journal_figure,
    legend_above,
)
from training.statistics.incidence_interval import at_risk_on, incidence_steps
from training.statistics.small_counts import merged_steps

NUMBERS_MM = 12.0
"""Height of the row of numbers at risk."""
LEGEND_LINE_MM = 4.0


@dataclass(frozen=True, repr=False)
class IncidenceCurve(ShortRepr):
    """One curve to draw.

    Attributes
    ----------
    title : str
    days, incidence, low, high : ndarray of shape (n_steps,)
        As far as it is drawn; the limits are NaN where there are none.
    """

    title: str
    days: Values
    incidence: Values
    low: Values
    high: Values


def incidence_curves(data: OutcomeData, *, mask: bool = True) -> list[IncidenceCurve]:
    """Estimate the curves of an outcome and of the event that competes with it.

    Parameters
    ----------
    data : OutcomeData
    mask : bool
        Whether a step stands for at least `FEWEST_SHOWN` events, and a curve ends where fewer infusions are
        left; otherwise a step is the day of a single event.

    Returns
    -------
    curves : list of IncidenceCurve
        Up to the last horizon, or to the end of follow-up where that is earlier. With ``mask``, a curve of 1
        to 4 events is left out.
    """
    seen, last = data.observation, float(max(data.horizons_days))
    titles = [data.outcome.title, *([data.outcome.competing] if data.outcome.competing else [])]
    end = min(last, _last_day(seen.day, FEWEST_SHOWN if mask else 1))
    curves = []
    for kind, title in enumerate(titles, start=1):
        steps = incidence_steps(seen.day, seen.event, kind=kind)
        shown = np.flatnonzero(steps.days <= end)
        if mask and 0 < steps.n_events[shown[-1]] < FEWEST_SHOWN:
            continue
        shown = shown[merged_steps(steps.n_events[shown])] if mask else shown
        columns = (steps.incidence, steps.low, steps.high)
        rest = [np.append(column[shown], column[shown[-1]]) for column in columns]
        curves.append(IncidenceCurve(title, np.append(steps.days[shown], end), *rest))
    return curves


def numbers_at_risk(data: OutcomeData, days: list[int], *, mask: bool = True) -> list[str]:
    """Write how many infusions are followed and event-free at each day.

    Parameters
    ----------
    data : OutcomeData
    days : list of int
    mask : bool
        Whether numbers are rounded down to a multiple of `FEWEST_SHOWN`, so that no difference of two of them
        is a small count.

    Returns
    -------
    numbers : list of str
    """
    counts = at_risk_on(data.observation.day, days).astype(int).tolist()
    return [_rounded_down(count) if mask else f"{count}" for count in counts]


def journal_incidence(data: OutcomeData, *, width: JournalWidth, mask: bool = True) -> Figure:
    """Draw cumulative incidence with 95 % bands above the numbers at risk.

    Parameters
    ----------
    data : OutcomeData
    width : JournalWidth
    mask : bool
        As in `incidence_curves` and `numbers_at_risk`.

    Returns
    -------
    figure : Figure
    """
    curves = incidence_curves(data, mask=mask)
    figure = journal_figure(width, PANEL_MM + NUMBERS_MM + LEGEND_LINE_MM * len(curves))
    above, below = figure.subplots(2, sharex=True, height_ratios=[PANEL_MM, NUMBERS_MM])
    for curve, color, dashes in zip(curves, COLORS, DASHES, strict=False):
        above.step(
            curve.days,
            curve.incidence,
            dashes,
            where="post",
            color=color,
            label=f"{curve.title[:1].upper()}{curve.title[1:]}",
        )
        known = ~np.isnan(curve.low)
        above.fill_between(
            curve.days[known],
            curve.low[known],
            curve.high[known],
            step="post",
            color=color,
            alpha=0.18,
            lw=0,
        )
    days = [0, *sorted(data.horizons_days)]
    above.set(ylim=(0, 1), xlim=(0, days[-1]), ylabel="Cumulative incidence")
    above.set_xticks(days)
    above.tick_params("x", labelbottom=True)
    above.set_xlabel("Days from infusion")
    legend_above(above)
    _write_numbers(below, days, numbers_at_risk(data, days, mask=mask))
    return figure


def _write_numbers(axes: Axes, days: list[int], numbers: list[str]) -> None:
    axes.set_axis_off()
    axes.set_ylim(0, 1)
    axes.text(0, 0.95, "Number at risk", va="top", ha="left", transform=axes.transAxes, fontweight="bold")
    for day, number in zip(days, numbers, strict=True):
        axes.text(day, 0.1, number, ha="center", va="bottom")


def _last_day(day: Values, n_left: int) -> float:
    """Give the last day on which at least so many infusions are followed; 0 where there are fewer."""
    ends = np.sort(day)
    return float(ends[-n_left]) if len(ends) >= n_left else 0.0


def _rounded_down(count: int) -> str:
    if 0 < count < FEWEST_SHOWN:
        return f"<{FEWEST_SHOWN}"
    return f"{count // FEWEST_SHOWN * FEWEST_SHOWN}"
