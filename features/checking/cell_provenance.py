"""Where the cells of a mapped table come from, so that problems speak of the site's own table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.files.raw_table import RawTable
from features.problems import Problem
from features.short_repr import ShortRepr

Place = tuple[int, str]
"""Position of a row in its table, from 0, and a column."""


@dataclass(frozen=True, repr=False)
class Origin(ShortRepr):
    """What stands in the site's table behind the cells of a mapped one.

    Parameters
    ----------
    columns : mapping of str to str
        Field to the site's column.
    cells : mapping of Place to str
        What the site's cell says, where a conversion changed it.
    rows : mapping of Place to int
        Row of the site's cell, where it is another than the row's own.
    problems : tuple of Problem
        Found while mapping.
    failed : frozenset of Place
        Cells that those problems are about.
    hidden : frozenset of str
        Fields whose values no message repeats, since they are or hold the patient's identifier.
    dated : frozenset of str
        Fields that are made of dates.
    identifiers : frozenset of str
        Of patients in the site's table; no message repeats one.
    by_mapping_file : bool
        Whether problems may be mended in a mapping file; an export that needs none has no such file.

    Examples
    --------
    >>> origin = Origin({"creatinine_mg_dl": "crea"}, {(0, "creatinine_mg_dl"): "884.2"})
    >>> origin.column("creatinine_mg_dl"), origin.found(0, "creatinine_mg_dl", "10")
    ('creatinine_mg_dl (from crea)', '884.2, converted to 10')
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[Place, str] = field(default_factory=dict)
    rows: Mapping[Place, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    failed: frozenset[Place] = frozenset()
    hidden: frozenset[str] = frozenset({"patient_id"})
    dated: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    by_mapping_file: bool = True

    @property
    def mapped(self) -> bool:
        """Whether a mapping file made the table."""
        return bool(self.columns) and self.by_mapping_file

    def column(self, name: str) -> str:
        """Name a column as whoever brought the file knows it."""
        site = self.columns.get(name)
        return name if site in (None, name) else f"{name} (from {site})"

    def found(self, position: int, name: str, cell: str) -> str:
        """Show a cell as whoever brought the file knows it."""
        site = self.cells.get((position, name))
        return cell if site is None else f"{site}, converted to {cell}"

    def row(self, table: RawTable, position: int, name: str) -> int:
        """Give the row of a cell as whoever brought the file knows it."""
        return self.rows.get((position, name), table.row_numbers[position])
