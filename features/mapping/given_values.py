"""What every row of a site's table gives to an outcome, and when that happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from features.checking.parse_cell import CellError
from features.field import FieldSpec
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.redcap_layout import SiteRow
from features.mapping.sharing import Given
from features.mapping.site_fields import way_taken
from features.mapping.site_values import is_missing


def given_values(
    how: FieldMapping,
    spec: FieldSpec,
    rows: Sequence[SiteRow],
    cells: Sequence[str],
    mapping: SiteMapping,
    *,
    record: str,
) -> list[Given]:
    """Collect what each row gives to an outcome.

    Parameters
    ----------
    how : FieldMapping
        What the mapping says of the field.
    spec : FieldSpec
        What the schema says of it.
    rows : sequence of SiteRow
        Infusions in the site's columns.
    cells : sequence of str
        Made of them, row by row.
    mapping : SiteMapping
        Of the site.
    record : str
        Column of the patient's identifier.

    Returns
    -------
    given : list of Given
        Row by row.
    """
    ways = how.alternatives or (how,)
    lead = next((way for way in ways if way.belongs_to), ways[0])
    own_day = _own_days(lead, rows)
    given = []
    for row, cell, own in zip(rows, cells, own_day, strict=True):
        way = way_taken(how, spec, row, numbers=mapping.numbers, missing=mapping.missing) if cell else lead
        time = _time(lead, row, mapping)
        timed = own and (way.days_since is not None or (spec.unit == "days" and way.subtract is not None))
        event = _number(cell) if timed else None
        given.append(
            Given(
                cell=cell,
                patient=row.cells[record],
                row=row.number,
                source=_source(way, row),
                time=time,
                event=_event_date(way, row, mapping) if not timed else _sum(time, event),
                dated=timed,
            )
        )
    return given


def _own_days(way: FieldMapping, rows: Sequence[SiteRow]) -> list[bool]:
    """Say whether the column that days are counted from is each row's own, and not one of the record."""
    column = way.days_since or way.subtract
    if column is None:
        return [False] * len(rows)
    sources = [row.source_of(column) for row in rows]
    count = Counter(sources)
    return [count[source] == 1 for source in sources]


def _source(way: FieldMapping, row: SiteRow) -> tuple[object, ...]:
    columns = way.columns or [column for rule in way.when for column in rule.condition.columns]
    return tuple(row.source_of(column) for column in columns)


def _time(way: FieldMapping, row: SiteRow, mapping: SiteMapping) -> float | None:
    """Give the day of the infusion on a scale of the patient: its date, or the days that are subtracted."""
    if way.days_since is None and way.subtract is not None:
        cell = row.cells[way.subtract]
        value = mapping.numbers.read(cell)
        return None if value is None else value * way.factor
    return _day(way, way.infusion_date, row, mapping)


def _event_date(way: FieldMapping, row: SiteRow, mapping: SiteMapping) -> float | None:
    return _day(way, way.event_date, row, mapping)


def _day(way: FieldMapping, column: str | None, row: SiteRow, mapping: SiteMapping) -> float | None:
    if column is None or is_missing(row.cells[column], mapping.missing, mapping.numbers):
        return None
    try:
        date = way.dates.date(row.cells[column])
    except CellError:
        return None
    return None if date is None else float(date.toordinal())


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _sum(time: float | None, days: float | None) -> float | None:
    return None if time is None or days is None else time + days
