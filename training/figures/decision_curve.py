"""The decision curve drawn: what acting on the risks is worth, by the risk from which one acts."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from serving.model.validation_curves import DecisionCurve
from training.figures.validation_figures import BLUE, GREY, blank_figure

LOWEST_SHOWN = -0.05
"""Below it a curve says no more than that nobody should act so."""


def decision_figure(curve: DecisionCurve, *, title: str) -> Figure:
    """Draw net benefit against threshold, beside acting on everybody and on nobody.

    Parameters
    ----------
    curve : DecisionCurve
    title : str

    Returns
    -------
    figure : Figure

    References
    ----------
    Vickers & Elkin 2006, doi:10.1177/0272989X06295361
    """
    figure = blank_figure(6, 5)
    axes = figure.subplots()
    # None becomes NaN, and a line stops there.
    model, everybody = (np.array(each, dtype=float) for each in (curve.model, curve.treat_all))
    axes.plot(curve.threshold, model, color=BLUE, label="acting on these risks")
    axes.plot(curve.threshold, everybody, color=GREY, label="acting on everybody (treat all)")
    axes.axhline(0, color=GREY, lw=1, ls="--", label="acting on nobody (treat none)")
    axes.set(xlabel="threshold: risk from which one acts", ylabel="net benefit", title=title)
    axes.set_ylim(LOWEST_SHOWN, 1.1 * float(np.nanmax([-LOWEST_SHOWN, *model, *everybody])))
    axes.legend(loc="upper right", frameon=False)
    return figure
