"""Values of a REDCap export that become part of no infusion: counted by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from features.mapping.blank_forms import Cells, is_answer
from features.problems import counted


def ignored_notes(rows: Collection[Cells], *, used: Collection[str], kept: Collection[str]) -> list[str]:
    """Count what the ignored rows of an export hold.

    Parameters
    ----------
    rows : collection of mapping of str to str
        Cells of the ignored rows by column.
    used : collection of str
        Columns that the mapping uses.
    kept : collection of str
        Columns that say what a row is, and whose.

    Returns
    -------
    notes : list of str
        The number of rows; then values in columns that the mapping uses for other rows; then the others.

    Examples
    --------
    >>> rows = [{"id": "1", "ldh": "250", "note": "x"}, {"id": "1", "ldh": "900", "note": ""}]
    >>> print(*ignored_notes(rows, used=["id", "ldh"], kept=["id"]), sep="; ")
    2 rows of ignored instruments or events left out; values in them, of columns that the mapping uses for \
other rows: ldh 2; values in them, of other columns: note 1
    """
    if not rows:
        return []
    values = Counter(
        column
        for cells in rows
        for column, cell in cells.items()
        if column not in kept and is_answer(column, cell)
    )
    notes = [f"{counted(len(rows), 'row')} of ignored instruments or events left out"]
    for title, columns in (
        ("of columns that the mapping uses for other rows", [name for name in values if name in used]),
        ("of other columns", [name for name in values if name not in used]),
    ):
        if columns:
            notes.append(f"values in them, {title}: {_listed(values, columns)}")
    return notes


def unused_note(column: str, cells: Iterable[str], where: str) -> list[str]:
    """Count the values of a column in rows that the mapping does not take it from."""
    count = sum(bool(cell) for cell in cells)
    return [f"{column}: {counted(count, 'value')} {where} left out"] if count else []


def _listed(values: Counter[str], columns: Iterable[str]) -> str:
    return ", ".join(f"{column} {values[column]}" for column in columns)
