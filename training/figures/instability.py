"""The figure of instability: every replicate's risk against the risk that is shown."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from features.columns import Values
from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.figures.validation_figures import BLUE, GREY, end_of_axis
from training.validation.bootstrap_intervals import INTERVAL_PERCENTILES

MOST_REPLICATES = 100
"""Dots drawn for a patient; more would only darken the picture. The band is of all replicates."""


def instability_plot(risk: Values, replicate_risks: Values, *, title: str) -> Figure | None:
    """Draw replicate risks against the risks, with the band that holds 90 % of the replicates.

    The band is a running mean over at least ten infusions alike in risk, so that it follows nobody.

    Parameters
    ----------
    risk : ndarray of shape (n_infusions,)
    replicate_risks : ndarray of shape (n_infusions, n_replicates)
    title : str

    Returns
    -------
    figure : Figure or None
        None where there are fewer than ten infusions.

    References
    ----------
    Riley & Collins 2023, doi:10.1002/bimj.202200302
    """
    if len(risk) < FEWEST_PATIENTS:
        return None
    drawn = replicate_risks[:, :MOST_REPLICATES]
    figure = Figure(figsize=(6, 6), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot(
        np.repeat(risk, drawn.shape[1]), drawn.ravel(), ".", color=GREY, alpha=0.25, ms=3, mew=0, zorder=1
    )
    middle, low, high = band(risk, replicate_risks)
    for edge, name in ((low, "90 % of replicates"), (high, None)):
        axes.plot(middle, edge, color=BLUE, label=name)
    axes.plot([0, 1], [0, 1], color="black", lw=1, ls="--", label="no change")
    axes.set(xlabel="risk", ylabel="risk by a replicate of the model", title=title, aspect="equal")
    end = end_of_axis(risk, drawn)
    axes.set(xlim=(-0.02 * end, 1.02 * end), ylim=(-0.02 * end, 1.02 * end))
    axes.legend(loc="upper left", frameon=False)
    return figure


def band(risk: Values, replicate_risks: Values) -> tuple[Values, Values, Values]:
    """Smooth the ends of the patients' 90 % intervals along the risk.

    Returns
    -------
    middle, low, high : ndarray of shape (n_windows,)
        Means over neighbours in risk, a tenth of the infusions and at least ten of them.
    """
    order = np.argsort(risk, kind="stable")
    low, high = np.percentile(replicate_risks[order], INTERVAL_PERCENTILES, axis=1)
    width = max(FEWEST_PATIENTS, len(risk) // 10)
    window = np.full(width, 1 / width)
    middle, below, above = (np.convolve(values, window, mode="valid") for values in (risk[order], low, high))
    return middle, below, above
