"""Codes for a missing value that a REDCap project may use: read as unknown, and reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from features.files.raw_table import RawTable
from features.problems import counted
from features.schema import all_fields

OF_REDCAP = ("NI", "INV", "UNK", "NASK", "ASKU", "NAV", "MSK", "NA", "NAVU", "NP")
"""Those that REDCap proposes and that mean that nothing is known."""

NEGATIVE = ("-7", "-8", "-9", "-77", "-88", "-99", "-777", "-888", "-999", "-7777", "-8888", "-9999")
"""Numbers that are in use for it; no value of the schema is below zero."""

MISSING_CODES = frozenset([*OF_REDCAP, *NEGATIVE])


def without_missing_codes(table: RawTable, *, kept: Collection[str]) -> tuple[RawTable, list[str]]:
    """Blank the cells that hold a missing code.

    Parameters
    ----------
    table : RawTable
        A raw export.
    kept : collection of str
        Columns of names, that may hold any text.

    Returns
    -------
    table : RawTable
        The same with blank cells; columns that the schema does not have stay as they are.
    notes : list of str
        How many cells held which code.

    Examples
    --------
    >>> table = RawTable("e.csv", "00", ("record_id", "ecog"), (("1", "-99"), ("2", "2")), (2, 3))
    >>> cleaned, notes = without_missing_codes(table, kept=("record_id",))
    >>> cleaned.rows, notes
    ((('1', ''), ('2', '2')), ['missing codes read as unknown: -99 in 1 cell'])
    """
    coded = [name in all_fields() and name not in kept for name in table.columns]
    counts: Counter[str] = Counter()
    rows = []
    for cells in table.rows:
        codes = [is_coded and cell in MISSING_CODES for cell, is_coded in zip(cells, coded, strict=True)]
        counts.update(cell for cell, is_code in zip(cells, codes, strict=True) if is_code)
        rows.append(tuple("" if code else cell for cell, code in zip(cells, codes, strict=True)))
    counted_codes = ", ".join(f"{code} in {counted(count, 'cell')}" for code, count in sorted(counts.items()))
    notes = [f"missing codes read as unknown: {counted_codes}"] if counted_codes else []
    return replace(table, rows=tuple(rows)), notes
