"""SVG with fewer characters looks the same: numbers are rounded, names and groups without a purpose go."""

from __future__ import annotations

import io
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from training.figures.page_picture import STYLE, page_picture
from training.figures.small_svg import small_svg


def drawn(figure: Figure) -> str:
    """Draw as matplotlib does."""
    content = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(content, format="svg", metadata={"Date": None})
    return content.getvalue().decode()


def scatter(n_points: int) -> Figure:
    """Make a figure with a line, texts with special characters, and points."""
    figure = Figure(figsize=(3, 2), layout="constrained")
    axes = figure.subplots()
    points = np.random.default_rng(1).normal(size=(2, n_points))
    axes.scatter(*points, s=3)
    axes.plot(*points, ".")
    axes.plot([0, 1], [0, 1])
    axes.set_title("A & B <1")
    return figure


def test_texts_and_what_is_referred_to_are_kept() -> None:
    """Markers and clips have other names, and each is still there."""
    small = small_svg(drawn(scatter(20)))
    assert ">A &amp; B &lt;1</text>" in small
    assert {*re.findall(r'(?:href="#|url\(#)(\w+)', small)} == {*re.findall(r' id="(\w+)"', small)}


def test_it_has_less_than_half_of_the_characters() -> None:
    """Without fonts, groups, comments and decimals."""
    whole = drawn(scatter(20))
    assert len(small_svg(whole)) < len(whole) / 2
    assert "<!--" not in small_svg(whole)


@pytest.mark.parametrize("tag", ["rotate(-90 1 2)", "translate(3 4)"])
def test_turns_and_moves_stay(tag: str) -> None:
    """Only a rotation by nothing is left out."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><text transform="{tag}">a</text></svg>'
    assert f'transform="{tag}"' in small_svg(svg)
    assert "transform" not in small_svg(svg.replace(tag, "rotate(-0 1.5 2)"))


def test_many_points_become_an_image() -> None:
    """Few points are drawn one by one, and the same figure is the same picture."""
    assert "<image" not in page_picture(scatter(20))
    many = page_picture(scatter(300))
    assert many.count("<image") == 2
    assert many == page_picture(scatter(300))
