"""Figures as journals print them: widths of a column, type of 7 points, fonts in the file, the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

MM_IN_INCH = 25.4
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
"""Palette of Okabe and Ito, distinct for color-blind readers: blue, vermilion, green, purple."""
DASHES = ("-", "--", "-.", ":")
"""A line is also known by its dashes, in print without color."""
GREY = "#595959"
PANEL_MM = 62.0
"""Height of the axes of a figure, about."""

STYLE: Mapping[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7,
    "axes.labelsize": 7,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "cart-outcomes",
}


JournalFigure = Figure
"""What the drawing functions give; rooms above need no drawing library to name it."""


class JournalWidth(StrEnum):
    """Width of a figure on a journal's page."""

    SINGLE = "single"
    ONE_AND_A_HALF = "one-and-a-half"
    DOUBLE = "double"

    @property
    def mm(self) -> float:
        """The width in millimeters.

        Examples
        --------
        >>> [width.mm for width in JournalWidth]
        [89.0, 120.0, 183.0]
        """
        return {"single": 89.0, "one-and-a-half": 120.0, "double": 183.0}[self.value]


@contextmanager
def journal_style() -> Iterator[None]:
    """Draw and save in the style of a journal, whatever the user's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def journal_figure(width: JournalWidth, height_mm: float = PANEL_MM) -> Figure:
    """Make an empty figure of a width that pyplot does not know of; call it within `journal_style`."""
    figure = Figure(figsize=(width.mm / MM_IN_INCH, height_mm / MM_IN_INCH), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def legend_above(axes: Axes, *, n_columns: int = 1) -> None:
    """Put the legend above the axes, where it covers nothing."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=n_columns,
        borderaxespad=0.2,
        handlelength=2.2,
        columnspacing=1.2,
    )


def figure_files(name: str, figure: Figure, *, title: str) -> dict[str, bytes]:
    """Save a figure as SVG and PDF; call it within `journal_style`.

    Parameters
    ----------
    name : str
        Of the files, without ending.
    figure : Figure
    title : str
        In the metadata of both.

    Returns
    -------
    files : dict of str to bytes
        By name. Text is text: an SVG names the font, a PDF has it embedded as TrueType. No time is in them.
    """
    svg, pdf = io.BytesIO(), io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    figure.savefig(
        pdf,
        format="pdf",
        metadata={"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None, "Title": title},
    )
    return {f"{name}.svg": svg.getvalue(), f"{name}.pdf": pdf.getvalue()}
