"""Pages from templates: `templates/` holds the structure, Jinja2 escapes every value put into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

DOI = "https://doi.org/"
FOLDER = Path(__file__).parent
STYLE = FOLDER / "page.css"
NUMERIC = frozenset("0123456789.,:()–−-% to")
"""A cell made of these letters alone is set as a number."""


@dataclass(frozen=True)
class Table:
    """A table of a page.

    Attributes
    ----------
    headings : sequence of str
    rows : sequence of sequence of object
        Numbers and texts; `Markup` is HTML already, anything else is escaped.
    caption : str
    kind : str
        Class of the table, for the style.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    caption: str
    kind: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing and the table behind it.

    Attributes
    ----------
    svg : Markup
    table : Table
    kind : str
        Class of the drawing, for the style.
    """

    svg: Markup
    table: Table
    kind: str = ""


def render(template: str, *, more_style: Path | None = None, **values: object) -> str:
    """Write a self-contained page.

    Parameters
    ----------
    template : str
        File in `templates/`.
    more_style : Path, optional
        Styles of this page; they come after those of every page.
    **values : object
        What the template names.

    Returns
    -------
    html : str
    """
    files = [STYLE] if more_style is None else [STYLE, more_style]
    style = Markup("".join(file.read_text(encoding="utf-8") for file in files))
    return environment().get_template(template).render(style=style, **values)


@cache
def environment() -> Environment:
    """Load the templates: a value is escaped wherever it is put, a name that is not given is an error.

    Examples
    --------
    >>> environment().from_string("<p>{{ name }}</p>").render(name="<b>")
    '<p>&lt;b&gt;</p>'
    """
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.tests["numeric"] = is_numeric
    return made


def is_numeric(cell: object) -> bool:
    """Whether a cell is set as a number: one, or a text of numbers that is not marked as text.

    Examples
    --------
    >>> is_numeric(3), is_numeric("0.5 (0.4 to 0.6)"), is_numeric("CD19"), is_numeric(Markup("30, 90"))
    (True, True, False, False)
    """
    if isinstance(cell, Markup) or not isinstance(cell, str):
        return isinstance(cell, int | float)
    return set(cell) <= NUMERIC and any(letter.isdigit() for letter in cell)


def source_link(source: str) -> Markup:
    """Name a source; a DOI links to its publication.

    Examples
    --------
    >>> source_link("10.1/a"), source_link("Blood 2017, ALL and NHL")
    (Markup('<a href="https://doi.org/10.1/a">doi:10.1/a</a>'), Markup('Blood 2017, ALL and NHL'))
    """
    if not source.startswith("10."):
        return escape(source)
    return Markup('<a href="{}{}">doi:{}</a>').format(DOI, source, source)


def code(words: str) -> Markup:
    """Set words as code."""
    return Markup("<code>{}</code>").format(words)
