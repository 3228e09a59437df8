"""Tables in Markdown as MLflow's pages show them, and text that may be anything inside one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

NO_BREAK = "\N{NO-BREAK SPACE}"
GAP = NO_BREAK * 2
"""Ends a cell: MLflow sets the columns of a table without any room between them."""
SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~!])")
LONGEST_TEXT = 60
"""Characters of a name in a cell."""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a table, line by line; nothing without a row.

    Parameters
    ----------
    headings : sequence of str
    rows : iterable of sequence of str
        Markdown, one cell a heading.

    Examples
    --------
    >>> [line.replace(GAP, "") for line in table(["model"], [["ridge"]])]
    ['| model |', '| --- |', '| ridge |']
    """
    lines = [table_row(*row) for row in rows]
    return [table_row(*headings), f"|{' --- |' * len(headings)}", *lines] if lines else []


def table_row(*cells: str) -> str:
    """Write one row."""
    return f"| {' | '.join(f'{cell}{GAP}' for cell in cells)} |"


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    r"""Write a text that may be anything so that it is shown as it is, on one line, cut where it is long.

    Examples
    --------
    >>> plain("a|b <script>"), plain("x" * 99, 5)
    ('a\\|b \\<script\\>', 'xxxx…')
    """
    line = " ".join(text.split())
    cut = line if len(line) <= longest else f"{line[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"
    return SPECIAL.sub(r"\\\1", cut)


def unbroken(text: str) -> str:
    """Keep a short text on one line, so that an interval is not read together with the next column."""
    return text.replace(" ", NO_BREAK)
