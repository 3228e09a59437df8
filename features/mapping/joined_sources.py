"""Joined tables are opened, and their columns get the names by which a mapping uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from features.files.raw_table import RawTable
from features.files.row_parts import RowParts
from features.mapping.definition import SiteMapping
from features.mapping.linked_definition import LinkedTable
from features.mapping.linked_sources import linked_rows

Names = dict[str, tuple[str, str]]
"""Columns of joined tables: by the name that a mapping uses, the table and its own column."""


class Opened(NamedTuple):
    """A joined table, before the mapping is compared with it.

    Parameters
    ----------
    linked : LinkedTable
    source : RowParts
    raw : RawTable
    """

    linked: LinkedTable
    source: RowParts
    raw: RawTable


def opened_tables(mapping: SiteMapping, table: RawTable, workbook: Path | None) -> list[Opened]:
    """Open the joined tables of a mapping.

    Parameters
    ----------
    mapping : SiteMapping
        Of the site.
    table : RawTable
        The first table.
    workbook : Path or None
        Its file, for further sheets of it.

    Returns
    -------
    opened : list of Opened

    Raises
    ------
    DataError
        If a table cannot be read.
    """
    linked = [each for each in mapping.tables if each.join]
    sources = [linked_rows(each, mapping, table, workbook) for each in linked]
    return [Opened(each, source, _whole(source)) for each, source in zip(linked, sources, strict=True)]


def _whole(source: RowParts) -> RawTable:
    parts = list(source.parts)
    rows = tuple(cells for part in parts for cells in part.rows)
    return replace(parts[0], rows=rows, row_numbers=tuple(row for part in parts for row in part.row_numbers))


def joined_names(opened: Sequence[Opened], mapping: SiteMapping, table: RawTable) -> Names:
    """Say by which names a mapping uses the columns of joined tables; dates in parts have names too."""
    first = (*table.columns, *(split.name for split in mapping.split_dates))
    return column_names(
        [
            (linked.name, (*raw.columns, *(split.name for split in linked.split_dates)))
            for linked, _, raw in opened
        ],
        first,
    )


def column_names(tables: Sequence[tuple[str, Sequence[str]]], first: Sequence[str]) -> Names:
    """Say by which names a mapping uses the columns of joined tables.

    Parameters
    ----------
    tables : sequence of (name, columns)
        Joined tables.
    first : sequence of str
        Columns of the first table; its names go before.

    Returns
    -------
    names : dict of str to (table, column)

    Examples
    --------
    >>> names = column_names([("a", ["id", "born"]), ("b", ["id", "sex"])], ["id"])
    >>> list(names)
    ['a.id', 'a.born', 'born', 'b.id', 'b.sex', 'sex']
    """
    count = Counter(column for _, columns in tables for column in columns)
    names: Names = {}
    for table, columns in tables:
        for column in columns:
            names[f"{table}.{column}"] = (table, column)
            if count[column] == 1 and column not in first:
                names[column] = (table, column)
    return {name: source for name, source in names.items() if name not in first}
