"""Records of events: the rows of a table whose concept is in a set, read for the persons that count."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from features.advice import plain
from features.files.typed_text import canonical_text
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.short_repr import ShortRepr
from training.omop.cdm_tables import EVENT_TABLES, EventTable, cdm_table
from training.omop.database import Database
from training.omop.project_data import operators
from training.omop.vocabulary import Resolved, Vocabulary, parts, plain_code

UNKNOWN_SIGN = "?"
"""Before the number of an operator that is not known, so that the cell is refused as no number."""

SIGNS = ("<", ">", "\u2264", "\u2265")
"""With which the source's own text of a value beyond a limit begins."""


@dataclass(frozen=True, repr=False)
class Record(ShortRepr):
    """One event of a person.

    Parameters
    ----------
    person : int
        ``person_id``.
    day : date
        Of the event.
    time : datetime, optional
        Date and time, if the table states a time of the same day. Midnight is no time: the model writes it
        where the time is not known.
    value : str
        What the concept set says of the concept.
    number : str
        Value as text, with ``<`` or ``>`` before a limit; blank if there is none.
    unit : str
        As UCUM or the source writes it.
    source : str
        The source's own text of what happened.
    answer : int
        Concept of the answer; 0 if there is none.
    text : str
        The source's own text of the value.
    """

    person: int
    day: datetime.date
    time: datetime.datetime | None
    value: str
    number: str
    unit: str
    source: str
    answer: int = 0
    text: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which records to read.

    Parameters
    ----------
    table : str
        In `EVENT_TABLES`.
    concepts : Resolved
        Concept ids, and codes of the source.
    source_values : tuple of str
        The source's own texts that count too, in any case of letters.
    by_source_code : bool
        Whether the source's text may be a code of the concept set.
    """

    table: str
    concepts: Resolved
    source_values: tuple[str, ...] = ()
    by_source_code: bool = False


class Records:
    """Reads records of a database.

    Parameters
    ----------
    database : Database
        To read.
    vocabulary : Vocabulary
        Of the database, for units.
    schema : str, optional
        Schema that has the tables.
    """

    def __init__(self, database: Database, vocabulary: Vocabulary, schema: str | None) -> None:
        self._database = database
        self._vocabulary = vocabulary
        self._schema = schema

    def read(self, wanted: Wanted, persons: Iterable[int] | None = None) -> list[Record]:
        """Read the records of a set.

        Parameters
        ----------
        wanted : Wanted
            Which ones.
        persons : iterable of int, optional
            Only of these persons.

        Returns
        -------
        records : list of Record
            By person and day.

        Raises
        ------
        DataError
            If the table cannot be read.
        """
        table = EVENT_TABLES[wanted.table]
        clause = cdm_table(wanted.table, ("person_id", *table.columns.values()), self._schema)
        query = sa.select(clause.c.person_id, *(clause.c[name] for name in table.columns.values()))
        rows: dict[tuple[Any, ...], int] = {}
        for condition in _conditions(clause, table, wanted):
            for each in _of_persons(query.where(condition), clause, persons):
                # A row that several conditions find counts once; rows that repeat in one answer stay.
                counts: dict[tuple[Any, ...], int] = {}
                for row in self._database.rows(each, wanted.table):
                    counts[row] = counts.get(row, 0) + 1
                rows |= {row: max(count, rows.get(row, 0)) for row, count in counts.items()}
        self._refuse_undated(wanted.table, table, rows)
        try:
            units = self._units(table, rows)
            records = [
                _record(row, table, wanted, units) for row, count in rows.items() for _ in range(count)
            ]
        except DataError:
            raise
        except ValueError:
            raise unreadable(wanted.table, self._database.name) from None
        return sorted(records, key=lambda record: (record.person, record.day))

    def _refuse_undated(self, name: str, table: EventTable, rows: Iterable[Sequence[Any]]) -> None:
        index = 1 + list(table.columns).index("date")
        undated = sum(row[index] is None for row in rows)
        if undated:
            rule = f"is blank in {counted(undated, 'row')} of {name}, which the model does not allow"
            raise DataError(
                [Problem(Code.WRONG_DATE, rule, table.date, advice=plain("correct the database"))],
                source=self._database.name,
            )

    def _units(self, table: EventTable, rows: Iterable[Sequence[Any]]) -> dict[int, str]:
        if not table.unit:
            return {}
        index = 1 + list(table.columns).index("unit")
        return self._vocabulary.units({int(row[index]) for row in rows if row[index]})


def _conditions(clause: sa.TableClause, table: EventTable, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Say in which rows an event is of the set; each list is short enough for a query."""
    conditions: list[sa.ColumnElement[bool]] = []
    for part in parts(sorted(wanted.concepts.values)):
        conditions.append(clause.c[table.concept].in_(part))
        conditions.append(clause.c[table.source_concept].in_(part))
    texts = [text.strip().casefold() for text in wanted.source_values]
    written = sa.func.trim(clause.c[table.source_value])  # a column of fixed width ends in blanks
    conditions += [sa.func.lower(written).in_(part) for part in parts(texts)]
    if wanted.by_source_code:
        plain = sa.func.upper(sa.func.replace(written, ".", ""))
        conditions += [plain.in_(part) for part in parts(sorted(wanted.concepts.codes))]
    return conditions


def _of_persons(
    query: sa.Select[Any], clause: sa.TableClause, persons: Iterable[int] | None
) -> list[sa.Select[Any]]:
    if persons is None:
        return [query]
    return [query.where(clause.c.person_id.in_(part)) for part in parts(sorted(set(persons)))]


def _record(row: Sequence[Any], table: EventTable, wanted: Wanted, units: Mapping[int, str]) -> Record:
    cells = dict(zip(table.columns, row[1:], strict=True))
    text = cells["source_value"] or ""
    unit = units.get(int(cells.get("unit") or 0), "") or str(cells.get("unit_text") or "").strip()
    day = day_of(cells["date"])
    return Record(
        person=int(row[0]),
        day=day,
        time=stated_time(cells["time"], day),
        value=_value(cells, wanted.concepts),
        number=_number(cells),
        unit=unit,
        source=str(text).strip(),
        answer=int(cells.get("answer") or 0),
        text=str(cells.get("value_text") or "").strip(),
    )


def _value(cells: Mapping[str, Any], concepts: Resolved) -> str:
    """Take what the set says of the source's concept, which is the more exact one, or of the standard one."""
    for role in ("source_concept", "concept"):
        known = concepts.values.get(int(cells[role] or 0))
        if known is not None:
            return known
    return concepts.codes.get(plain_code(str(cells["source_value"] or "")), "")


def _number(cells: Mapping[str, Any]) -> str:
    """Write the number with its sign; a sign that only the source's text has counts too."""
    number = cells.get("number")
    if number is None:
        return ""
    operator = int(cells.get("operator") or 0)
    sign = operators().get(operator, UNKNOWN_SIGN) if operator else ""
    written = str(cells.get("value_text") or "").strip()
    if sign in ("", "=") and written.startswith(SIGNS):
        sign = written[0]
    return f"{sign.removeprefix('=')}{canonical_text(float(number))}"


def unreadable(table: str, source: str) -> DataError:
    """Refuse a table in which a date is no date, or a number no number, as SQLite allows."""
    rule = "has a date or a number that cannot be read"
    fix = plain("dates must be written YYYY-MM-DD: correct the database")
    return DataError([Problem(Code.WRONG_DATE, rule, table, advice=fix)], source=source)


def day_of(value: Any) -> datetime.date:
    """Read a date of a database; SQLite has texts.

    Examples
    --------
    >>> day_of("2021-03-04"), day_of(datetime.datetime(2021, 3, 4, 10))
    (datetime.date(2021, 3, 4), datetime.date(2021, 3, 4))
    """
    moment = time_of(value)
    day: datetime.date = value if moment is None else moment.date()
    return day


def stated_time(value: Any, day: datetime.date) -> datetime.datetime | None:
    """Read the time of a record; None for midnight, and for a time of another day than that of the record.

    Examples
    --------
    >>> day = datetime.date(2021, 3, 4)
    >>> stated_time("2021-03-04 10:30:00", day)
    datetime.datetime(2021, 3, 4, 10, 30)
    >>> [stated_time(text, day) for text in ("2021-03-04 00:00:00", "2021-03-05 10:30:00")]
    [None, None]
    """
    time = time_of(value)
    midnight = time is not None and time.time() == datetime.time()
    return None if time is None or midnight or time.date() != day else time


def time_of(value: Any) -> datetime.datetime | None:
    """Read a date and time of a database; None where there is none.

    Examples
    --------
    >>> time_of("2021-03-04 10:30:00"), time_of(None)
    (datetime.datetime(2021, 3, 4, 10, 30), None)
    """
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    return value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else None
