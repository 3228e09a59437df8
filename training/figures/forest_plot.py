"""Forest plot of published effects, the prior made of them, and what a fit made of that."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from features.columns import Values
from features.outcomes import OUTCOMES
from features.terms import TERMS
from training.evidence.prior import Prior, TermPrior
from training.evidence.product_rates import NINETY
from training.figures.validation_figures import BLUE, GREY

ORANGE = "#c8641b"
ODDS_RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
"""Where the axis is labelled; it ends at the outermost of them, and an interval beyond it is cut."""
ROW_INCHES = 0.27
FITTED_BELOW = 0.3
"""Rows by which the fitted mark stands below the prior's."""


def forest_plot(prior: Prior, model_coefficients: Values | None = None) -> Figure | None:
    """Draw each study, the prior of its term and, where given, the fitted coefficient.

    Parameters
    ----------
    prior : Prior
        Of one outcome. Terms without evidence are left out.
    model_coefficients : ndarray of shape (n_terms,), optional
        Log odds per unit, in the order of the prior's terms.

    Returns
    -------
    figure : Figure or None
        Intervals are 90 %; None where the prior rests on no effect and no rate.

    Examples
    --------
    >>> forest_plot(Prior("severe_icans", (30,), np.array([0.1]), (), ())) is None
    True
    """
    with_evidence = [position for position, term in enumerate(prior.terms) if term.basis != "none"]
    if not with_evidence:
        return None
    n_rows = sum(1 + len(prior.terms[position].studies) for position in with_evidence)
    figure = Figure(figsize=(10, 1.6 + ROW_INCHES * n_rows), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    labels: list[str] = []
    for position in with_evidence:
        if model_coefficients is not None:
            _fitted(axes, float(model_coefficients[position]), len(labels) + FITTED_BELOW)
        labels += _term(axes, prior.terms[position], len(labels))
    label_rows(axes, labels)
    _label_odds_ratios(axes)
    outcome = OUTCOMES[prior.outcome]
    among = f"\namong {outcome.among}" if outcome.given is not None else ""
    axes.set_title(f"{outcome.title}: published effects and prior{among}", fontsize=10)
    marks_legend(axes)
    return figure


def _term(axes: Axes, term: TermPrior, row: int) -> list[str]:
    """Draw a term's prior and below it its studies; give the labels of these rows."""
    _interval(axes, term.mean, term.spread, row, color=BLUE, lw=4, alpha=0.35)
    axes.plot(term.mean, row, "D", color=BLUE, ms=6, label="prior in a new center")
    for below, study in enumerate(term.studies, start=1):
        _interval(axes, study.log_odds, study.standard_error, row + below, color=GREY, lw=1.5)
        axes.plot(study.log_odds, row + below, "s", color=GREY, ms=4.5, label="study, as it was pooled")
    return [TERMS[term.term].title, *(f"    {study.cohort}" for study in term.studies)]


def _fitted(axes: Axes, coefficient: float, row: float) -> None:
    axes.plot(coefficient, row, "o", color=ORANGE, ms=5, label="fitted coefficient")


def _interval(
    axes: Axes, mean: float, spread: float, row: float, *, color: str, lw: float, alpha: float = 1.0
) -> None:
    reach = NINETY * spread
    axes.plot(
        [mean - reach, mean + reach],
        [row, row],
        color=color,
        lw=lw,
        alpha=alpha,
        zorder=1,
        solid_capstyle="butt",
    )


def label_rows(axes: Axes, labels: list[str]) -> None:
    """Write headings in black and their studies smaller and grey, from the top down."""
    axes.set_yticks(range(len(labels)), labels)
    for label in axes.get_yticklabels():
        study = label.get_text().startswith(" ")
        label.set(fontsize=8.5 if study else 10, color="#555555" if study else "black")
    axes.tick_params("y", length=0)
    axes.set_ylim(len(labels) - 0.4, -0.7)


def _label_odds_ratios(axes: Axes) -> None:
    """Label the log-odds axis with the odds ratios that lie within the data."""
    axes.axvline(0, color=GREY, lw=1, ls="--", zorder=0)
    low, high = (float(np.clip(end, np.log(0.01), np.log(100))) for end in axes.get_xlim())
    axes.set_xlim(low, high)
    shown = [ratio for ratio in ODDS_RATIOS if low <= np.log(ratio) <= high]
    axes.set_xticks([float(np.log(ratio)) for ratio in shown], [f"{ratio:g}" for ratio in shown])
    axes.set_xlabel("odds ratio per unit of the term, with 90 % interval")


def marks_legend(axes: Axes) -> None:
    """Name each kind of mark once, below the axis, where it covers nothing."""
    handles, names = axes.get_legend_handles_labels()
    marks = dict(zip(names, handles, strict=True))
    axes.figure.legend(
        list(marks.values()), list(marks), loc="outside lower center", ncols=len(marks), frameon=False
    )
