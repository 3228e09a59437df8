"""What the strongest fields contribute at each of their values."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.columns import Columns, Values
from features.field import specs
from features.schema import Patient
from serving.model.explanation import Explanation
from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.figures.shown_fields import shown_title, shown_values
from training.figures.validation_figures import BLUE, GREY, blank_figure

MOST_SHOWN = 6
COLUMNS = 3
ENDS = (0.02, 0.98)
"""Quantiles at which values are cut, so that no extreme one stands alone on the axis."""
BEYOND = f"values beyond the {ENDS[0]:.0%} and {ENDS[1]:.0%} quantiles are drawn at them"
FEW_VALUES = 8
JITTER = 0.12
JITTER_SEED = 20260101
MOST_LEVEL, SLANT = 3, 20
"""More options than this are written at a slant, in degrees."""
LONG_TAILED = 20.0
"""A field whose upper end is so many times its median is drawn on a logarithmic axis."""


def dependence_figure(explanation: Explanation, patients: Columns, *, title: str) -> Figure | None:
    """Draw contribution against value, a dot an infusion, for the fields that contribute most.

    Parameters
    ----------
    explanation : Explanation
    patients : Columns of `Patient`
        The same infusions.
    title : str

    Returns
    -------
    figure : Figure or None
        None where there are fewer than ten infusions, or nothing contributes. Infusions in which a field is
        not known are left out of its panel.
    """
    strength = np.abs(explanation.contributions - explanation.contributions.mean(axis=0)).mean(axis=0)
    strongest = [position for position in np.argsort(-strength)[:MOST_SHOWN] if strength[position] > 0]
    if len(patients) < FEWEST_PATIENTS or not strongest:
        return None
    rows = -(-len(strongest) // COLUMNS)
    figure = blank_figure(4 * COLUMNS, 3.1 * rows)
    panels = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
    for axes, position in zip(panels, strongest, strict=False):
        _panel(axes, explanation.fields[position], explanation.contributions[:, position], patients)
    for axes in panels[len(strongest) :]:
        axes.set_axis_off()
    figure.supylabel("contribution to the log-odds")
    figure.supxlabel(BEYOND, fontsize=9)
    figure.suptitle(title)
    return figure


def _panel(axes: Axes, name: str, contribution: Values, patients: Columns) -> None:
    values = shown_values(name, patients)
    known = ~np.isnan(values)
    axes.axhline(0, color=GREY, lw=1, ls="--")
    if known.any():
        shown, where = values[known], contribution[known]
        low, high = np.quantile(shown, ENDS)
        axes.plot(_placed(np.clip(shown, low, high)), where, "o", color=BLUE, ms=3.5, alpha=0.45, mew=0)
        _scale(axes, name, shown)
    axes.set_xlabel(shown_title(name), fontsize=9)


def _placed(shown: Values) -> Values:
    """Move dots of few different values apart."""
    if len(np.unique(shown)) > FEW_VALUES:
        return shown
    return shown + np.random.default_rng(JITTER_SEED).uniform(-JITTER, JITTER, len(shown))


def _scale(axes: Axes, name: str, shown: Values) -> None:
    options = _options(name)
    if options:
        slant = SLANT if len(options) > MOST_LEVEL else 0
        axes.set_xticks(range(len(options)), options, rotation=slant, fontsize=8)
    elif shown.min() > 0 and shown.max() > LONG_TAILED * np.median(shown):
        axes.set_xscale("log")


def _options(name: str) -> tuple[str, ...]:
    """Words for the codes of a choice or a yes-or-no field; none for a number."""
    field = specs(Patient).get(name)
    if field is None:
        return ()
    return ("no", "yes") if field.kind == "boolean" else field.options
