"""Cells of a joined table are written as the first table writes its own, so that one rule reads both."""

from __future__ import annotations

from features.checking.parse_cell import CellError
from features.files.stored_numbers import StoredNumber
from features.mapping.definition import SiteMapping
from features.mapping.linked_definition import LinkedTable
from features.mapping.site_values import is_missing


class CellWriter:
    """Writes the cells of a joined table.

    Parameters
    ----------
    linked : LinkedTable
        How they are written there.
    mapping : SiteMapping
        How the first table is written.

    Examples
    --------
    >>> from features.mapping.date_rules import DateRules
    >>> from features.mapping.definition import FieldMapping
    >>> fields = (FieldMapping("age_years", columns=("day",), years_since="born"),)
    >>> linked = LinkedTable("facts", "id", "", dates=DateRules(("DD.MM.YYYY",)), missing=("-99",))
    >>> writer = CellWriter(linked, SiteMapping("site.toml", fields))
    >>> writer.written("05.03.1990", "born"), writer.written("-99", "lines")
    ('1990-03-05', '')
    """

    def __init__(self, linked: LinkedTable, mapping: SiteMapping) -> None:
        self._linked = linked
        self._dated = {column for how in mapping.fields for way in how.ways for column in way.date_columns}
        self._dated.add(mapping.infusion_date or "")
        self._other_dates = linked.dates != mapping.dates
        self._other_numbers = linked.numbers != mapping.numbers
        self._other_missing = linked.missing != mapping.missing

    def written(self, cell: str, name: str) -> str:
        """Write a cell of the column that the mapping uses by a name."""
        linked = self._linked
        if self._other_missing and is_missing(cell, linked.missing, linked.numbers):
            return ""
        if name in self._dated:
            return self._date(cell) if self._other_dates else cell
        return self._number(cell) if self._other_numbers else cell

    def _date(self, cell: str) -> str:
        """Write a date as year, month and day; what is none stays, and is reported where it is used."""
        try:
            date = self._linked.dates.date(cell)
        except CellError:
            return cell
        return cell if date is None else date.isoformat()

    def _number(self, cell: str) -> str:
        numbers = self._linked.numbers
        if isinstance(cell, StoredNumber) or numbers.read(cell) is None:
            return cell
        plain = cell.replace(numbers.thousands, "") if numbers.thousands else cell
        return StoredNumber(plain.replace(numbers.decimal, "."))
