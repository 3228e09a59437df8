"""What an OMOP database knows of persons: birth, sex, death and the end of observation."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.short_repr import ShortRepr
from training.omop.cdm_tables import DEATH, OBSERVATION_PERIOD, PERSON, cdm_table
from training.omop.database import Database
from training.omop.recipe import Birth
from training.omop.records import day_of, unreadable
from training.omop.vocabulary import parts

Period = tuple[datetime.date, datetime.date]


@dataclass(frozen=True, repr=False)
class Person(ShortRepr):
    """One person.

    Parameters
    ----------
    gender : str
        ``gender_concept_id``.
    birth : date, optional
        Of birth.
    death : date, optional
        Of death.
    periods : tuple of (date, date)
        First and last days of observation.
    """

    gender: str
    birth: datetime.date | None
    death: datetime.date | None
    periods: tuple[Period, ...]

    def last_contact(self, day: datetime.date) -> datetime.date | None:
        """Give the last day of what is known of a person who had an infusion on a day.

        The day of death, where there is one; otherwise the end of the period of observation that has the
        infusion. None where no period has it.

        Examples
        --------
        >>> day = datetime.date(2021, 3, 4)
        >>> seen, again = datetime.date(2022, 1, 1), datetime.date(2023, 1, 1)
        >>> Person("", None, None, ((day, seen), (again, again))).last_contact(day)
        datetime.date(2022, 1, 1)
        """
        if self.death is not None:
            return self.death
        return max((last for first, last in self.periods if first <= day <= last), default=None)


UNKNOWN = Person("", None, None, ())
"""A person of whom the database has no row."""


@dataclass(frozen=True)
class Persons:
    """Persons of a database, and what was noticed.

    Parameters
    ----------
    known : mapping of int to Person
        By ``person_id``.
    notes : tuple of str
        What was decided.
    """

    known: Mapping[int, Person]
    notes: tuple[str, ...]


def read_persons(database: Database, persons: Iterable[int], *, schema: str | None, birth: Birth) -> Persons:
    """Read what is known of persons.

    Parameters
    ----------
    database : Database
        With the tables ``person``, ``death`` and ``observation_period``.
    persons : iterable of int
        Whom.
    schema : str, optional
        Schema that has the tables.
    birth : Birth
        What an unknown day or month of birth becomes.

    Returns
    -------
    persons : Persons

    Raises
    ------
    DataError
        If a table cannot be read, a day of birth is unknown and the recipe does not say what it becomes, or a
        person has two dates of death.
    """
    try:
        return _persons(database, sorted(set(persons)), schema, birth)
    except DataError:
        raise
    except ValueError:
        tables = "person, death or observation_period"
        raise unreadable(tables, database.name) from None


def _persons(database: Database, wanted: Sequence[int], schema: str | None, birth: Birth) -> Persons:
    rows = _rows(database, cdm_table("person", PERSON, schema), wanted)
    deaths = _grouped(_rows(database, cdm_table("death", DEATH, schema), wanted))
    periods = _grouped(_rows(database, cdm_table("observation_period", OBSERVATION_PERIOD, schema), wanted))
    partial = [row for row in rows if row[2] is not None and None in row[3:5]]
    _refuse(database.name, partial if birth == "exact" else [], deaths)
    known = {
        int(row[0]): Person(
            gender=str(row[1] or ""),
            birth=_birth(row),
            death=min((day_of(each[1]) for each in deaths.get(int(row[0]), ())), default=None),
            periods=tuple((day_of(each[1]), day_of(each[2])) for each in periods.get(int(row[0]), ())),
        )
        for row in rows
    }
    notes = [f"{counted(len(partial), 'date')} of birth without day or month: the middle was taken"]
    return Persons(known, tuple(notes if partial else ()))


def _rows(database: Database, table: sa.TableClause, persons: Sequence[int]) -> list[Sequence[Any]]:
    query = sa.select(table)
    rows: list[Sequence[Any]] = []
    for part in parts(persons):
        rows += database.rows(query.where(table.c.person_id.in_(part)), table.name)
    return rows


def _grouped(rows: Iterable[Sequence[Any]]) -> dict[int, list[Sequence[Any]]]:
    groups: dict[int, list[Sequence[Any]]] = {}
    for row in rows:
        groups.setdefault(int(row[0]), []).append(row)
    return groups


def _refuse(
    name: str, partial: Sequence[Sequence[Any]], deaths: Mapping[int, Sequence[Sequence[Any]]]
) -> None:
    several = [rows for rows in deaths.values() if len({day_of(row[1]) for row in rows}) > 1]
    problems = []
    if partial:
        rule = f"is unknown for {counted(len(partial), 'person')}"
        fix = plain('set birth = "middle" under [person] of the recipe to take the middle of month or year')
        problems.append(Problem(Code.WRONG_DATE, rule, "day_of_birth or month_of_birth", advice=fix))
    if several:
        rule = f"has two dates for {counted(len(several), 'person')}"
        problems.append(Problem(Code.WRONG_DATE, rule, "death", advice=plain("correct the database")))
    if problems:
        raise DataError(problems, source=name)


def _birth(row: Sequence[Any]) -> datetime.date | None:
    """Make a date of its parts; an unknown day is the 15th, an unknown month makes it 1 July."""
    year, month, day = row[2:5]
    if year is None:
        return None
    if month is None:
        return datetime.date(int(year), 7, 1)
    return datetime.date(int(year), int(month), int(day or 15))
