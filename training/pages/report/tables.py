"""Tables of the report: a heading for every row and column, numbers to the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from training.pages.html import Markup

NUMERIC = frozenset("0123456789.,:()–−-% to")
"""Of these letters a cell is made that is set as a number."""


def headed_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str, kind: str = ""
) -> str:
    """Write a table whose rows have their heading in the first cell.

    Parameters
    ----------
    headings : sequence of str
    rows : iterable of sequence of str
        `Markup` stands as it is, anything else is escaped.
    caption : str
    kind : str
        Class of the table, for the style.

    Returns
    -------
    html : str

    Examples
    --------
    >>> html = headed_table(["a", "b"], [["<x>", "0.5"]], caption="c")
    >>> '<th scope="row">&lt;x&gt;</th><td class="number">0.5</td>' in html
    True
    """
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(_row(row) for row in rows)
    inside = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">' + (
        f'<table class="{kind}">{inside}</table></div>'
    )


def code(words: str) -> Markup:
    """Set words as code."""
    return Markup(f"<code>{escape(words)}</code>")


def lines(*parts: str) -> Markup:
    """Set parts below each other, in one cell; empty ones are left out."""
    return Markup("<br>".join(part if isinstance(part, Markup) else escape(part) for part in parts if part))


def text(words: str) -> Markup:
    """Set a cell as text, though it may be of numbers alone."""
    return Markup(escape(words))


def soft(words: str) -> Markup:
    """Set words apart as less important."""
    return Markup(f'<span class="soft">{escape(words)}</span>') if words else Markup("")


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    return f'<tr><th scope="row">{_inside(first)}</th>{"".join(map(_cell, rest))}</tr>'


def _cell(cell: str) -> str:
    plain = not isinstance(cell, Markup)
    number = plain and cell != "" and set(cell) <= NUMERIC and any(letter.isdigit() for letter in cell)
    kind = ' class="number"' if number else ""
    return f"<td{kind}>{_inside(cell)}</td>"


def _inside(cell: str) -> str:
    return cell if isinstance(cell, Markup) else escape(cell)
