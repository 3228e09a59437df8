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
    "log_loss_gain_over_prevalence": "gain over prevalence",
    "auroc": "AUROC",
    "calibration_slope": "calibration slope",
    "observed_expected": "observed : expected",
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
    """Print models side by side, a measure a row, so that it fits a terminal of 80 columns.

    Parameters
    ----------
    title : str
        What is predicted.
    models : mapping of str to mapping of str to Measured
        Heading of each model; its measures by name.
    console : Console
        Each figure is printed above its 90 % interval.
    """
    table = Table("", box=box.SIMPLE_HEAD)
    for heading in models:
        table.add_column(heading, justify="center")
    for name, words in FIGURES.items():
        cells = [measured(metrics.get(name)).replace(" (", "\n(") for metrics in models.values()]
        table.add_row(words, *cells)
    console.print(f"\n{title}", style="bold", highlight=False, markup=False)
    console.print(table)
