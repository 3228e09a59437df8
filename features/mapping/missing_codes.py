"""Codes for a missing value that one entry states of a column hold where another uses its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from features.mapping.definition import FieldMapping
from features.mapping.site_values import ANY


def with_missing_codes(fields: Iterable[FieldMapping]) -> tuple[FieldMapping, ...]:
    """Let entries know the missing codes of the columns that they divide by, multiply by or subtract.

    Parameters
    ----------
    fields : iterable of FieldMapping
        Of a mapping file.

    Returns
    -------
    fields : tuple of FieldMapping
        In their order. A code that means unknown counts as a missing code.

    Examples
    --------
    >>> weight = FieldMapping("weight_kg", columns=("weight",), missing=("999",), codes={"n.d.": ""})
    >>> dose = FieldMapping("dose_1e6_per_kg", columns=("cells",), divide_by="weight")
    >>> with_missing_codes([dose, weight])[0].missing_in
    {'weight': ('999', 'n.d.')}
    """
    fields = tuple(fields)
    codes: dict[str, tuple[str, ...]] = {}
    for way in (way for how in fields for way in how.ways if not way.over_time):
        for column in way.columns:
            codes[column] = (*codes.get(column, ()), *way.missing, *_unknown(way))
    return tuple(_informed(how, codes) for how in fields)


def _unknown(way: FieldMapping) -> list[str]:
    return [code for code, value in (way.codes or {}).items() if value == "" and code not in ("", ANY)]


def _informed(how: FieldMapping, codes: Mapping[str, tuple[str, ...]]) -> FieldMapping:
    missing = {column: codes[column] for column in how.number_columns if codes.get(column)}
    return replace(
        how, missing_in=missing or None, alternatives=tuple(_informed(way, codes) for way in how.alternatives)
    )
