"""Figures of validation and of contributions, drawn without a screen: data in, figure out."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from features.columns import Columns, Values
from serving.model.explanation import Explanation
from serving.model.measured import Measured
from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.figures.shown_fields import shown_title, shown_values
from training.validation.curves import CalibrationCurve, RocCurve

BLUE, GREY = "#1f5f8b", "#9a9a9a"
MOST_FIELDS = 15
N_BINS = 20
ENDS_OF_AXES = (0.25, 0.5, 1.0)
"""Where an axis of risks may end: rare outcomes would be a spot in the corner of the whole range."""


def calibration_figure(
    curve: CalibrationCurve, *, title: str, risk_title: str = "out-of-fold risk"
) -> Figure:
    """Draw observed against predicted risk, above a histogram of the risks.

    Parameters
    ----------
    curve : CalibrationCurve
    title, risk_title : str

    Returns
    -------
    figure : Figure
    """
    figure = blank_figure(6, 6.5)
    above, below = figure.subplots(2, sharex=True, height_ratios=[4, 1])
    _diagonal(above)
    above.fill_between(curve.risk, curve.low, curve.high, color=BLUE, alpha=0.2, lw=0, label="90 % band")
    above.plot(curve.risk, curve.observed, color=BLUE, label="smooth curve")
    above.plot(curve.group_risk, curve.group_observed, "o", color=BLUE, label="groups of 10 or more")
    end = end_of_axis(curve.risk, curve.high, curve.group_risk, curve.group_observed)
    limits = (-0.02 * end, 1.02 * end)
    above.set(ylabel="observed risk", ylim=limits, title=title)
    above.legend(loc="best", frameon=False)
    below.hist(curve.risk, bins=np.linspace(0, end, N_BINS + 1).tolist(), color=GREY)
    below.set(xlabel=risk_title, ylabel="infusions", xlim=limits)
    return figure


def end_of_axis(*risks: Values) -> float:
    """Find where an axis that holds all these risks may end; what is NaN is not drawn.

    Examples
    --------
    >>> end_of_axis(np.array([0.1, 0.2]), np.array([np.nan])), end_of_axis(np.array([0.1, 0.6]))
    (0.25, 1.0)
    """
    shown = np.concatenate([values.ravel() for values in risks])
    highest = np.max(shown, where=~np.isnan(shown), initial=0)
    return next((end for end in ENDS_OF_AXES if highest <= end), ENDS_OF_AXES[-1])


def roc_figure(
    curve: RocCurve, area: Measured, *, title: str, area_title: str = "AUROC within folds"
) -> Figure:
    """Draw sensitivity against false positive rate.

    Parameters
    ----------
    curve : RocCurve
    area : Measured
        AUROC as measured, within folds, for the legend; the curve pools them.
    title, area_title : str

    Returns
    -------
    figure : Figure
    """
    figure = blank_figure(6, 6)
    axes = figure.subplots()
    _diagonal(axes)
    axes.plot(curve.false_positive, curve.sensitivity, color=BLUE, label=_words(area_title, area))
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", title=title, aspect="equal")
    axes.legend(loc="lower right", frameon=False)
    return figure


def beeswarm_figure(explanation: Explanation, patients: Columns, *, title: str) -> Figure | None:
    """Draw the contributions of every field, a dot an infusion, coloured by the field's value.

    Dots carry no identifier, and those of one patient are not joined between fields; colours end at the 5th
    and 95th percentile.

    Parameters
    ----------
    explanation : Explanation
        As `RiskModel.explain` states it: the contributions that are served.
    patients : Columns of `Patient`
        The same infusions.
    title : str

    Returns
    -------
    figure : Figure or None
        None where there are fewer than ten infusions, or nothing contributes.
    """
    # It takes longer to import than this figure to be drawn; all others do without it.
    import shap

    moving = np.flatnonzero(np.ptp(explanation.contributions, axis=0) > 0)
    if len(patients) < FEWEST_PATIENTS or len(moving) == 0:
        return None
    fields = [explanation.fields[position] for position in moving]
    shap_explanation = shap.Explanation(
        values=explanation.contributions[:, moving],
        base_values=np.full(len(patients), explanation.reference[0]),
        data=np.column_stack([_colored_by(shown_values(name, patients)) for name in fields]),
        feature_names=[shown_title(name) for name in fields],
    )
    figure = blank_figure(9, 1.6 + 0.4 * min(len(fields), MOST_FIELDS))
    axes = figure.subplots()
    shap.plots.beeswarm(
        shap_explanation,
        max_display=MOST_FIELDS,
        ax=axes,
        plot_size=None,
        show=False,
        group_remaining_features=False,
        color_bar_label="value of the field; grey: not known",
    )
    axes.set_xlabel("contribution to the log-odds")
    axes.set_title(title)
    axes.tick_params("y", labelsize=10)
    return figure


def _colored_by(values: Values) -> NDArray[np.object_]:
    """Values that color the dots; a field that no infusion has is drawn in grey, as a text would be.

    Its contributions vary all the same, since what is missing is expected given the disease burden.
    """
    known = values.astype(object)
    return known if np.isfinite(values).any() else np.full(len(values), "not known", dtype=object)


def blank_figure(width: float, height: float) -> Figure:
    """Make a figure that pyplot does not know of."""
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _diagonal(axes: Axes) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls="--")


def _words(name: str, measured: Measured) -> str:
    if measured.value is None:
        return name
    if measured.low is None or measured.high is None:
        return f"{name} {measured.value:.2f}"
    return f"{name} {measured.value:.2f} (90 %: {measured.low:.2f} to {measured.high:.2f})"
