"""States of a cohort that exclude one another, as stacked bars: observed beside predicted, by horizon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.columns import Values
from training.figures.validation_figures import blank_figure
from training.validation.state_shares import Shares, StateShares

COLORS = ("#b4431a", "#5c5470", "#7fa8c9")
WIDTH = 0.36
HATCHES = ("", "//")
"""Of observed and of predicted shares."""
NARROWEST_STATED = 0.04
"""Share below which a piece has no number: there is no room for it."""


def state_figure(shares: StateShares, *, title: str) -> Figure:
    """Draw the observed and the mean predicted share of every state.

    Parameters
    ----------
    shares : StateShares
    title : str

    Returns
    -------
    figure : Figure
        Two bars a horizon, observed left and predicted right, each adding up to 1.
    """
    figure = blank_figure(8, 5)
    axes = figure.subplots()
    days = tuple(shares.observed)
    kinds = [("observed (Aalen-Johansen)", shares.observed), ("predicted (mean)", shares.predicted)]
    for side, ((_, by_day), hatch) in enumerate(zip(kinds, HATCHES, strict=True)):
        at = np.arange(len(days), dtype=np.float64) + (side - 0.5) * (WIDTH + 0.04)
        _bars(axes, at, [by_day.get(day) for day in days], hatch)
    for state, color in zip(shares.titles, COLORS, strict=True):
        axes.bar(0, 0, color=color, label=state)
    for (kind, by_day), hatch in zip(kinds, HATCHES, strict=True):
        if by_day:
            axes.bar(0, 0, color="white", edgecolor="#333333", hatch=hatch, label=kind)
    axes.set_xticks(np.arange(len(days)), [f"day {day}" for day in days])
    axes.set(ylim=(0, 1), ylabel="share of infusions", title=title)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False, ncols=2, fontsize=9)
    return figure


def _bars(axes: Axes, at: Values, shares: Sequence[Shares | None], hatch: str) -> None:
    """Stack the states of every horizon; one without shares has no bar."""
    for middle, each in zip(at, shares, strict=True):
        foot = 0.0
        for share, color in zip(each or (), COLORS, strict=bool(each)):
            axes.bar(middle, share, WIDTH, bottom=foot, color=color, edgecolor="white", hatch=hatch)
            if share >= NARROWEST_STATED:
                axes.text(middle, foot + share / 2, f"{share:.0%}", ha="center", va="center", fontsize=8)
            foot += share
