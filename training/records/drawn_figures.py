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
        Draws the figures of each run, which share their data, in one task.

    Returns
    -------
    drawn : list of dict of str to Drawn
        By file name.
    """
    tasks = [Task(f"figures of run {n}", draw_all, (dict(figures),)) for n, figures in enumerate(runs)]
    return [done.value for done in results(runner, tasks)]


def draw_all(figures: Mapping[str, Draw]) -> dict[str, Drawn]:
    """Draw the figures of one run."""
    from training.figures.page_picture import page_picture

    drawn = {}
    for name, draw in figures.items():
        figure = draw()
        if figure is not None:
            content = BytesIO()
            figure.savefig(content, format=PurePath(name).suffix[1:])
            drawn[name] = Drawn(content.getvalue(), page_picture(figure))
    return drawn
