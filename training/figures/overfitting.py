"""The figure of overfitting: what each model is worth in its training patients, and out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.figures.validation_figures import BLUE, GREY, blank_figure

APPARENT_COLOR = "#b4431a"
WIDTH_PER_MEASURE, HEIGHT_PER_MODEL, HEIGHT_AROUND = 4.0, 0.28, 1.6
"""Inches."""


@dataclass(frozen=True)
class MeasuredTwice:
    """One model's row.

    Attributes
    ----------
    label : str
    apparent, validated : mapping of str to float
        By measure; one that does not exist is left out.
    """

    label: str
    apparent: Mapping[str, float]
    validated: Mapping[str, float]


def overfitting_figure(
    rows: Sequence[MeasuredTwice], measures: Mapping[str, str], *, title: str
) -> Figure | None:
    """Draw apparent and validated measures of every model, joined by the optimism between them.

    Parameters
    ----------
    rows : sequence of MeasuredTwice
    measures : mapping of str to str
        Title of each measure, by name: one panel each.
    title : str

    Returns
    -------
    figure : Figure or None
        None without a model.

    Examples
    --------
    >>> row = MeasuredTwice("relapse / ridge", {"auroc": 0.8}, {"auroc": 0.7})
    >>> len(overfitting_figure([row], {"auroc": "AUROC"}, title="cohort").axes)
    1
    """
    if not rows:
        return None
    figure = blank_figure(WIDTH_PER_MEASURE * len(measures) + 1, HEIGHT_PER_MODEL * len(rows) + HEIGHT_AROUND)
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, (name, words) in zip(panels, measures.items(), strict=True):
        _panel(axes, rows, name)
        axes.set(xlabel=words)
    panels[0].set_yticks(np.arange(len(rows)), [row.label for row in rows])
    panels[0].invert_yaxis()
    panels[0].legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, ncols=2, fontsize=9)
    figure.suptitle(title)
    return figure


def _panel(axes: Axes, rows: Sequence[MeasuredTwice], name: str) -> None:
    """Draw one measure of every model."""
    shown = [(at, row) for at, row in enumerate(rows) if name in row.apparent and name in row.validated]
    heights = [at for at, _ in shown]
    apparent, validated = ([each[name] for each in part] for part in _parts(shown))
    axes.hlines(heights, apparent, validated, color=GREY, lw=2, zorder=1)
    axes.plot(apparent, heights, "o", mfc="white", color=APPARENT_COLOR, label="training patients")
    axes.plot(validated, heights, "o", color=BLUE, label="out-of-fold")
    axes.grid(axis="y", color="#eeeeee")


def _parts(
    shown: Sequence[tuple[int, MeasuredTwice]],
) -> tuple[list[Mapping[str, float]], list[Mapping[str, float]]]:
    return [row.apparent for _, row in shown], [row.validated for _, row in shown]
