"""A column of a site's table before the layout of the table is known."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.drafting.toml_text import quoted

Stored = str | int | float | datetime.date
"""A cell of a workbook."""


@dataclass(frozen=True)
class Column:
    """A column.

    Parameters
    ----------
    name : str
        Heading, without its unit.
    cells : sequence of str
        As text.
    unit : str
        That the heading states; blank if it states none.
    section : str
        Heading of the section of the table that it belongs to.
    stored : sequence of Stored, optional
        Cells of a workbook; text if left out.
    beside : str
        Column that it stays beside.
    """

    name: str
    cells: Sequence[str]
    unit: str = ""
    section: str = ""
    stored: Sequence[Stored] | None = None
    beside: str = ""

    @property
    def mark(self) -> str:
        """Stand for the heading in a mapping until the layout of the table is known."""
        return mark(self.name)


def mark(name: str) -> str:
    """Stand for the heading of a column in a mapping until the layout of the table is known."""
    return f"<{name}>"


def with_headings(mapping: str, headings: Mapping[str, str]) -> str:
    """Write the headings of columns into a mapping.

    Parameters
    ----------
    mapping : str
        With marks of the columns.
    headings : mapping of str to str
        By the name of the column.

    Returns
    -------
    mapping : str
    """
    for name, heading in headings.items():
        mapping = mapping.replace(quoted(mark(name)), quoted(heading))
    return mapping
