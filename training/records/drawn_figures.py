"""Figures drawn to the bytes of a file, and to the picture of a page, perhaps by another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING

from training.tasks.task import Runner, Task, results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Draw = Callable[[], Figure | None]


@dataclass(frozen=True)
class Drawn:
    """One figure.

    Attributes
    ----------
    content : bytes
        Of its file.
    picture : str
        The same as SVG, as small as a page of many figures needs it.
    """

    content: bytes
    picture: str


def drawn_figures(runs: Sequence[Mapping[str, Draw]], runner: Runner) -> list[dict[str, Drawn]]:
    """Draw the figures of several runs; a figure without data is left out.

    Parameters
    ----------
    runs : sequence of mapping of str to callable
        Of each run, what draws a figure, by file name.
    runner : Runner
        Draws each figure in a task of its own: runs have very different figures.

    Returns
    -------
    drawn : list of dict of str to Drawn
        By file name.
    """
    named = [(n, name, draw) for n, figures in enumerate(runs) for name, draw in figures.items()]
    tasks = [Task(f"{name} of run {n}", drawn_figure, (name, draw)) for n, name, draw in named]
    drawn: list[dict[str, Drawn]] = [{} for _ in runs]
    for (n, name, _), each in zip(named, results(runner, tasks), strict=True):
        if each.value is not None:
            drawn[n][name] = each.value
    return drawn


def drawn_figure(name: str, draw: Draw) -> Drawn | None:
    """Draw one figure; None where there is nothing to be drawn.

    Parameters
    ----------
    name : str
        Of its file, whose ending states the format.
    draw : callable
        Makes the figure.

    Returns
    -------
    drawn : Drawn or None
    """
    from training.figures.page_picture import page_picture
    from training.figures.placed_once import place_once

    figure = draw()
    if figure is None:
        return None
    place_once(figure)
    content = BytesIO()
    figure.savefig(content, format=PurePath(name).suffix[1:])
    return Drawn(content.getvalue(), page_picture(figure))
