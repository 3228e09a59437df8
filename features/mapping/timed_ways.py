"""Entries of a field that choose among the same rows: each row is read by the first that applies to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from features.checking.moments import Moment
from features.mapping.definition import FieldMapping
from features.mapping.linked_definition import LinkedTable, OverTime
from features.mapping.redcap_layout import SiteRow
from features.mapping.site_fields import field_text
from features.mapping.site_values import is_missing, matching_code
from features.mapping.timed_choice import Measurement
from features.schema import all_fields


def rule_of(way: FieldMapping) -> OverTime:
    """Give the rule of an entry that takes values over time."""
    return cast(OverTime, way.over_time)


def grouped_ways(ways: Iterable[FieldMapping]) -> list[list[FieldMapping]]:
    """Put together the entries of each field that choose among the same rows.

    Parameters
    ----------
    ways : iterable of FieldMapping
        Entries of one further table.

    Returns
    -------
    groups : list of list of FieldMapping
        In the order of their first entries.

    Examples
    --------
    >>> rule = OverTime("ldh_u_l.0", "labs", "LDH", "start", "last", low=-7, high=0)
    >>> ways = [FieldMapping("ldh_u_l", factor=factor, over_time=rule) for factor in (1.0, 60.0)]
    >>> [len(group) for group in grouped_ways([*ways, FieldMapping("crp_mg_l", over_time=rule)])]
    [2, 1]
    """
    groups: dict[tuple[object, ...], list[FieldMapping]] = {}
    for way in ways:
        groups.setdefault((way.field, *rule_of(way).choice), []).append(way)
    return list(groups.values())


def names_of(ways: Iterable[FieldMapping]) -> tuple[str, ...]:
    """Name the rows of a long table that entries read."""
    return tuple(dict.fromkeys(name for way in ways for name in rule_of(way).names))


def way_of(ways: Sequence[FieldMapping], table: LinkedTable, cells: Mapping[str, str]) -> int | None:
    """Find the first entry that applies to a row: its name and conditions fit, and its value is known.

    Parameters
    ----------
    ways : sequence of FieldMapping
        That choose among the same rows.
    table : LinkedTable
        Their further table.
    cells : mapping of str to str
        Of the row, by column.

    Returns
    -------
    index : int or None
        None where no entry applies.

    Raises
    ------
    CellError
        If a condition compares a number and the cell is none.
    """
    return next((index for index, way in enumerate(ways) if _applies(way, table, cells)), None)


def _applies(way: FieldMapping, table: LinkedTable, cells: Mapping[str, str]) -> bool:
    rule = rule_of(way)
    if table.named_by and cells[table.named_by].casefold() not in map(str.casefold, rule.names):
        return False
    if way.only_if and not way.only_if.holds(cells, missing=table.missing, numbers=table.numbers):
        return False
    if rule.value is None:
        return True
    cell = cells[rule.value]
    if not cell or is_missing(cell, (*table.missing, *way.missing), table.numbers):
        return False
    code = matching_code(cell, way.codes, table.numbers) if way.codes else None
    return code is None or (way.codes or {})[code] != ""


def converted(
    ways: Sequence[FieldMapping], table: LinkedTable, anchor: Moment, measurement: Measurement
) -> str:
    """Bring the value of a row into the schema's terms, as the entry says that reads it.

    Parameters
    ----------
    ways : sequence of FieldMapping
        That choose among the same rows.
    table : LinkedTable
        Their further table.
    anchor : Moment
        From which days are counted.
    measurement : Measurement
        The row.

    Returns
    -------
    cell : str

    Raises
    ------
    CellError
        If the mapping does not say what the cell means.
    """
    way = ways[measurement.way]
    rule = rule_of(way)
    if rule.is_day:
        return str(measurement.moment.day - anchor.day)
    column = rule.value or ""
    factor = measurement.factor if rule.unit_column else way.factor
    how = replace(way, over_time=None, only_if=None, columns=(column,), factor=factor)
    row = SiteRow(measurement.row, {column: measurement.cell})
    return field_text(how, all_fields()[way.field], row, numbers=table.numbers, missing=table.missing)
