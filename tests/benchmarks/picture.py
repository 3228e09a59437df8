"""One picture of the results: excess log loss by size, a panel a world, a row an outcome."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

WORLD_TITLES = {
    "drawn": "drawn from the evidence",
    "random_sizes": "random sizes",
    "interactions": "interactions",
    "half_wrong": "half the signs wrong",
    "all_wrong": "every sign wrong",
    "wrong_predictors": "wrong predictors",
    "no_effects": "no effects",
}
OUTCOME_TITLES = {"relapse": "relapse by day 365", "severe_crs": "severe CRS"}
STRONG = "#b3261e"
COLORS = {
    "prevalence": "#9a9a9a",
    "ridge": "#1b6ca8",
    "ridge_logistic": "#6aaed6",
    "elastic_net": "#2a9d8f",
    "xgboost": "#e9a23b",
    "random_forest": "#6a994e",
    "ebm": "#8e6bbf",
    "cox": "#c77d9b",
    "evidence_only": "#444444",
    "evidence_recalibrated": "#8a6d3b",
    "ridge_toward_published": "#0b3c5d",
    "firth": "#b5b35c",
}
SAME_PEER = {"ebm_pairs": "ebm"}
"""Variants drawn as one learner."""
LOWEST = 1e-4
LABELLED_SIZES = (8, 30, 120, 500, 4000)


def draw(results: pd.DataFrame, file: Path, *, subject: str) -> None:
    """Draw the mean excess log loss of every learner on plain cohorts, of several inputs the better.

    Parameters
    ----------
    results : DataFrame
        From `tests.benchmarks.cells.read_results`.
    file : Path
        PNG to write.
    subject : str
        Learner drawn thick.
    """
    worlds = [world for world in WORLD_TITLES if world in set(results["world"])]
    outcomes = [outcome for outcome in OUTCOME_TITLES if outcome in set(results["outcome"])]
    figure = Figure(figsize=(1.2 + 2.5 * len(worlds), 1.1 + 2.7 * len(outcomes)), layout="constrained")
    panels = figure.subplots(len(outcomes), len(worlds), sharex=True, sharey="row", squeeze=False)
    means = _means(results[results["setting"] == "plain"])
    for row, outcome in enumerate(outcomes):
        for column, world in enumerate(worlds):
            axes = panels[row, column]
            _panel(axes, means[(means["world"] == world) & (means["outcome"] == outcome)], subject)
            if row == 0:
                axes.set_title(WORLD_TITLES[world], fontsize=11, fontweight="bold", loc="left")
        panels[row, 0].set_ylabel(f"{OUTCOME_TITLES[outcome]}\nmean excess log loss", fontsize=10)
    figure.supxlabel("patients in the cohort", fontsize=10)
    _legend(figure, means, subject)
    figure.savefig(file, dpi=170)


def _means(results: pd.DataFrame) -> pd.DataFrame:
    """Mean over cohorts of each learner, the lowest of its variants."""
    cell = ["world", "outcome", "n"]
    means = results.groupby([*cell, "learner", "inputs"], as_index=False)["excess"].mean()
    means["learner"] = means["learner"].replace(SAME_PEER)
    return means.groupby([*cell, "learner"], as_index=False)["excess"].min().sort_values("n")


def _panel(axes: Axes, means: pd.DataFrame, subject: str) -> None:
    for learner, line in means.groupby("learner"):
        strong = learner == subject
        axes.plot(
            line["n"],
            line["excess"].clip(lower=LOWEST),
            color=STRONG if strong else COLORS.get(str(learner), "#777777"),
            linewidth=2.8 if strong else 1.2,
            linestyle="--" if learner == "prevalence" else "-",
            marker="o" if strong else None,
            markersize=4,
            zorder=3 if strong else 2,
            label=str(learner).replace("_", " "),
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    sizes = sorted(means["n"].unique())
    axes.set_xticks([n for n in sizes if n in LABELLED_SIZES] or sizes)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda excess, _: f"{excess:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(labelsize=9)
    axes.grid(which="major", color="#e4e4e4", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)


def _legend(figure: Figure, means: pd.DataFrame, subject: str) -> None:
    """Name the learners once, the subject first."""
    named = {}
    for axes in figure.axes:
        lines, labels = axes.get_legend_handles_labels()
        named.update(dict(zip(labels, lines, strict=True)))
    order = sorted(named, key=lambda label: (label != subject.replace("_", " "), label))
    figure.legend(
        [named[label] for label in order],
        order,
        loc="outside upper center",
        ncols=max(2, min(len(order), int(figure.get_figwidth() / 1.4))),
        frameon=False,
        fontsize=10,
    )
