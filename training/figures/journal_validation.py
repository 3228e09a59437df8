"""Calibration and decision curves of a bundle for a journal."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from serving.model.validation_curves import Calibration, DecisionCurve
from training.figures.decision_curve import LOWEST_SHOWN
from training.figures.journal_style import (
    COLORS,
    GREY,
    PANEL_MM,
    JournalWidth,
    journal_figure,
    legend_above,
)
from training.figures.validation_figures import end_of_axis

HISTOGRAM_MM = 16.0
LEGEND_MM = 12.0


def journal_calibration(curve: Calibration, *, width: JournalWidth) -> Figure:
    """Draw observed against predicted risk above a histogram of the predicted risks.

    Parameters
    ----------
    curve : Calibration
        Out of fold, as a bundle keeps it.
    width : JournalWidth

    Returns
    -------
    figure : Figure
    """
    figure = journal_figure(width, PANEL_MM + HISTOGRAM_MM + LEGEND_MM)
    above, below = figure.subplots(2, sharex=True, height_ratios=[PANEL_MM, HISTOGRAM_MM])
    risk = np.array(curve.risk)
    observed, low, high = (np.array(each, dtype=float) for each in (curve.observed, curve.low, curve.high))
    group_risk, group_observed = np.array(curve.group_risk), np.array(curve.group_observed)
    end = end_of_axis(risk, high, observed, group_risk, group_observed)
    above.plot([0, end], [0, end], ":", color=GREY, lw=0.8, label="Perfect calibration")
    above.fill_between(risk, low, high, color=COLORS[0], alpha=0.18, lw=0, label="90 % band")
    above.plot(risk, observed, color=COLORS[0], label="Smooth curve")
    above.plot(group_risk, group_observed, "o", color=COLORS[1], ms=3.5, label="Groups of at least 10")
    above.set(ylabel="Observed risk", xlim=(0, end), ylim=(0, end))
    legend_above(above, n_columns=2)
    edges = np.linspace(0, 1, len(curve.histogram) + 1)
    below.bar(edges[:-1], curve.histogram, width=np.diff(edges), align="edge", color=GREY, lw=0)
    below.set(xlabel="Predicted risk", ylabel="Infusions")
    return figure


def journal_decision(curve: DecisionCurve, *, width: JournalWidth) -> Figure:
    """Draw net benefit against threshold.

    Parameters
    ----------
    curve : DecisionCurve
        Out of fold, as a bundle keeps it.
    width : JournalWidth

    Returns
    -------
    figure : Figure

    References
    ----------
    Vickers & Elkin 2006, doi:10.1177/0272989X06295361
    """
    figure = journal_figure(width, PANEL_MM + LEGEND_MM)
    axes = figure.subplots()
    model, everybody = (np.array(each, dtype=float) for each in (curve.model, curve.treat_all))
    axes.plot(curve.threshold, model, color=COLORS[0], label="Model")
    axes.plot(curve.threshold, everybody, "--", color=COLORS[1], label="Treat all")
    axes.axhline(0, color=GREY, lw=0.8, ls=":", label="Treat none")
    axes.set(xlabel="Threshold risk", ylabel="Net benefit", xlim=(0, max(curve.threshold)))
    axes.set_ylim(LOWEST_SHOWN, 1.1 * float(np.nanmax([-LOWEST_SHOWN, *model, *everybody])))
    legend_above(axes, n_columns=3)
    return figure
