"""On which day each infusion of a site's table was given, to compare early infusions with late ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from features.checking.parse_cell import CellError
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.redcap_layout import SiteRow
from features.schema import all_fields


def infusion_days(mapping: SiteMapping, rows: Sequence[SiteRow]) -> tuple[float, ...]:
    """Read the dates of the infusions.

    Parameters
    ----------
    mapping : SiteMapping
        Of the site. The date is the column from which most days of the follow-up are counted.
    rows : sequence of SiteRow
        Infusions in the site's columns.

    Returns
    -------
    days : tuple of float
        One for each row, on the scale of `date.toordinal`, NaN where unknown; empty where the mapping counts
        from no date. They are compared with each other and never written.
    """
    ways = [way for how in mapping.fields for way in (how.alternatives or (how,)) if _from_infusion(way)]
    if not ways:
        return ()
    column = Counter(way.days_since for way in ways).most_common(1)[0][0]
    how = next(way for way in ways if way.days_since == column)
    return tuple(_day(how, row.cells[column or ""]) for row in rows)


def _from_infusion(way: FieldMapping) -> bool:
    return way.days_since is not None and all_fields()[way.field].known_when == "follow_up"


def _day(how: FieldMapping, cell: str) -> float:
    try:
        date = how.dates.date(cell)
    except CellError:
        return float("nan")
    return float(date.toordinal()) if date else float("nan")
