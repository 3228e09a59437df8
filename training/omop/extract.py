"""An OMOP database becomes a table with a row for each infusion, and a mapping to the schema."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from features.advice import plain
from features.files.raw_table import RawTable
from features.mapping.conversion import Mapped
from features.mapping.definition import SiteMapping
from features.mapping.fit import used_columns
from features.mapping.mapped import map_table
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.short_repr import ShortRepr
from training.omop.anchors import near_infusion
from training.omop.cell_counts import report
from training.omop.choice import chosen
from training.omop.chosen_cell import Chosen, Status
from training.omop.concept_sets import ConceptSets, concept_sets, named_sets
from training.omop.database import Database
from training.omop.infusions import Infusion, by_person, infusions_of, with_lymphodepletion
from training.omop.persons import UNKNOWN, Persons, read_persons
from training.omop.recipe import OWN_COLUMNS, UNIT, ColumnRule, Recipe, Source
from training.omop.records import Record, Records, Wanted
from training.omop.site_mapping import site_mapping
from training.omop.undecided import refuse_undecided
from training.omop.vocabulary import Resolved, Vocabulary

FIRST_ROW = 2
"""Of the table, as a spreadsheet counts: the heading is row 1."""


@dataclass(frozen=True, repr=False)
class Extract(ShortRepr):
    """What a recipe takes from a database.

    Parameters
    ----------
    table : RawTable
        One row for each infusion, in the recipe's columns.
    mapping : SiteMapping
        From these columns to the schema.
    notes : tuple of str
        What was counted, decided and not found.
    anchors : frozenset of str
        Columns from whose dates others count.
    """

    table: RawTable
    mapping: SiteMapping
    notes: tuple[str, ...]
    anchors: frozenset[str] = frozenset()

    def mapped(self) -> Mapped:
        """Bring the table into the schema's columns, not checked yet.

        Raises
        ------
        DataError
            If mapping and table do not fit together.
        """
        used = used_columns(self.mapping)
        offered = {*OWN_COLUMNS, *self.anchors, *map(UNIT.format, self.table.columns)}
        # A column of which only the unit is used is used, too.
        spare = {name for name in self.table.columns if UNIT.format(name) in used} | offered
        kept = [index for index, name in enumerate(self.table.columns) if name in used or name not in spare]
        table = replace(
            self.table,
            columns=tuple(self.table.columns[index] for index in kept),
            rows=tuple(tuple(row[index] for index in kept) for row in self.table.rows),
        )
        return map_table(self.mapping, table)

    def csv_text(self) -> str:
        """Write the table as CSV: it has dates, so it stays in the center."""
        content = io.StringIO()
        writer = csv.writer(content, lineterminator="\n")
        writer.writerow(self.table.columns)
        writer.writerows(self.table.rows)
        return content.getvalue()


def extract(database: Database, recipe: Recipe) -> Extract:
    """Read the infusions of a database.

    Parameters
    ----------
    database : Database
        Of the OMOP Common Data Model, 5.3 or 5.4.
    recipe : Recipe
        Which records make infusions and columns.

    Returns
    -------
    extract : Extract

    Raises
    ------
    DataError
        With every unknown concept set, unit and value that needs a rule; if a table cannot be read, or
        there is no infusion.
    """
    return _Extraction(database, recipe).result()


class _Extraction:
    """Reads infusions, then their persons, then each column, and keeps what is to be reported."""

    def __init__(self, database: Database, recipe: Recipe) -> None:
        self._database = database
        self._recipe = recipe
        self._sets = _known_sets(recipe)
        self._vocabulary = Vocabulary(database, recipe.vocabulary_schema or recipe.schema)
        self._records = Records(database, self._vocabulary, recipe.schema)
        self._resolved: dict[tuple[str, bool], Resolved] = {}
        self._notes: list[str] = []

    def result(self) -> Extract:
        infusions = self._infusions()
        persons = read_persons(
            self._database,
            {infusion.person for infusion in infusions},
            schema=self._recipe.schema,
            birth=self._recipe.birth,
        )
        cells: dict[str, list[Chosen]] = {}
        for rule in self._recipe.columns:
            cells[rule.name] = self._column(rule, infusions, cells.get(rule.anchor, []))
        refuse_undecided(self._recipe, cells)
        self._notes += [report(rule, cells[rule.name]) for rule in self._recipe.columns]
        mapping, unit_notes = site_mapping(self._recipe, cells)
        # A set that is used in two ways is resolved twice.
        unresolved = dict.fromkeys(self._vocabulary.notes)
        notes = (*unresolved, *persons.notes, *self._notes, *unit_notes, *near_infusion(self._recipe))
        anchors = frozenset(rule.anchor for rule in self._recipe.columns)
        return Extract(_table(self._database.name, infusions, persons, cells), mapping, notes, anchors)

    def _infusions(self) -> list[Infusion]:
        records = self._read(self._recipe.infusions)
        self._refuse_none(records, "no record is an infusion by the recipe", "[infusions]")
        infusions = infusions_of(records, parts_within_days=self._recipe.parts_within_days)
        self._notes.append(
            f"{counted(len(infusions), 'infusion')} of {counted(len(records), 'record')} of infusions"
        )
        infusions = self._of_persons(infusions)
        self._notes += _without_quantity(infusions)
        source = self._recipe.lymphodepletion
        if source is None:
            return infusions
        given = self._read(source, {infusion.person for infusion in infusions})
        dated = with_lymphodepletion(infusions, given, within_days=self._recipe.lymphodepletion_days)
        missing = sum(infusion.lymphodepletion is None for infusion in dated)
        if missing:
            self._notes.append(f"lymphodepletion: not found for {counted(missing, 'infusion')}")
        return dated

    def _of_persons(self, infusions: Sequence[Infusion]) -> list[Infusion]:
        """Keep the infusions of persons that the recipe wants."""
        wanted = self._recipe.persons
        if wanted is None:
            return list(infusions)
        persons = {infusion.person for infusion in infusions}
        kept = {record.person for record in self._read(wanted, persons)}
        self._refuse_none(
            kept, "no person with an infusion has a record of the recipe's persons", "[persons]"
        )
        if persons - kept:
            self._notes.append(
                f"{counted(len(persons - kept), 'person')} left out: no record that [persons] names"
            )
        return [infusion for infusion in infusions if infusion.person in kept]

    def _refuse_none(self, records: Collection[object], rule: str, where: str) -> None:
        if not records:
            fix = plain(f"correct table and concepts under {where}")
            raise DataError([Problem(Code.NO_INFUSION_RECORDS, rule, advice=fix)], source=self._database.name)

    def _column(
        self, rule: ColumnRule, infusions: Sequence[Infusion], anchors: Sequence[Chosen]
    ) -> list[Chosen]:
        records = by_person(self._read(rule.source, {infusion.person for infusion in infusions}))
        codes: dict[str, str] = {}
        for name in rule.answers:
            codes |= {str(concept): value for concept, value in self._set(name, rule.source).values.items()}
        explained = replace(rule, codes={**codes, **rule.codes})
        days = [_day(rule.anchor, cell) for cell in anchors] or [{} for _ in infusions]
        return [
            chosen(explained, infusion, records.get(infusion.person, ()), dates)
            for infusion, dates in zip(infusions, days, strict=True)
        ]

    def _read(self, source: Source, persons: set[int] | None = None) -> list[Record]:
        """Read the records of a source; the same event in two concept sets or tables counts once for each."""
        records: list[Record] = []
        for table in source.tables:
            for name in source.concepts:
                wanted = Wanted(table, self._set(name, source), source.source_values, source.by_source_code)
                records += self._records.read(wanted, persons)
        return sorted(records, key=lambda record: (record.person, record.day))

    def _set(self, name: str, source: Source) -> Resolved:
        by_text = source.by_source_code or bool(source.source_values)
        if (name, by_text) not in self._resolved:
            resolved = self._vocabulary.resolved(self._sets, name, by_text=by_text)
            self._resolved[name, by_text] = resolved
        return self._resolved[name, by_text]


def _day(name: str, cell: Chosen) -> dict[str, datetime.date]:
    """Give the day of a column of dates, where it is known."""
    return {name: datetime.date.fromisoformat(cell.cell)} if cell.status is Status.USED else {}


def _known_sets(recipe: Recipe) -> ConceptSets:
    sets = concept_sets(recipe.own_concepts)
    problems: list[Problem] = []
    for source in recipe.sources:
        named_sets(sets, source.concepts, "concepts", problems)
    for rule in recipe.columns:
        named_sets(sets, rule.answers, f"columns.{rule.name}.answers", problems)
    if problems:
        raise DataError(problems, source=recipe.name)
    return sets


def _without_quantity(infusions: Sequence[Infusion]) -> list[str]:
    """Count the infusions without a quantity, if the database has any."""
    blank = sum(not infusion.quantity for infusion in infusions)
    if blank in (0, len(infusions)):
        return []
    why = "no quantity, several on one day, or in several units"
    return [f"infusion_quantity: blank for {counted(blank, 'infusion')}: {why}"]


def _table(
    name: str, infusions: Sequence[Infusion], persons: Persons, cells: dict[str, list[Chosen]]
) -> RawTable:
    rows = [
        (*_own_cells(infusion, persons), *_cells_of(position, cells))
        for position, infusion in enumerate(infusions)
    ]
    columns = (*OWN_COLUMNS, *(column for each in cells for column in (each, UNIT.format(each))))
    return RawTable(
        name=name,
        sha256=hashlib.sha256(repr((columns, rows)).encode()).hexdigest(),
        columns=columns,
        rows=tuple(rows),
        row_numbers=tuple(range(FIRST_ROW, FIRST_ROW + len(rows))),
    )


def _own_cells(infusion: Infusion, persons: Persons) -> tuple[str, ...]:
    """Give the cells of `OWN_COLUMNS`."""
    person = persons.known.get(infusion.person, UNKNOWN)
    return (
        f"omop-{infusion.person:09d}",  # eight digits could be a date
        str(infusion.number),
        _iso(infusion.day),
        _iso(infusion.next_day),
        _iso(infusion.lymphodepletion),
        _iso(person.birth),
        person.gender,
        _iso(person.death),
        _iso(person.last_contact(infusion.day)),
        infusion.product,
        infusion.source,
        infusion.quantity,
        infusion.unit,
    )


def _cells_of(position: int, cells: dict[str, list[Chosen]]) -> tuple[str, ...]:
    pairs = ((column[position].cell, column[position].unit) for column in cells.values())
    return tuple(text for pair in pairs for text in pair)


def _iso(day: datetime.date | None) -> str:
    return "" if day is None else day.isoformat()
