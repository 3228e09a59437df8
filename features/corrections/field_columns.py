"""Which cells of a site's table a column of the schema is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.checking.cell_provenance import Origin
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.mapping.definition import FieldMapping, SiteMapping
from features.schema import all_fields
from features.short_repr import ShortRepr

RECORD = "record_id"
"""Column of a REDCap export that holds the patient's identifier."""


@dataclass(frozen=True)
class FieldColumns:
    """A column of the schema in the site's table.

    Parameters
    ----------
    field : str
        Column of the schema.
    columns : tuple of str
        The site's columns that it is made of.
    expected : str
        Which values are allowed, in the site's own writing where the mapping file defines it.
    """

    field: str
    columns: tuple[str, ...]
    expected: str


@dataclass(frozen=True, repr=False)
class TableColumns(ShortRepr):
    """Finds the site's columns behind the columns that problems and remarks name.

    Parameters
    ----------
    by_name : mapping of str to FieldColumns
        By the name of a column in a problem, and by the column of the schema.
    identifiers : frozenset of str
        The site's columns that hold identifiers of patients.
    """

    by_name: Mapping[str, FieldColumns]
    identifiers: frozenset[str]

    def of(self, column: str | None) -> FieldColumns | None:
        """Find a column; None where the table has none of that name."""
        return self.by_name.get(column or "")


def table_columns(table: RawTable, origin: Origin, mapping: SiteMapping | None = None) -> TableColumns:
    """Find where the columns of the schema are in a site's table.

    Parameters
    ----------
    table : RawTable
        In the site's columns.
    origin : Origin
        Where the columns of the schema come from.
    mapping : SiteMapping, optional
        By which they were made.

    Returns
    -------
    known_columns : TableColumns

    Examples
    --------
    >>> table = RawTable("c.csv", "00", ("patient_id", "ecog"), (("a", "7"),), (2,))
    >>> table_columns(table, Origin()).of("ecog")
    FieldColumns(field='ecog', columns=('ecog',), expected='a whole number, 0 to 4')
    """
    by_name: dict[str, FieldColumns] = {}
    fields = all_fields()
    for column in table.columns:
        spec = fields.get(column)
        by_name[column] = FieldColumns(column, (column,), spec.allowed if spec else "a column of the schema")
    for name, site in origin.columns.items():
        how = _made(mapping, name)
        columns = tuple(each for each in (how.used if how else (site,)) if each in table.columns)
        made_of = FieldColumns(name, columns, _expected(how, fields[name]))
        names = (name, origin.column(name), *(f"{name} (from {each})" for each in columns))
        by_name.update(dict.fromkeys(names, made_of))
        # A problem of one of several columns is about that column.
        by_name.update({f"{name} (from {each})": _only(made_of, each) for each in columns})
    return TableColumns(by_name, identifying_columns(table, mapping))


def identifying_columns(table: RawTable, mapping: SiteMapping | None = None) -> frozenset[str]:
    """Name the site's columns that say whose row it is.

    Parameters
    ----------
    table : RawTable
        In the site's columns.
    mapping : SiteMapping, optional
        Of the site.

    Returns
    -------
    columns : frozenset of str
        Those of the table; without a mapping, the identifiers of the schema and of REDCap.

    Examples
    --------
    >>> identifying_columns(RawTable("c.csv", "00", ("patient_id", "ecog"), (("a", "7"),), (2,)))
    frozenset({'patient_id'})
    """
    named = ("patient_id", RECORD) if mapping is None else (mapping.record,)
    return frozenset(named).intersection(table.columns)


def _made(mapping: SiteMapping | None, name: str) -> FieldMapping | None:
    return next((how for how in mapping.fields if how.field == name), None) if mapping else None


def _only(made_of: FieldColumns, column: str) -> FieldColumns:
    return FieldColumns(made_of.field, (column,), made_of.expected)


def _expected(how: FieldMapping | None, spec: FieldSpec) -> str:
    """Say what is allowed; dates and codes as the site writes them."""
    if how is not None and how.codes:
        return f"one of {', '.join(how.codes)}"
    if how is not None and how.dated:
        return f"a date written {how.dates.shown}; {spec.title}: {spec.allowed}"
    converted = how is not None and (how.factor, how.offset) != (1.0, 0.0)
    return f"{spec.allowed}, after conversion of the unit" if converted else spec.allowed
