"""The picture of a figure: SVG, sharp on screen and in print, small, its points an image."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from training.figures.placed_once import place_once
from training.figures.small_svg import small_svg

MOST_MARKS = 50
"""Points of a scatter that are drawn one by one; more of them become an image, which is smaller."""
POINTS_DPI = 144
"""Resolution of such an image: two pixels a point."""
STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "cart-outcomes"}
"""Texts stay texts, and the same figure is the same picture."""


def page_picture(figure: Figure) -> str:
    """Draw a figure, as small as a page of many figures needs it.

    Parameters
    ----------
    figure : Figure
        Its parts are placed; its points are images afterward.

    Returns
    -------
    svg : str
    """
    place_once(figure)
    _points_as_images(figure)
    content = BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(content, format="svg", dpi=POINTS_DPI, metadata={"Date": None, "Creator": None})
    return small_svg(content.getvalue().decode())


def _points_as_images(figure: Figure) -> None:
    for axes in figure.axes:
        for scatter in axes.collections:
            if np.shape(scatter.get_offsets())[0] > MOST_MARKS:
                scatter.set_rasterized(True)
        for line in axes.lines:
            if line.get_marker() not in {"None", None, ""} and np.shape(line.get_xydata())[0] > MOST_MARKS:
                line.set_rasterized(True)
