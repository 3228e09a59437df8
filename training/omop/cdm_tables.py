"""Tables of the OMOP Common Data Model 5.4 that a recipe may read, and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import sqlalchemy as sa


@dataclass(frozen=True)
class EventTable:
    """Names of the columns of a table that has one row for each event of a person.

    Parameters
    ----------
    concept, source_concept, source_value : str
        What happened: standard concept, concept of the source, and the source's own text.
    date, time : str
        When: the date, and date and time where they are known.
    number, operator, value_text : str
        A value, ``<`` or ``>`` as a concept, and the value as the source wrote it; empty if there is none.
    unit, unit_text : str
        Unit as a concept, and as the source wrote it; empty if there is none.
    answer : str
        An answer as a concept, such as positive; empty if there is none.

    References
    ----------
    OHDSI/CommonDataModel, inst/csv/OMOP_CDMv5.4_Field_Level.csv.
    """

    concept: str
    source_concept: str
    source_value: str
    date: str
    time: str
    number: str = ""
    operator: str = ""
    value_text: str = ""
    unit: str = ""
    unit_text: str = ""
    answer: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """Column of the database by its role, only those that the table has."""
        names = {each.name: getattr(self, each.name) for each in fields(self)}
        return {role: name for role, name in names.items() if name}


def _events(stem: str, *, date: str = "start_date", prefix: str = "", **others: str) -> EventTable:
    """Name the columns as most tables of the model do."""
    start = f"{prefix or stem}_{date}"
    return EventTable(
        concept=f"{stem}_concept_id",
        source_concept=f"{stem}_source_concept_id",
        source_value=f"{stem}_source_value",
        date=start,
        time=f"{start}time",
        **others,
    )


EVENT_TABLES: Mapping[str, EventTable] = {
    "condition_occurrence": _events("condition"),
    "device_exposure": _events("device", prefix="device_exposure", number="quantity"),
    "drug_exposure": _events(
        "drug", prefix="drug_exposure", number="quantity", unit_text="dose_unit_source_value"
    ),
    "episode": _events("episode", number="episode_number"),
    "measurement": _events(
        "measurement",
        date="date",
        number="value_as_number",
        operator="operator_concept_id",
        value_text="value_source_value",
        unit="unit_concept_id",
        unit_text="unit_source_value",
        answer="value_as_concept_id",
    ),
    "observation": _events(
        "observation",
        date="date",
        number="value_as_number",
        value_text="value_as_string",
        unit="unit_concept_id",
        unit_text="unit_source_value",
        answer="value_as_concept_id",
    ),
    "procedure_occurrence": _events("procedure", date="date", number="quantity"),
}
"""Tables of events, by name."""

PERSON = ("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth")
DEATH = ("person_id", "death_date")
OBSERVATION_PERIOD = ("person_id", "observation_period_start_date", "observation_period_end_date")
CONCEPT = ("concept_id", "vocabulary_id", "concept_code")
CONCEPT_ANCESTOR = ("ancestor_concept_id", "descendant_concept_id")


def cdm_table(name: str, columns: tuple[str, ...], schema: str | None) -> sa.TableClause:
    """Describe a table for a query.

    Parameters
    ----------
    name : str
        As the model names it.
    columns : tuple of str
        Those that the query needs.
    schema : str, optional
        Schema of the database that has the table.

    Returns
    -------
    table : TableClause

    Examples
    --------
    >>> str(cdm_table("death", DEATH, "cdm")), cdm_table("death", DEATH, None).c.keys()
    ('cdm.death', ['person_id', 'death_date'])
    """
    # A name with a point, as database.schema, is two names; the recipe allows no other characters in it.
    stated = sa.quoted_name(schema, quote=False) if schema and "." in schema else schema
    return sa.table(name, *map(sa.column, columns), schema=stated)
