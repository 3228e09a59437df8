"""Blank cells of named columns take the value above them: to the end of merged cells, within one patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from features.files.raw_table import RawTable
from features.mapping.linked_definition import LinkedTable
from features.problems import counted
from features.short_repr import ShortRepr


class _Known(NamedTuple):
    """The last value of a column."""

    cell: str
    row: int


@dataclass(repr=False)
class Filling(ShortRepr):
    """Fills the rows of a table, also of one that is read in parts.

    A workbook states which cells are merged: in a column that has such cells, only those are filled. In any
    other column a value is given to the rows below it up to the next value or the next patient.

    Parameters
    ----------
    record : str
        Column of the patient's identifier.
    columns : tuple of str
        Columns that are filled.
    groups : tuple of str
        Columns that are filled beyond the patient: headings of groups of rows.
    sources : dict of int to dict of str to int
        By row and column that was filled, the row of the value.
    counts : Counter
        Cells that were filled, by column.

    Examples
    --------
    >>> rows = (("a", "2"), ("", ""), ("b", ""))
    >>> filling = Filling("id", ("id", "ecog"))
    >>> filling.filled(RawTable("t.csv", "00", ("id", "ecog"), rows, (2, 3, 4))).rows
    (('a', '2'), ('a', '2'), ('b', ''))
    >>> filling.notes
    ['filled down: id 1 cell, ecog 1 cell']
    """

    record: str
    columns: tuple[str, ...]
    groups: tuple[str, ...] = ()
    sources: dict[int, dict[str, int]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _known: dict[str, _Known] = field(default_factory=dict)
    _patient: str = ""

    def filled(self, table: RawTable) -> RawTable:
        """Fill the rows of a table, or of its next part."""
        names = sorted(dict.fromkeys((*self.columns, *self.groups)), key=lambda name: name != self.record)
        if not names:
            return table
        begins = _merged_from(table)
        merged = {column for row in begins.values() for column in row}
        indices = {name: table.columns.index(name) for name in names}
        identifier = table.columns.index(self.record)
        rows = []
        for number, cells in zip(table.row_numbers, table.rows, strict=True):
            complete = list(cells)
            if self.record not in indices:
                self._follow(cells[identifier], merged)
            for name, index in indices.items():
                first = begins.get(number, {}).get(name)
                complete[index] = self._cell(name, number, cells[index], first, of_merged=name in merged)
                if name == self.record:
                    self._follow(complete[identifier], merged)
            rows.append(tuple(complete))
        return replace(table, rows=tuple(rows))

    def _cell(self, name: str, number: int, cell: str, first: int | None, *, of_merged: bool) -> str:
        """Give a cell its value: its own, or that of the row above it that counts for it."""
        if cell:
            self._known[name] = _Known(cell, number)
            return cell
        known = self._known.get(name)
        if known is None or (of_merged and known.row != first):
            return ""
        self.sources.setdefault(number, {})[name] = known.row
        self.counts[name] += 1
        return known.cell

    def _follow(self, patient: str, merged: Collection[str]) -> None:
        """Forget the values of a patient where another begins; merged cells state their own end."""
        if patient != self._patient:
            beyond = (self.record, *self.groups, *merged)
            self._known = {name: known for name, known in self._known.items() if name in beyond}
        self._patient = patient

    @property
    def notes(self) -> list[str]:
        """Count the cells that were filled, by column."""
        listed = [f"{name} {counted(count, 'cell')}" for name, count in self.counts.items()]
        return [f"filled down: {', '.join(listed)}"] if listed else []


def filling_of(linked: LinkedTable) -> Filling:
    """Fill the rows of a further table."""
    return Filling(linked.patient, linked.fill_down, linked.fill_down_groups)


def _merged_from(table: RawTable) -> dict[int, dict[str, int]]:
    """Give, by row and column, the first row of the merged cells that it is in."""
    begins: dict[int, dict[str, int]] = {}
    for cells in table.merged:
        if len(cells.columns) == 1:
            for row in range(cells.first_row, min(cells.last_row, table.row_numbers[-1]) + 1):
                begins.setdefault(row, {})[cells.columns[0]] = cells.first_row
    return begins
