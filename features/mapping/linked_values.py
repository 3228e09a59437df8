"""The rows of further tables are read once, and every infusion gets the values that its entries choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from features.advice import plain
from features.checking.cell_provenance import CellKey
from features.checking.moments import Moment
from features.checking.parse_cell import CellError
from features.files.raw_table import RawTable
from features.files.row_parts import RowParts
from features.mapping.definition import SiteMapping
from features.mapping.filling import Filling, filling_of
from features.mapping.linked_definition import LinkedTable
from features.mapping.linked_sources import (
    fields_of,
    linked_rows,
    stays,
    table_problems,
    unread_notes,
    with_dates_of,
)
from features.mapping.redcap_layout import SiteRow, ValueOverTime
from features.mapping.row_times import RowTime, row_time
from features.mapping.site_dates import RULES
from features.mapping.timed_counts import RowCounts, TimedCount
from features.mapping.timed_entry import TimedEntry, timed_entries
from features.mapping.timed_notes import near_infusion, total_notes
from features.mapping.timed_ways import names_of
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.short_repr import ShortRepr

MOST_PROBLEMS = 10_000
"""Problems after which a table is not read any further."""

MOST_KNOWN_DATES = 100_000
"""Different dates that are remembered while a table is read."""


@dataclass(repr=False)
class ValuesOverTime(ShortRepr):
    """The infusions with the values of further tables.

    Parameters
    ----------
    rows : list of SiteRow
        Infusions.
    problems : list of Problem
        Of rows and values.
    failed : set of CellKey
        Cells that those problems are about.
    notes : list of str
        Rows that were left out, and counts.
    counts : list of TimedCount
        One for each entry.
    digests : list of str
        Of the files.
    """

    rows: list[SiteRow]
    problems: list[Problem] = field(default_factory=list)
    failed: set[CellKey] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    counts: list[TimedCount] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def values_over_time(
    mapping: SiteMapping, rows: Sequence[SiteRow], table: RawTable, workbook: Path | None
) -> ValuesOverTime:
    """Choose the values of all entries that name a further table.

    Parameters
    ----------
    mapping : SiteMapping
        Of the site.
    rows : sequence of SiteRow
        Infusions in the site's columns.
    table : RawTable
        The first table.
    workbook : Path or None
        Its file.

    Returns
    -------
    values : ValuesOverTime

    Raises
    ------
    DataError
        If a further table cannot be read, or does not fit the mapping.
    """
    result = ValuesOverTime(list(rows), notes=unread_notes(mapping, table))
    for linked in (table for table in mapping.tables if not table.join):
        ways = [
            way
            for how in mapping.fields
            for way in how.ways
            if way.over_time and way.over_time.table == linked.name
        ]
        if not ways:
            result.notes.append(f"{linked.name}: not read, because no field uses it")
            continue
        source = linked_rows(linked, mapping, table, workbook)
        result.digests += [source.sha256] if source.sha256 else []
        entries = timed_entries(ways, linked, rows, mapping)
        reading = _Reading(linked, entries, frozenset(row.cells[mapping.record] for row in rows))
        reading.read(source)
        _refuse(reading.misfits(source), source)
        result.problems += reading.problems
        result.notes += reading.words()
        for entry in entries:
            _add(entry, rows, result)
    result.notes += total_notes(mapping.fields, result.counts, result.rows)
    return result


def _add(entry: TimedEntry, rows: Sequence[SiteRow], result: ValuesOverTime) -> None:
    values, count = entry.chosen(rows)
    result.counts.append(count)
    result.notes += [str(count), *entry.notes, *near_infusion(entry.how, entry.table)]
    result.problems += entry.problems
    result.failed |= {(position, entry.how.field) for position in entry.failed}
    for position, value in values.items():
        row = result.rows[position]
        known: dict[str, ValueOverTime] = {**row.over_time, entry.rule.key: value}
        result.rows[position] = replace(row, over_time=known)


def _refuse(problems: Sequence[Problem], source: RowParts) -> None:
    if problems:
        raise DataError(problems, source=source.name)


@dataclass(repr=False)
class _Reading(ShortRepr):
    """One pass over a further table."""

    linked: LinkedTable
    entries: Sequence[TimedEntry]
    patients: frozenset[str]
    counts: RowCounts = field(default_factory=RowCounts)
    problems: list[Problem] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    filling: Filling = field(init=False)
    _times: dict[str, RowTime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.filling = filling_of(self.linked)

    def read(self, source: RowParts) -> None:
        of_name = self._entries_by_name()
        for part in source.parts:
            if not self.counts.rows:
                used = fields_of(way for entry in self.entries for way in entry.ways)
                _refuse(table_problems(self.linked, used, part), source)
            filled = self.filling.filled(part)
            for row, cells in self._rows(with_dates_of(self.linked, filled)):
                self._see(row, cells, of_name)
            if len(self.problems) + sum(len(each.problems) for each in self.entries) > MOST_PROBLEMS:
                self.problems.append(_stopped(self.linked, part.row_numbers[-1]))
                return

    def _rows(self, part: RawTable) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Give the rows of patients who have an infusion, and names that an entry uses."""
        linked, columns, patients = self.linked, part.columns, self.patients
        id_column = columns.index(linked.patient)
        named = columns.index(linked.named_by) if linked.named_by else None
        wanted = self._entries_by_name()
        self.counts.rows += len(part.rows)
        for row, cells in zip(part.row_numbers, part.rows, strict=True):
            if not cells[id_column]:
                self.counts.without_patient += 1
                continue
            if cells[id_column] not in patients:
                self.counts.other_patients += 1
                self.others.add(cells[id_column])
                continue
            self.met.add(cells[id_column])
            if named is not None:
                self.names.add(cells[named])
                if cells[named].casefold() not in wanted:
                    self.counts.other_names += 1
                    continue
            yield row, dict(zip(columns, cells, strict=True))

    def _see(self, row: int, cells: Mapping[str, str], of_name: Mapping[str, Sequence[TimedEntry]]) -> None:
        linked = self.linked
        try:
            if not stays(linked, cells):
                self.counts.filtered += 1
                return
            moment = self._moment(cells[linked.date])
            about = self._moment(cells[linked.infusion]) if linked.infusion else None
        except CellError as error:
            self.problems.append(_problem(error, row, linked))
            return
        entries = of_name[cells[linked.named_by].casefold()] if linked.named_by else self.entries
        self.counts.undated += moment is None
        if linked.infusion and not any(each.has_infusion(cells[linked.patient], about) for each in entries):
            self.counts.other_infusions += 1
        for entry in entries:
            entry.see(cells[linked.patient], row, cells, moment, about)

    def _moment(self, cell: str) -> Moment | None:
        linked = self.linked
        if cell not in self._times:
            if len(self._times) >= MOST_KNOWN_DATES:
                self._times.clear()
            self._times[cell] = row_time(cell, linked)
        time = self._times[cell]
        self.counts.partial += time.partial
        self.counts.zoned += time.zoned
        self.counts.moved += time.moved
        return time.moment

    def _entries_by_name(self) -> dict[str, list[TimedEntry]]:
        by_name: dict[str, list[TimedEntry]] = {}
        for entry in self.entries:
            for name in dict.fromkeys(name.casefold() for name in names_of(entry.ways)):
                by_name.setdefault(name, []).append(entry)
        return by_name

    def misfits(self, source: RowParts) -> list[Problem]:
        """Find names that no row has, and a table that has none of the patients."""
        if not self.met and self.counts.rows:
            fix = f"is {self.linked.patient} the column of patients, and are they written the same way?"
            rule = "has no patient of the first table"
            return [Problem(Code.NAME_IN_NO_ROW, rule, f"tables.{self.linked.name}", advice=plain(fix))]
        there = {name.casefold() for name in self.names}
        return [
            _unknown_name(entry, name, self.names)
            for entry in self.entries
            for name in names_of(entry.ways)
            if name.casefold() not in there
        ]

    def words(self) -> list[str]:
        used = {name for entry in self.entries for name in names_of(entry.ways)}
        folded = {name.casefold() for name in used}
        unused = sum(name.casefold() not in folded for name in self.names)
        words = [self.counts.words(self.linked.name, len(self.others), unused)]
        words += [f"{self.linked.name}: {note}" for note in self.filling.notes]
        if self.counts.partial and self.linked.dates.partial:
            dates = counted(self.counts.partial, "date")
            words.append(
                f"{self.linked.name}: {dates} of rows without a day {RULES[self.linked.dates.partial]}"
            )
        if self.counts.zoned:
            zone, times = self.linked.dates.time_zone, counted(self.counts.zoned, "time")
            words.append(
                f"{self.linked.name}: {times} with a time zone read in {zone}: the date there differs from "
                f"the written one in {self.counts.moved}"
            )
        return words


def _unknown_name(entry: TimedEntry, name: str, known: set[str]) -> Problem:
    near = nearest(name, known)
    fix = f"did you mean {near}?" if near else "is it spelled as in the table?"
    rule = f"is in no row of {entry.table.name} of a patient with an infusion"
    where = f"fields.{entry.how.field}.name"
    return Problem(Code.NAME_IN_NO_ROW, rule, where, value_text=name, advice=plain(fix))


def _problem(error: CellError, row: int, linked: LinkedTable) -> Problem:
    column = f"{error.column} of {linked.name}" if error.column else f"tables.{linked.name}"
    return Problem(error.code, error.rule, column, row=row, value_text=error.value_text, advice=error.advice)


def _stopped(linked: LinkedTable, row: int) -> Problem:
    words = f"{linked.name} was read up to row {row}, after more than {MOST_PROBLEMS} problems"
    return Problem(Code.MORE_PROBLEMS, words, advice=plain("correct these, and run the command again"))
