"""What a person at the terminal sees: progress bars on standard error, tables on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from serving.summary import Measured

FIGURES = {
    "log_loss": "log loss",
    "log_loss_gain_over_prevalence": "gain over\nprevalence",
    "auroc": "AUROC",
    "calibration_slope": "calibration\nslope",
    "observed_expected": "observed :\nexpected",
}
"""Measures shown in the terminal, with their names for people."""


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


def show_figures(title: str, models: Mapping[str, Mapping[str, Measured]], console: Console) -> None:
    """Print models below each other, a measure a column, so that it fits a terminal of 80 columns.

    Parameters
    ----------
    title : str
        What is predicted.
    models : mapping of str to mapping of str to Measured
        Heading of each model; its measures by name.
    console : Console
        Each figure is printed above its 90 % interval.
    """
    table = Table("", *FIGURES.values(), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in table.columns[1:]:
        column.justify = "center"
    for heading, metrics in models.items():
        table.add_row(heading, *(_above_interval(metrics.get(name)) for name in FIGURES))
    console.print(f"\n{title}", style="bold", highlight=False, markup=False)
    console.print(table)


def _above_interval(figure: Measured | None) -> str:
    """Write a figure above its interval, with a digit less and no zero before the point.

    Examples
    --------
    >>> print(_above_interval(Measured(0.7241, -0.61, 1.83)))
    0.724
    -.61 to 1.83
    """
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return measured(figure)
    ends = (round(end, 2) + 0.0 for end in (figure.low, figure.high))  # + 0.0: no minus before .00
    low, high = (f"{end:.2f}".replace("0.", ".", 1) if abs(end) < 1 else f"{end:.2f}" for end in ends)
    return f"{figure.value:.3f}\n{low} to {high}"
