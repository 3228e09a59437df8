"""Headings of a site's table: in one row, below sections, or in three rows; with a title above them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from tests.site_tables.columns import Column

Cells = tuple[int, int, int, int]
"""First and last row, first and last column, from 1, that a workbook shows as one cell."""


@dataclass(frozen=True)
class Layout:
    """Rows of headings.

    Parameters
    ----------
    rows : list of list of str
        As in the file.
    headings : mapping of str to str
        What a mapping calls each column, by its name.
    keys : mapping of str to str
        Of ``[table]``, as TOML.
    merged : tuple of Cells
        Where a workbook shows a heading over several columns or rows.
    """

    rows: list[list[str]]
    headings: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)
    merged: tuple[Cells, ...] = ()


def in_one_row(columns: Sequence[Column]) -> Layout:
    """Write every heading with its unit."""
    headings = {column.name: _with_unit(column) for column in columns}
    return Layout([list(headings.values())], headings)


def below_sections(columns: Sequence[Column]) -> Layout:
    """Write the section above its first column."""
    above, merged = _sections(columns)
    headings = {column.name: f"{column.section} / {_with_unit(column)}" for column in columns}
    return Layout(
        [above, [_with_unit(column) for column in columns]], headings, {"heading_rows": "2"}, merged
    )


def in_three_rows(columns: Sequence[Column]) -> Layout:
    """Write sections, names and units below each other; a name without a unit is merged over two rows."""
    above, merged = _sections(columns)
    headings = {
        column.name: " / ".join(filter(None, (column.section, column.name, column.unit)))
        for column in columns
    }
    high = tuple((2, 3, place, place) for place, column in enumerate(columns, start=1) if not column.unit)
    names, units = [column.name for column in columns], [column.unit for column in columns]
    return Layout([above, names, units], headings, {"heading_rows": "3"}, (*merged, *high))


LAYOUTS: Mapping[str, Callable[[Sequence[Column]], Layout]] = {
    "one row": in_one_row,
    "sections": below_sections,
    "three rows": in_three_rows,
}
"""By name."""


def with_title(layout: Layout) -> Layout:
    """Write a title into a row above the headings."""
    title = ["CAR T cells", *[""] * (len(layout.headings) - 1)]
    merged = tuple((first + 1, last + 1, left, right) for first, last, left, right in layout.merged)
    keys = {"heading_row": "2", **layout.keys}
    return replace(layout, rows=[title, *layout.rows], keys=keys, merged=merged)


def _with_unit(column: Column) -> str:
    return f"{column.name} ({column.unit})" if column.unit else column.name


def _sections(columns: Sequence[Column]) -> tuple[list[str], tuple[Cells, ...]]:
    """Name each section in its first column, and merge it over its columns."""
    above: list[str] = []
    merged = []
    for section, members in groupby(columns, key=lambda column: column.section):
        width = len(list(members))
        if width > 1:
            merged.append((1, 1, len(above) + 1, len(above) + width))
        above += [section, *[""] * (width - 1)]
    return above, tuple(merged)
