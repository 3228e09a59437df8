"""Figures drawn to pictures, perhaps by another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from training.tasks.task import Runner, Task, results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Draw = Callable[[], Figure | None]
    Named = tuple[int, str, Draw]
    """A run, the name of a file, and what draws it."""

CONTRIBUTIONS_FIGURE = "contributions.svg"
"""The figure that is drawn with `shap`. That takes three times as long to import as one of them to be drawn,
so not every process should import it."""
AT_ONCE = 6
"""Such figures of one task."""


def drawn_figures(runs: Sequence[Mapping[str, Draw]], runner: Runner) -> list[dict[str, str]]:
    """Draw the figures of several runs; a figure without data is left out.

    Parameters
    ----------
    runs : sequence of mapping of str to callable
        Of each run, what draws a figure, by file name.
    runner : Runner
        Draws each figure in a task of its own, but for those of contributions: runs have very different
        figures.

    Returns
    -------
    drawn : list of dict of str to str
        SVG by file name.
    """
    named = [(n, name, draw) for n, figures in enumerate(runs) for name, draw in figures.items()]
    drawn: list[dict[str, str | None]] = [dict.fromkeys(figures) for figures in runs]
    some = list(_dealt(named))
    tasks = [
        Task(f"{each[0][1]} of run {each[0][0]}", drawn_in_turn, ([draw for *_, draw in each],))
        for each in some
    ]
    for each, done in zip(some, results(runner, tasks), strict=True):
        for (n, name, _), figure in zip(each, done.value, strict=True):
            drawn[n][name] = figure
    return [{name: each for name, each in figures.items() if each is not None} for figures in drawn]


def _dealt(named: Sequence[Named]) -> Iterator[Sequence[Named]]:
    """Deal figures to tasks, those that are drawn together first, because they take longest."""
    together = [each for each in named if each[1] == CONTRIBUTIONS_FIGURE]
    yield from (together[first : first + AT_ONCE] for first in range(0, len(together), AT_ONCE))
    yield from ([each] for each in named if each[1] != CONTRIBUTIONS_FIGURE)


def drawn_in_turn(figures: Sequence[Draw]) -> list[str | None]:
    """Draw figures in one process, as `drawn_figure` does each."""
    return [drawn_figure(draw) for draw in figures]


def drawn_figure(draw: Draw) -> str | None:
    """Draw one figure; None where there is nothing to be drawn.

    Parameters
    ----------
    draw : callable
        Makes the figure.

    Returns
    -------
    svg : str or None
    """
    from training.figures.page_picture import page_picture

    figure = draw()
    return page_picture(figure) if figure is not None else None
