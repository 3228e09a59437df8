"""The odds ratios of a model and their priors for a journal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.figures.journal_style import COLORS, GREY, JournalWidth, journal_figure

ROW_MM, FRAME_MM = 6.0, 17.0
LETTERS_IN_MM = 0.33
"""Letters of a label in a millimeter of the figure's width: the labels have a little less than half of it."""
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
LIMITS = (0.05, 20.0)
"""An interval beyond is cut, and ends in an arrow."""
OFFSET = 0.17
"""Rows by which the model is above the middle of a row, and the prior below."""


class ForestRow(NamedTuple):
    """One term: odds ratios with the ends of their 90 % intervals, NaN where there is none."""

    title: str
    model: tuple[float, float, float]
    prior: tuple[float, float, float]


def journal_forest(rows: Sequence[ForestRow], *, width: JournalWidth) -> Figure:
    """Draw the odds ratio of each term, below it its prior.

    Parameters
    ----------
    rows : sequence of ForestRow
        At least one, from the top.
    width : JournalWidth

    Returns
    -------
    figure : Figure
        On a logarithmic axis.
    """
    figure = journal_figure(width, FRAME_MM + ROW_MM * len(rows))
    axes = figure.subplots()
    for at, row in enumerate(rows):
        _interval(axes, row.model, at - OFFSET, marker="o", color=COLORS[0])
        _interval(axes, row.prior, at + OFFSET, marker="D", color=COLORS[1])
    axes.axvline(1, color=GREY, lw=0.8, ls=":", zorder=0)
    axes.set_xscale("log")
    low, high = _ends(rows)
    axes.set(xlim=(low / 1.1, high * 1.1), ylim=(len(rows) - 0.4, -0.6))
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    letters = int(width.mm * LETTERS_IN_MM)
    labels = [textwrap.fill(row.title, letters, max_lines=2, placeholder=" …") for row in rows]
    axes.set_yticks(range(len(rows)), labels, linespacing=0.95)
    axes.tick_params("y", length=0)
    axes.set_xlabel("Odds ratio per unit, 90 % interval")
    _legend(figure, axes)
    return figure


def _legend(figure: Figure, axes: Axes) -> None:
    for marker, color, label in (("o", COLORS[0], "Model"), ("D", COLORS[1], "Prior from publications")):
        axes.plot([], [], marker=marker, color=color, ms=3.5, label=label)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=2)


def _interval(axes: Axes, ends: tuple[float, float, float], row: float, *, marker: str, color: str) -> None:
    middle, low, high = ends
    if not math.isnan(low):
        shown = np.clip([low, high], *LIMITS)
        axes.plot(shown, [row, row], color=color, lw=1.0, solid_capstyle="butt")
        for end, cut, arrow in ((LIMITS[0], low < LIMITS[0], "<"), (LIMITS[1], high > LIMITS[1], ">")):
            if cut:
                axes.plot(end, row, arrow, color=color, ms=3)
    axes.plot(np.clip(middle, *LIMITS), row, marker, color=color, ms=3.5)


def _ends(rows: Sequence[ForestRow]) -> tuple[float, float]:
    """Give the ticks around all that is drawn, from 0.5 to 2 at least."""
    every = np.array([each for row in rows for each in (*row.model, *row.prior)])
    every = np.clip(every[~np.isnan(every)], *LIMITS)
    low = max(tick for tick in TICKS if tick <= min(float(every.min()), 0.5))
    high = min(tick for tick in TICKS if tick >= max(float(every.max()), 2.0))
    return low, high
