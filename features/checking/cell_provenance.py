"""Where the cells of a mapped table come from, so that problems speak of the site's own table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.files.raw_table import RawTable
from features.problems import Problem
from features.short_repr import ShortRepr

CellKey = tuple[int, str]
"""Position of a row in its table, from 0, and a column."""


@dataclass(frozen=True, repr=False)
class Origin(ShortRepr):
    """The site's cells behind the cells of a mapped table.

    Parameters
    ----------
    columns : mapping of str to str
        Field to the site's column.
    cells : mapping of CellKey to str
        The site's cell, where a conversion changed it.
    rows : mapping of CellKey to int
        Row of the site's cell, where it differs from the row of the infusion.
    problems : tuple of Problem
        Of the mapping.
    failed : frozenset of CellKey
        Cells that those problems are about.
    hidden : frozenset of str
        Fields whose values no message repeats, since they are or hold the patient's identifier.
    dated : frozenset of str
        Fields that are made of dates.
    identifiers : frozenset of str
        Of patients in the site's table; no message repeats one.
    by_mapping_file : bool
        Whether problems can be fixed in a mapping file; an export that needs none has no such file.

    Examples
    --------
    >>> origin = Origin({"creatinine_mg_dl": "crea"}, {(0, "creatinine_mg_dl"): "884.2"})
    >>> origin.column("creatinine_mg_dl"), origin.cell_text(0, "creatinine_mg_dl", "10")
    ('creatinine_mg_dl (from crea)', '884.2, converted to 10')
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[CellKey, str] = field(default_factory=dict)
    rows: Mapping[CellKey, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    failed: frozenset[CellKey] = frozenset()
    hidden: frozenset[str] = frozenset({"patient_id"})
    dated: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    by_mapping_file: bool = True

    @property
    def mapped(self) -> bool:
        """Whether a mapping file made the table."""
        return bool(self.columns) and self.by_mapping_file

    def column(self, name: str) -> str:
        """Name a column as the site's table names it."""
        site = self.columns.get(name)
        return name if site in (None, name) else f"{name} (from {site})"

    def cell_text(self, position: int, name: str, cell: str) -> str:
        """Show a cell as the site's table has it."""
        site = self.cells.get((position, name))
        return cell if site is None else f"{site}, converted to {cell}"

    def row(self, table: RawTable, position: int, name: str) -> int:
        """Give the row of a cell in the site's table."""
        return self.rows.get((position, name), table.row_numbers[position])
