"""Drafts of joined tables: further tables with one row for each patient, or for each infusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.drafting.headings import name_matches
from features.drafting.over_time import has_values_over_time, likely
from features.drafting.repeats import FurtherTable
from features.drafting.toml_text import inline, key, quoted
from features.files.raw_table import RawTable
from features.mapping.joined_sources import column_names
from features.short_repr import ShortRepr

MOST = 0.5
"""Share of the rows of a further table from which on its keys are those of the first table."""


@dataclass(frozen=True, repr=False)
class Joined(ShortRepr):
    """A further table whose rows belong to those of the first by their keys.

    Parameters
    ----------
    further : FurtherTable
    columns : tuple of (own, first)
        The patient's first, then a number or a date of the infusion where a patient has several rows.
    n_known : int
        Rows of the first table that have one here.
    """

    further: FurtherTable
    columns: tuple[tuple[str, str], ...]
    n_known: int

    @property
    def others(self) -> tuple[str, ...]:
        """Its columns but those of the key."""
        own = {column for column, _ in self.columns}
        return tuple(column for column in self.further.table.columns if column not in own)


def joined_tables(first: RawTable, patient: str, further: Sequence[FurtherTable]) -> list[Joined]:
    """Find the further tables that have one row a patient or an infusion, and by which columns.

    Parameters
    ----------
    first : RawTable
        With the infusions.
    patient : str
        Its column of patients.
    further : sequence of FurtherTable

    Returns
    -------
    joined : list of Joined
        Without tables of values over time, as those of a laboratory, and those without a known heading.

    Examples
    --------
    >>> first = RawTable("t", "", ("id", "crs"), (("a", "1"), ("b", "2")), (2, 3))
    >>> sheet = RawTable("s", "", ("code", "sex"), (("b", "f"), ("a", "m")), (2, 3))
    >>> [each.columns for each in joined_tables(first, "id", [FurtherTable("s", 'sheet = "s"', sheet)])]
    [(('code', 'id'),)]
    """
    candidates = (_joined(first, patient, each) for each in further)
    return [each for each in candidates if each is not None]


def _joined(first: RawTable, patient: str, further: FurtherTable) -> Joined | None:
    table = further.table
    patients = set(first.column(patient)) - {""}
    overlap = {name: len(patients.intersection(table.column(name))) for name in table.columns}
    own = max(overlap, key=lambda name: overlap[name])
    known = any(likely(name_matches(name)) for name in table.columns if name != own)
    if has_values_over_time(table, first.columns) or not known:
        return None
    shared = [name for name in table.columns if name in first.columns and name not in (own, patient)]
    for columns in (((own, patient),), *(((own, patient), (name, name)) for name in shared)):
        n_known = _known(first, table, columns)
        if n_known:
            return Joined(further, columns, n_known)
    return None


def _known(first: RawTable, table: RawTable, columns: Sequence[tuple[str, str]]) -> int:
    """Count the rows of the first table that have one; 0 unless most of the others are known and single."""
    own = [cells for cells in zip(*(table.column(name) for name, _ in columns), strict=True) if all(cells)]
    of_first = list(zip(*(first.column(name) for _, name in columns), strict=True))
    is_key = len(set(own)) == len(own) and len(set(own) & set(of_first)) > MOST * len(table.rows)
    return sum(cells in set(own) for cells in of_first) if is_key else 0


def with_joined(first: RawTable, tables: Sequence[Joined]) -> RawTable:
    """Add the columns of joined tables to the first, by the names that a mapping uses.

    Parameters
    ----------
    first : RawTable
    tables : sequence of Joined

    Returns
    -------
    table : RawTable
        Cells of rows without one are blank.
    """
    sources = column_names([(each.further.name, each.others) for each in tables], first.columns)
    names = {source: name for name, source in sources.items()}
    wide = first
    for each in tables:
        rows = _rows_by_key(each)
        blank = ("",) * len(each.others)
        keys = zip(*(first.column(name) for _, name in each.columns), strict=True)
        cells = [rows.get(tuple(at), blank) for at in keys]
        wide = replace(
            wide,
            columns=(*wide.columns, *(names[each.further.name, column] for column in each.others)),
            rows=tuple((*row, *added) for row, added in zip(wide.rows, cells, strict=True)),
        )
    return wide


def _rows_by_key(joined: Joined) -> dict[tuple[str, ...], tuple[str, ...]]:
    table = joined.further.table
    own = zip(*(table.column(name) for name, _ in joined.columns), strict=True)
    if not joined.others:
        return {tuple(cells): () for cells in own}
    others = zip(*(table.column(name) for name in joined.others), strict=True)
    return {tuple(cells): tuple(row) for cells, row in zip(own, others, strict=True)}


def joined_lines(tables: Sequence[Joined], n_rows: int, check: str) -> list[str]:
    """Write the parts of joined tables.

    Parameters
    ----------
    tables : sequence of Joined
    n_rows : int
        Of the first table.
    check : str
        Mark of what a person confirms.

    Returns
    -------
    lines : list of str
    """
    lines: list[str] = []
    for each in tables:
        join = inline([(own, quoted(first)) for own, first in each.columns])
        lines += [
            f"[tables.{key(each.further.name)}]",
            each.further.source,
            *each.further.settings,
            f"join = {join}  {check} it has a row for {each.n_known} of {n_rows} rows",
            f"ignore_others = true  {check} are its other columns without use?",
            "",
        ]
    return lines
