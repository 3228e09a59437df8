"""What a person at the terminal sees: progress bars on standard error, tables on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from textwrap import fill

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from features.measures import IN_TERMINAL, MEASURES, decimals
from serving.model.figure_text import fixed, measured
from serving.model.measured import Measured

OUT_OF_FOLD = "Out-of-fold metrics with 90 % intervals; * marks the model in the bundle."
HEADING_WIDTH = 12
"""Characters after which a column heading wraps."""


@contextmanager
def bar(title: str, steps: int) -> Iterator[Callable[..., None]]:
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
        yield lambda done=1: progress.advance(task, done)
        progress.update(task, completed=steps)


def show_figures(title: str, models: Mapping[str, Mapping[str, Measured]], console: Console) -> None:
    """Print one model per row and one measure per column, to fit a terminal of 80 columns.

    Parameters
    ----------
    title : str
        What is predicted.
    models : mapping of str to mapping of str to Measured
        Heading of each model; its measures by name.
    console : Console
        Each figure is printed above its 90 % interval.
    """
    table = Table("", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for name in IN_TERMINAL:
        table.add_column(fill(MEASURES[name].short_title, HEADING_WIDTH), justify="center")
    for heading, metrics in models.items():
        table.add_row(heading, *(_above_interval(name, metrics.get(name)) for name in IN_TERMINAL))
    console.print(f"\n{title}", style="bold", highlight=False, markup=False)
    console.print(table)


def _above_interval(name: str, figure: Measured | None) -> str:
    """Write a figure above its interval, whose ends have as many decimals and no zero before the point.

    Examples
    --------
    >>> print(_above_interval("log_loss", Measured(0.7241, -0.61, 1.83)))
    0.724
    -.610 to 1.830
    >>> print(_above_interval("auroc", Measured(0.7241, 0.61, 1.0)))
    0.72
    .61 to 1.00
    """
    digits = decimals(name)
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return measured(figure, digits=digits)
    low, high = (_without_leading_zero(fixed(end, digits)) for end in (figure.low, figure.high))
    return f"{fixed(figure.value, digits)}\n{low} to {high}"


def _without_leading_zero(number: str) -> str:
    """Leave out the zero before the point of a number below 1.

    Examples
    --------
    >>> _without_leading_zero("-0.05"), _without_leading_zero("10.05")
    ('-.05', '10.05')
    """
    return number.replace("0.", ".", 1) if number.lstrip("-").startswith("0.") else number
