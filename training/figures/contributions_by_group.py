"""Mean contributions in coarse clinical groups: what moves the risk of whom."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from features.columns import Columns
from serving.model.explanation import Explanation
from serving.model.patient_groups import DIMENSIONS
from training.figures.shown_fields import shown_title
from training.figures.validation_figures import blank_figure

FEWEST_INFUSIONS = 20
"""A mean over fewer would tell too much of each."""
MOST_SHOWN = 12
MIDDLE = "mean contribution to the log-odds"
NAMES_INCHES = 7.0
"""Width of the longest titles of fields, and of the bar of colors."""


def contributions_by_group(explanation: Explanation, patients: Columns) -> pd.DataFrame:
    """Average contributions in groups by disease burden, age, target antigen and prior lines.

    Parameters
    ----------
    explanation : Explanation
        As `RiskModel.explain` states it.
    patients : Columns of `Patient`
        The same infusions.

    Returns
    -------
    table : DataFrame of shape (n_groups, n_fields)
        Mean contribution in log-odds, by the field and the words of the group; columns are the rows of the
        explanation. A group of fewer than twenty infusions is left out, and so is a field with fewer than
        two groups: nothing can be had by subtraction.
    """
    groups = dict(_groups(patients))
    index = pd.MultiIndex.from_tuples(list(groups), names=["field", "group"])
    means = [explanation.contributions[at].mean(axis=0) for at in groups.values()]
    values = np.array(means).reshape(len(groups), len(explanation.fields))
    return pd.DataFrame(values, index=index, columns=list(explanation.fields))


def group_figure(explanation: Explanation, patients: Columns, *, title: str) -> Figure | None:
    """Draw the mean contributions of groups as a table in color.

    Parameters
    ----------
    explanation, patients
        As for `contributions_by_group`.
    title : str

    Returns
    -------
    figure : Figure or None
        The twelve fields with the largest contributions. None where no groups can be compared, or nothing
        contributes.
    """
    table = contributions_by_group(explanation, patients)
    strength = table.abs().max().sort_values(ascending=False, kind="stable")
    names = list(strength[strength > 0].index[:MOST_SHOWN])
    if not names:
        return None
    shown, top = table[names].to_numpy().T, float(strength.max())
    figure = blank_figure(NAMES_INCHES + 0.9 * len(table), 2.6 + 0.4 * len(names))
    axes = figure.subplots()
    image = axes.imshow(shown, cmap="RdBu_r", vmin=-top, vmax=top, aspect="auto")
    for (row, column), value in np.ndenumerate(shown):
        color = "white" if abs(value) > 0.6 * top else "black"
        number = axes.text(column, row, f"{value:+.2f}", ha="center", va="center", fontsize=8, color=color)
        # It is inside its cell: the layout need not measure it.
        number.set_in_layout(False)
    titles = {dimension.field: dimension.title for dimension in DIMENSIONS}
    labels = [f"{titles[field]}:\n{group}" for field, group in table.index]
    axes.set_xticks(range(len(labels)), labels, rotation=40, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), [shown_title(name) for name in names], fontsize=9)
    figure.colorbar(image, ax=axes, label=MIDDLE)
    axes.set_title(title)
    return figure


def _groups(patients: Columns) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """Give the infusions of every group that is shown, by field and words of the group."""
    for dimension in DIMENSIONS:
        position = dimension.group_positions(patients)
        members = {group.words: np.flatnonzero(position == at) for at, group in enumerate(dimension.groups)}
        large = {words: at for words, at in members.items() if len(at) >= FEWEST_INFUSIONS}
        if len(large) > 1:
            yield from (((dimension.field, words), at) for words, at in large.items())
