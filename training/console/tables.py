"""What a person at the terminal sees: progress bars on standard error, tables on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import fill

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from features.measures import IN_TERMINAL, MEASURES, decimals
from serving.model.figure_text import fixed, measured
from serving.model.measured import Measured

OUT_OF_FOLD = "Out-of-fold metrics with 90 % intervals; * marks the model in the bundle."
HEADING_WIDTH = 12
"""Characters after which a column heading wraps."""
RULE = "─"
"""Drawn below the headings."""
GAPS = (2, 1)
"""Spaces between columns: as many as there is room for, or cells wrap."""


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
    head = ["", *(fill(MEASURES[name].short_title, HEADING_WIDTH) for name in IN_TERMINAL)]
    rows = [
        [heading, *(_above_interval(name, metrics.get(name)) for name in IN_TERMINAL)]
        for heading, metrics in models.items()
    ]
    console.print(f"\n{title}", style="bold", highlight=False, markup=False)
    lines = None if console.options.ascii_only else _fitted(head, rows, console.width)
    if lines is None:
        console.print(_narrow_table(head, rows))
        return
    for part, style in zip(lines, ("bold", None), strict=True):
        text = "\n".join(part)
        console.print(text, style=style, highlight=False, markup=False, emoji=False, soft_wrap=True)


def _fitted(
    head: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> tuple[list[str], list[str]] | None:
    """Lay out headings and rows; None if they do not fit without wrapping cells."""
    widths = [max(map(len, "\n".join(column).split("\n"))) for column in zip(head, *rows, strict=True)]
    for gap in GAPS:
        heading = _lines(head, widths, gap, bottom=True)
        if len(heading[0]) <= room:
            return heading, [
                RULE * len(heading[0]),
                *(line for row in rows for line in _lines(row, widths, gap)),
            ]
    return None


def _lines(cells: Sequence[str], widths: Sequence[int], gap: int, *, bottom: bool = False) -> list[str]:
    r"""Lay out the cells of a row: the first at its left, the others centered, all at the top or the bottom.

    Examples
    --------
    >>> _lines(["ridge", "0.500\n.400 to .600"], [6, 13], 2)
    ['ridge       0.500     ', '        .400 to .600  ']
    """
    height = max(cell.count("\n") for cell in cells)
    columns = []
    for cell, width, side in zip(cells, widths, "<" + "^" * len(cells), strict=False):
        room = "\n" * (height - cell.count("\n"))
        filled = f"{room}{cell}" if bottom else f"{cell}{room}"
        columns.append([f"{line:{side}{width}}" for line in filled.split("\n")])
    return [f"{(' ' * gap).join(line)} " for line in zip(*columns, strict=True)]


def _narrow_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Make a table that wraps its cells; printing it takes several times as long as lines of known width."""
    table = Table(head[0], box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for heading in head[1:]:
        table.add_column(Text(heading), justify="center")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


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
