"""Keys by which a line of a list is matched to one cell of a table, without showing the cell."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from features.files.raw_table import RawTable
from features.short_repr import ShortRepr

PREFIX = "k"
"""A key starts with a letter: a spreadsheet would read digits with an e among them as a number."""


@dataclass(frozen=True, repr=False)
class CellKeys(ShortRepr):
    """Makes the keys of the cells of a table.

    Parameters
    ----------
    table : RawTable
        In the site's columns.
    identifiers : collection of str
        Columns that say whose row it is.
    secret : str
        Digest of the file that the list was made of: without it, a key says nothing about a value.

    Examples
    --------
    >>> table = RawTable("c.csv", "00", ("patient_id", "ecog"), (("a", "7"), ("b", "1")), (2, 3))
    >>> keys = CellKeys(table, ("patient_id",), secret="00")
    >>> keys.cell(2, "ecog"), keys.row(3) != keys.row(2), keys.value(9, "ecog") is None
    ('kabf0fcf1aee664eb', True, True)
    """

    table: RawTable
    identifiers: Collection[str]
    secret: str
    _positions: dict[int, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._positions.update({row: at for at, row in enumerate(self.table.row_numbers)})

    def value(self, row: int, column: str) -> str | None:
        """Give the text of a cell; None where the table has no such cell."""
        if row not in self._positions or column not in self.table.columns:
            return None
        return self.table.rows[self._positions[row]][self.table.columns.index(column)]

    def position(self, row: int) -> int | None:
        """Give the position of a row in the table; None where there is none of that number."""
        return self._positions.get(row)

    def cell(self, row: int, column: str) -> str:
        """Give the key of a cell and its value."""
        return self._digest("cell", column, self.value(row, column) or "")

    def row(self, row: int) -> str:
        """Give the key of the patient whose row it is."""
        return self._digest("row", *(self.value(row, column) or "" for column in sorted(self.identifiers)))

    def _digest(self, *parts: str) -> str:
        content = "\0".join(parts).encode("utf-8", "surrogatepass")
        secret = hashlib.sha256(self.secret.encode()).digest()
        return PREFIX + hashlib.blake2b(content, key=secret, digest_size=8).hexdigest()
