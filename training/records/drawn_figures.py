"""Figures drawn to the bytes of a file, perhaps by another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING

from training.tasks.task import Runner, Task, results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Draw = Callable[[], Figure | None]


def drawn_figures(runs: Sequence[Mapping[str, Draw]], runner: Runner) -> list[dict[str, bytes]]:
    """Draw the figures of several runs; a figure without data is left out.

    Parameters
    ----------
    runs : sequence of mapping of str to callable
        Of each run, what draws a figure, by file name.
    runner : Runner
        Draws the figures of each run, which share their data, in one task.

    Returns
    -------
    drawn : list of dict of str to bytes
        Content of each file, by its name.
    """
    tasks = [Task(f"figures of run {n}", draw_all, (dict(figures),)) for n, figures in enumerate(runs)]
    return [done.value for done in results(runner, tasks)]


def draw_all(figures: Mapping[str, Draw]) -> dict[str, bytes]:
    """Draw the figures of one run."""
    drawn = {}
    for name, draw in figures.items():
        figure = draw()
        if figure is not None:
            content = BytesIO()
            figure.savefig(content, format=PurePath(name).suffix[1:])
            drawn[name] = content.getvalue()
    return drawn
