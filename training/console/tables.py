"""What a person at the terminal sees: progress bars on standard error, tables on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from serving.model.validation_summary import Measured

FIGURES = {
    "log_loss": "log loss",
    "log_loss_gain_over_prevalence": "gain over\nprevalence",
    "auroc": "AUROC",
    "calibration_slope": "calibration\nslope",
    "observed_expected": "observed :\nexpected",
}
"""Measures shown in the terminal, with their names for people."""

DECIMALS = {"auroc": 2, "calibration_in_the_large": 2, "calibration_slope": 2, "observed_expected": 2}
"""Decimals of a measure in the terminal and on the page `/model`, of its interval too; others have three."""


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


def fixed(value: float, digits: int, *, times: int = 1) -> str:
    """Write a number with so many decimals: halves away from 0 as a browser rounds them, no minus before 0.

    Parameters
    ----------
    value : float
    digits : int
        Decimals.
    times : int
        What the number is multiplied by first, without an error of its own.

    Returns
    -------
    text : str

    Examples
    --------
    >>> fixed(0.0625, 3), fixed(-1.005, 2), fixed(-0.0004, 3), fixed(0.285, 0, times=100)
    ('0.063', '-1.01', '0.000', '29')
    """
    exact = Decimal(repr(float(value))) * times
    rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):f}"


def measured(figure: Measured | None, *, digits: int = 3) -> str:
    """Write a figure with its interval.

    Examples
    --------
    >>> measured(Measured(0.7241, 0.61, 0.83)), measured(Measured(None))
    ('0.724 (0.610 to 0.830)', '-')
    """
    if figure is None or figure.value is None:
        return "-"
    value = fixed(figure.value, digits)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({fixed(figure.low, digits)} to {fixed(figure.high, digits)})"


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
    table = Table("", *FIGURES.values(), box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for column in table.columns[1:]:
        column.justify = "center"
    for heading, metrics in models.items():
        table.add_row(heading, *(_above_interval(name, metrics.get(name)) for name in FIGURES))
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
    digits = DECIMALS.get(name, 3)
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return measured(figure, digits=digits)
    low, high = (_without_nought(fixed(end, digits)) for end in (figure.low, figure.high))
    return f"{fixed(figure.value, digits)}\n{low} to {high}"


def _without_nought(number: str) -> str:
    """Leave out the zero before the point of a number below 1.

    Examples
    --------
    >>> _without_nought("-0.05"), _without_nought("10.05")
    ('-.05', '10.05')
    """
    return number.replace("0.", ".", 1) if number.lstrip("-").startswith("0.") else number
