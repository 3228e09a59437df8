"""What a person at the terminal sees: progress bars on standard error, tables on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from serving.summary import Measured


@contextmanager
def bar(title: str, steps: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar; where standard error is no terminal, one line when it is done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=steps)
        yield lambda: progress.advance(task)
        progress.update(task, completed=steps)


def measured(figure: Measured | None, *, digits: int = 3) -> str:
    """Write a figure with its interval.

    Examples
    --------
    >>> measured(Measured(0.7241, 0.61, 0.83)), measured(Measured(None))
    ('0.724 (0.610 to 0.830)', '-')
    """
    if figure is None or figure.value is None:
        return "-"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.{digits}f}"
    return f"{figure.value:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
