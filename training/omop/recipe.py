"""A recipe says which records of an OMOP database make the infusions and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Give = Literal["number", "value", "answer", "date", "yes", "count"]
Take = Literal["last", "first", "highest", "lowest", "sum"]
Beginning = Literal["infusion", "lymphodepletion"]
Tie = Literal["highest", "lowest"]
Birth = Literal["exact", "middle"]

INFUSION, LYMPHODEPLETION = "infusion", "lymphodepletion"

OWN_COLUMNS = (
    *("patient", "infusion_number", "infusion_date", "next_infusion_date", "lymphodepletion_date"),
    *("birth_date", "gender", "death_date", "last_contact_date"),
    *("product", "infusion_source", "infusion_quantity", "infusion_unit"),
)
"""Columns that every recipe gives."""

UNIT = "{} unit"
"""Name of the column with the unit of another one."""


@dataclass(frozen=True)
class Source:
    """Which records count.

    Parameters
    ----------
    tables : tuple of str
        Tables of the database.
    concepts : tuple of str
        Names of concept sets.
    source_values : tuple of str
        The source's own texts that count too.
    by_source_code : bool
        Whether the source's text may be a code of the concept sets.
    """

    tables: tuple[str, ...]
    concepts: tuple[str, ...]
    source_values: tuple[str, ...] = ()
    by_source_code: bool = False


@dataclass(frozen=True)
class ColumnRule:
    """How a column of an infusion is made of records.

    Parameters
    ----------
    name : str
        Of the column.
    source : Source
        Which records count.
    window : tuple of (int, int)
        First and last day that count, from the anchor.
    anchor : str
        Day from which the window counts: `INFUSION`, `LYMPHODEPLETION` or the name of a column of dates.
    give : Give
        What the cell has: a number, the value of the concept set, the meaning of the answer, a date, yes, or
        a count of days.
    take : Take
        Which record, of several; or the sum of their numbers.
    tie : Tie, optional
        Which of several different numbers at the same time.
    otherwise : str
        The cell where there is no record in the window.
    units : mapping of str to str
        Units as the database writes them, and as a mapping file names them.
    ignore_units : tuple of str
        Units whose records do not count.
    until : Beginning, optional
        The window ends on the day before it.
    same_day : bool
        Whether all records of day 0 count in a window that ends on it, at any time of day.
    answers : tuple of str
        Concept sets whose values are the meanings of answers.
    codes : mapping of str to str
        Meanings of answers by concept id, or by the source's own text.
    """

    name: str
    source: Source
    window: tuple[int, int]
    anchor: str = INFUSION
    give: Give = "number"
    take: Take = "last"
    tie: Tie | None = None
    otherwise: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    ignore_units: tuple[str, ...] = ()
    until: Beginning | None = None
    same_day: bool = False
    answers: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """All that a recipe says.

    Parameters
    ----------
    name : str
        Of the file.
    schema, vocabulary_schema : str, optional
        Schemas of the database with the events and with the vocabulary.
    own_concepts : Path, optional
        The site's own concept sets.
    infusions : Source
        Records that are infusions.
    parts_within_days : int
        Records within these days after the first are parts of one infusion.
    persons : Source, optional
        Records that a person must have.
    lymphodepletion : Source, optional
        Records that are lymphodepletion.
    lymphodepletion_days : int
        Days before the infusion in which it may begin.
    birth : Birth
        What an unknown day or month of birth becomes: a problem, or the middle of the month or year.
    columns : tuple of ColumnRule
        Further columns.
    mapping : mapping
        Content of a mapping file for the columns: ``fields`` and, if it is there, ``table``.
    """

    name: str
    infusions: Source
    parts_within_days: int = 0
    schema: str | None = None
    vocabulary_schema: str | None = None
    own_concepts: Path | None = None
    persons: Source | None = None
    lymphodepletion: Source | None = None
    lymphodepletion_days: int = 10
    birth: Birth = "exact"
    columns: tuple[ColumnRule, ...] = ()
    mapping: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All that say which records count."""
        others = [each for each in (self.persons, self.lymphodepletion) if each]
        return (self.infusions, *others, *(rule.source for rule in self.columns))
