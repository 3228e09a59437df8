"""Placing the parts of a figure once gives the picture that placing them with every drawing gives."""

from __future__ import annotations

import io
from unittest.mock import patch

import pytest
from matplotlib.figure import Figure

from training.figures.placed_once import place_once


def crowded(layout: str | None) -> Figure:
    """Make a figure whose labels need room, with a color bar."""
    figure = Figure(figsize=(4, 3), dpi=110, layout=layout)
    above, below = figure.subplots(2, sharex=True)
    points = above.scatter([0, 1, 2], [10_000, 20_000, 5], c=[0, 1, 2])
    figure.colorbar(points, ax=above, label="a title beside it")
    below.plot([0, 1], [3, 4], label="a line")
    below.legend(loc="best")
    below.set(xlabel="an axis", ylabel="a long label\nof two lines", title="a title")
    return figure


def png(figure: Figure) -> bytes:
    """Save a figure."""
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


@pytest.mark.parametrize("layout", ["constrained", "tight", None])
def test_it_looks_the_same(layout: str | None) -> None:
    """To the last byte, also when it is saved a second time."""
    placed = crowded(layout)
    place_once(placed)
    assert png(placed) == png(crowded(layout)) == png(placed)


def test_a_placed_figure_is_drawn_once() -> None:
    """Matplotlib draws a figure that it has to place twice."""
    for place, times in ((False, 2), (True, 1)):
        figure = crowded("constrained")
        if place:
            place_once(figure)
        with patch.object(Figure, "draw", autospec=True, side_effect=Figure.draw) as draw:
            png(figure)
        assert draw.call_count == times
