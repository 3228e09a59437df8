"""Notes on conditions that hold in no row: the entry gives nothing, often by a misspelled code or unit."""

from __future__ import annotations

from collections.abc import Sequence

from features.checking.parse_cell import CellError
from features.mapping.definition import SiteMapping
from features.mapping.redcap_layout import SiteRow
from features.mapping.site_values import Condition


def unmet_notes(mapping: SiteMapping, rows: Sequence[SiteRow]) -> list[str]:
    """Name the entries whose `only_if` holds in no row.

    Parameters
    ----------
    mapping : SiteMapping
        Entries for values over time are counted elsewhere.
    rows : sequence of SiteRow
        Infusions, one or more.

    Returns
    -------
    notes : list of str
        One for each such entry.
    """
    return [
        f"{how.field}: only_if ({_written(way.only_if)}) holds in no row, so that entry gives no value"
        for how in mapping.fields
        for way in how.ways
        if way.only_if and not way.over_time and not _met(way.only_if, mapping, rows)
    ]


def _met(condition: Condition, mapping: SiteMapping, rows: Sequence[SiteRow]) -> bool:
    try:
        return any(
            condition.holds(row.cells, missing=mapping.missing, numbers=mapping.numbers) for row in rows
        )
    except CellError:  # It is reported as a problem of its cell.
        return True


def _written(condition: Condition) -> str:
    return ", ".join(
        f"{column} = {' or '.join(repr(code) if code else 'blank' for code in accepted)}"
        for column, accepted in condition.tests
    )
