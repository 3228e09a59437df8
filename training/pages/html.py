"""Pieces of a page: tables, charts with the table behind them, sources, the frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from training.pages.quality.published_beside import source_links

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page loads nothing, and could not."""


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str) -> str:
    """Write a table; cells that are numbers stand to the right, texts in ``Markup`` as they are.

    Examples
    --------
    >>> table(["a"], [["<b>"]], caption="c").count("&lt;b&gt;")
    1
    """
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    inside = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide"><table>{inside}</table></div>'


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def chart(svg: str, behind: str, *, kind: str = "") -> str:
    """Put a chart on the page, with its table behind it."""
    drawn = f'<div class="wide {kind}">{svg}</div>'
    return f"<figure>{drawn}<details><summary>Table</summary>{behind}</details></figure>"


def sources(source: str) -> Markup:
    """Name a source; each DOI leads to its publication.

    Examples
    --------
    >>> sources("10.1/a")
    '<a href="https://doi.org/10.1/a">doi:10.1/a</a>'
    """
    parts = [
        f'<a href="{escape(address)}">doi:{escape(words)}</a>' if address else escape(words)
        for words, address in source_links(source)
    ]
    return Markup(" and ".join(parts))


def paragraph(words: str, *, kind: str = "") -> str:
    """Write a paragraph of plain words."""
    return f'<p class="{kind}">{escape(words)}</p>' if kind else f"<p>{escape(words)}</p>"


def items(lines: Iterable[str]) -> str:
    """Write a list of plain words."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def frame(title: str, sections: Iterable[str], *, more_style: str = "") -> str:
    """Put sections into a page that stands alone; styles of its own come after those of every page."""
    style = STYLE.read_text(encoding="utf-8") + more_style
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title><style>\n{style}</style>'
    )
    body = "\n".join(["<body><main>", *sections, "</main></body>"])
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>{head}</head>\n{body}\n</html>\n'


def _cell(value: object) -> str:
    if isinstance(value, Markup):
        return f"<td>{value}</td>"
    kind = ' class="number"' if isinstance(value, int | float) else ""
    return f"<td{kind}>{escape(str(value))}</td>"
