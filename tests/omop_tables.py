"""Tables of an OMOP database for tests: rows are collected, then written by any dialect."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from training.omop.cdm_tables import EVENT_TABLES

Row = dict[str, Any]


@dataclass
class OmopRows:
    """Rows of each table, and the cohort that they must give.

    Attributes
    ----------
    tables : dict of str to list of dict
        Rows by table.
    truth : list of dict
        Cells of the cohort.
    """

    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    truth: list[Row] = field(default_factory=list)

    def add(self, table: str, **cells: Any) -> None:
        self.tables[table].append({**dict.fromkeys(COLUMNS[table]), **cells})

    def event(self, table: str, person: int, day: datetime.date, concept: int, **cells: Any) -> None:
        names = EVENT_TABLES[table].columns
        hour = cells.pop("hour", None)
        time = None if hour is None else datetime.datetime.combine(day, datetime.time(hour))
        known = {names[role]: cell for role, cell in cells.items()}
        dated = {names["date"]: day, names["time"]: time, names["concept"]: concept}
        self.add(table, person_id=person, **dated, **known)


COLUMNS: Mapping[str, Sequence[str]] = {
    **{name: ("person_id", *table.columns.values()) for name, table in EVENT_TABLES.items()},
    "person": ("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth"),
    "death": ("person_id", "death_date"),
    "observation_period": ("person_id", "observation_period_start_date", "observation_period_end_date"),
    "concept": ("concept_id", "vocabulary_id", "concept_code"),
    "concept_ancestor": ("ancestor_concept_id", "descendant_concept_id"),
}


VOCABULARY = ("concept", "concept_ancestor")


def written(
    rows: OmopRows, engine: sa.Engine, schema: str | None = None, *, without: Sequence[str] = ()
) -> None:
    """Create the tables and write the rows, as an ETL does."""
    metadata = sa.MetaData(schema=schema)
    tables = {
        name: sa.Table(name, metadata, *(sa.Column(column, _type(column)) for column in columns))
        for name, columns in COLUMNS.items()
        if name not in without
    }
    with engine.begin() as connection:
        if schema:
            connection.execute(sa.schema.CreateSchema(schema))
        for name, table in tables.items():
            connection.execute(sa.schema.CreateTable(table))
            if rows.tables[name]:
                connection.execute(sa.insert(table), rows.tables[name])


def _type(column: str) -> Any:
    if column.endswith("_datetime"):
        return sa.DateTime()
    if column.endswith("_date"):
        return sa.Date()
    if column in ("value_as_number", "quantity"):
        return sa.Float(53)
    text = ("source_value", "code", "vocabulary_id", "_string")
    return sa.String(60) if column.endswith(text) else sa.BigInteger()
