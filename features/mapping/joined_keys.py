"""By which patient, date or number a row of a joined table belongs to a row of the first table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.mapping.date_rules import DateRules
from features.mapping.definition import SiteMapping
from features.mapping.linked_definition import LinkedTable
from features.mapping.number_format import NumberFormat
from features.mapping.site_values import is_missing

Key = tuple[str | float, ...]


@dataclass(frozen=True)
class KeyRules:
    """How the columns of a key are read in one of the two tables.

    Parameters
    ----------
    columns : tuple of (column, is_date)
        The patient's first.
    dates : DateRules
    numbers : NumberFormat
    missing : tuple of str

    Examples
    --------
    >>> rules = KeyRules((("id", False), ("given", True)), DateRules(("DD.MM.YYYY",)))
    >>> rules.key({"id": "a", "given": "02.01.2021"}) == rules.key({"id": "a", "given": "2021-01-02 11:00"})
    True
    >>> rules.key({"id": "a", "given": ""}) is None
    True
    """

    columns: tuple[tuple[str, bool], ...]
    dates: DateRules = DateRules()
    numbers: NumberFormat = NumberFormat()
    missing: tuple[str, ...] = ()

    def key(self, cells: Mapping[str, str]) -> Key | None:
        """Read the key of a row; None where one of its parts is unknown.

        Raises
        ------
        CellError
            If a date cannot be read.
        """
        patient = cells[self.columns[0][0]]
        parts = [self._part(cells[column], column, dated) for column, dated in self.columns[1:]]
        known = [part for part in parts if part is not None]
        return (patient, *known) if patient and len(known) == len(parts) else None

    def _part(self, cell: str, column: str, dated: bool) -> str | float | None:
        if is_missing(cell, self.missing, self.numbers):
            return None
        if dated:
            date = self.dates.required_date(cell, column)
            return None if date is None else float(date.toordinal())
        number = self.numbers.read(cell)
        return cell if number is None else number


def key_rules(linked: LinkedTable, mapping: SiteMapping) -> tuple[KeyRules, KeyRules]:
    """Say how the key is read in a joined table, and in the first table.

    Parameters
    ----------
    linked : LinkedTable
        With `join`.
    mapping : SiteMapping
        Of the site. A column that it reads as a date anywhere is one in the key.

    Returns
    -------
    own, first : KeyRules
    """
    dated = {mapping.infusion_date, *(column for how in mapping.fields for column in how.date_columns)}
    dated |= {column for how in mapping.fields for way in how.ways for column in way.date_columns}
    pairs = sorted(linked.join, key=lambda pair: pair[0] != linked.patient)
    own = tuple((column, first in dated) for column, first in pairs)
    of_first = tuple((first, first in dated) for _, first in pairs)
    return (
        KeyRules(own, linked.dates, linked.numbers, linked.missing),
        KeyRules(of_first, mapping.dates, mapping.numbers, mapping.missing),
    )
