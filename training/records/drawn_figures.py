"""Figures drawn to the bytes of a file, and to the picture of a page, perhaps by another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING

from training.tasks.task import Runner, Task, results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Draw = Callable[[], Figure | None]
    Named = tuple[int, str, Draw]
    """A run, the name of a file, and what draws it."""

TOGETHER = ("contributions.png",)
"""Figures that are drawn with `shap`. It takes three times as long to import as one of them to be drawn, so
not every process should import it."""
AT_ONCE = 6
"""Figures of one such task."""


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
        Draws each figure in a task of its own, but for `TOGETHER`: runs have very different figures.

    Returns
    -------
    drawn : list of dict of str to Drawn
        By file name.
    """
    named = [(n, name, draw) for n, figures in enumerate(runs) for name, draw in figures.items()]
    drawn: list[dict[str, Drawn | None]] = [dict.fromkeys(figures) for figures in runs]
    some = list(_dealt(named))
    tasks = [
        Task(f"{each[0][1]} of run {each[0][0]}", drawn_in_turn, ([(name, draw) for _, name, draw in each],))
        for each in some
    ]
    for each, done in zip(some, results(runner, tasks), strict=True):
        for (n, name, _), figure in zip(each, done.value, strict=True):
            drawn[n][name] = figure
    return [{name: each for name, each in figures.items() if each is not None} for figures in drawn]


def _dealt(named: Sequence[Named]) -> Iterator[Sequence[Named]]:
    """Deal figures to tasks, those that are drawn together first, because they take longest."""
    together = [each for each in named if each[1] in TOGETHER]
    yield from (together[first : first + AT_ONCE] for first in range(0, len(together), AT_ONCE))
    yield from ([each] for each in named if each[1] not in TOGETHER)


def drawn_in_turn(figures: Sequence[tuple[str, Draw]]) -> list[Drawn | None]:
    """Draw figures in one process, as `drawn_figure` does each."""
    return [drawn_figure(name, draw) for name, draw in figures]


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
