"""From the log-odds of the reference patient to those of one patient, field by field."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.columns import Values
from features.log_odds import expit
from training.figures.validation_figures import BLUE, GREY, blank_figure

RED = "#b3402a"
MOST_SHOWN = 12
OTHERS = "all other fields"


class OfOnePatient(Protocol):
    """Contributions of one patient, of `shap.Explanation` or without `shap`."""

    @property
    def values(self) -> Any:
        """One a field, in log-odds."""

    @property
    def base_values(self) -> Any:
        """Log-odds of the reference patient."""

    @property
    def data(self) -> Any:
        """Values as numbers."""

    @property
    def display_data(self) -> Any:
        """Values in words."""

    @property
    def feature_names(self) -> Any:
        """Fields in words."""


def waterfall_figure(contributions: OfOnePatient, *, title: str) -> Figure | None:
    """Draw how the contributions of one patient lead from the reference to the log-odds of the risk.

    Parameters
    ----------
    contributions : OfOnePatient
        From `training.figures.stated_contributions`, or a row of `training.figures.shap_data`.
    title : str

    Returns
    -------
    figure : Figure or None
        The strongest field at the top; those beyond twelve are one bar. None where nothing contributes.
    """
    values, names = _strongest(contributions)
    if not np.any(values):
        return None
    base = float(contributions.base_values)
    figure = blank_figure(9, 1.6 + 0.4 * len(values))
    axes = figure.subplots()
    _bars(axes, values, base)
    axes.set_yticks(range(len(names)), names, fontsize=9)
    axes.invert_yaxis()
    end = base + float(values.sum())
    risks = expit(np.array([base, end]))
    axes.set_xlabel(f"log-odds: reference {base:.2f} (risk {risks[0]:.1%}), here {end:.2f} ({risks[1]:.1%})")
    axes.set_title(title)
    return figure


def _bars(axes: Axes, values: Values, base: float) -> None:
    """Draw the weakest field first, from the reference on, so that the strongest one ends at the risk."""
    ends = base + np.cumsum(values[::-1])[::-1]
    starts = ends - values
    axes.barh(range(len(values)), values, left=starts, color=[RED if each > 0 else BLUE for each in values])
    for position, (value, start) in enumerate(zip(values, starts, strict=True)):
        axes.annotate(
            f"{value:+.2f}",
            (max(start, start + value), position),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.axvline(base, color=GREY, lw=1, ls="--")
    low, high = min(base, ends.min(), starts.min()), max(base, ends.max(), starts.max())
    room = 0.12 * (high - low)
    axes.set_xlim(low - room, high + room)


def _strongest(contributions: OfOnePatient) -> tuple[Values, list[str]]:
    """Sort contributions and name them with the values; sum up those that are not shown."""
    values = np.asarray(contributions.values, dtype=float)
    order = np.argsort(-np.abs(values), kind="stable")
    shown, rest = order[:MOST_SHOWN], order[MOST_SHOWN:]
    names = [_name(contributions, position) for position in shown]
    if not len(rest):
        return values[shown], names
    return np.append(values[shown], values[rest].sum()), [*names, OTHERS]


def _name(contributions: OfOnePatient, position: int) -> str:
    words = str(contributions.display_data[position])
    title = str(contributions.feature_names[position])
    known = not np.isnan(float(contributions.data[position]))
    return f"{title}: {words}" if known else f"{title} ({words})"
