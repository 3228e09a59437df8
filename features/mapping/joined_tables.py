"""Further tables with one row for a patient or an infusion: their columns stand beside the first table's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from features.advice import plain
from features.checking.parse_cell import CellError
from features.files.raw_table import RawTable
from features.mapping.definition import SiteMapping
from features.mapping.filling import filling_of
from features.mapping.fit import asked_columns
from features.mapping.joined_cells import CellWriter
from features.mapping.joined_keys import Key, KeyRules, key_rules
from features.mapping.joined_sources import Names, Opened
from features.mapping.linked_definition import LinkedTable
from features.mapping.linked_sources import stays, table_problems, with_dates_of
from features.mapping.redcap_layout import SiteRow
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.short_repr import ShortRepr

FIX = (
    "correct the rows; if a blank cell means the value above it, name the column under fill_down; "
    "if the value differs between infusions, join by the infusion too"
)


@dataclass(repr=False)
class JoinedTable(ShortRepr):
    """A joined table.

    Parameters
    ----------
    linked : LinkedTable
        What the mapping file says of it.
    table : RawTable
        Its rows.
    own, first : KeyRules
        How its key is read, here and in the first table.
    used : dict of str to str
        By the name that the mapping uses, its own column.
    notes : list of str
        What was filled and left out.
    problems : list of Problem
        Of its rows, and of rows of the first table whose key cannot be read.
    """

    linked: LinkedTable
    table: RawTable
    own: KeyRules
    first: KeyRules
    used: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _rows: dict[Key, list[tuple[int, Mapping[str, str]]]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)
    _keys: dict[int, Key | None] = field(default_factory=dict)
    _differ: dict[str, dict[Key, tuple[int, ...]]] = field(default_factory=dict)

    def index(self, writer: CellWriter) -> None:
        """Find the rows of each key."""
        for number, cells in zip(self.table.row_numbers, self.table.rows, strict=True):
            row = dict(zip(self.table.columns, cells, strict=True))
            try:
                if not stays(self.linked, row):
                    self._counts["filtered"] += 1
                    continue
                if not row[self.linked.patient]:
                    self._counts["without_patient"] += 1
                    continue
                key = self.own.key(row)
            except CellError as error:
                self.problems.append(self._problem(error, f"{error.column} of {self.linked.name}", number))
                continue
            if key is None:
                self._counts["without_key"] += 1
                continue
            written = {name: writer.written(row[column], name) for name, column in self.used.items()}
            self._rows.setdefault(key, []).append((number, written))

    def beside(self, row: SiteRow) -> SiteRow:
        """Put the columns beside a row of the first table; blank where no row belongs to it."""
        try:
            key = self.first.key(row.cells)
        except CellError as error:
            where = f"tables.{self.linked.name}.join (from {error.column})"
            self.problems.append(self._problem(error, where, row.number))
            key = None
        self._keys[row.number] = key
        rows = self._rows.get(key, []) if key else []
        cells = {name: rows[0][1][name] if rows else "" for name in self.used}
        if key:
            for name in self.used:
                if len({written[name] for _, written in rows}) > 1:
                    self._differ.setdefault(name, {})[key] = tuple(number for number, _ in rows)
        sources = {name: (self.linked.name, rows[0][0]) for name in self.used if rows}
        return replace(row, cells={**row.cells, **cells}, joined={**row.joined, **sources})

    def misfits(self) -> list[Problem]:
        """Refuse a table without a row that belongs to the first, and columns with several values for one."""
        if self._rows and not any(key in self._rows for key in self._keys.values()):
            columns = ", ".join(own for own, _ in self.linked.join)
            fix = plain(f"is {columns} the key, and is it written the same way?")
            rule = "has no row that belongs to the first table"
            where = f"tables.{self.linked.name}.join"
            return [*self.problems, Problem(Code.NAME_IN_NO_ROW, rule, where, advice=fix)]
        return [*self.problems, *self._differences()]

    def _differences(self) -> list[Problem]:
        what = "infusion" if len(self.linked.join) > 1 else "patient"
        return [
            Problem(
                Code.SEVERAL_VALUES,
                f"has different values in the rows of one {what}, for {counted(len(keys), what)}",
                f"{self.used[name]} of {self.linked.name}",
                rows=tuple(sorted(number for rows in keys.values() for number in rows)),
                advice=plain(FIX),
            )
            for name, keys in self._differ.items()
        ]

    def words(self, kept: Iterable[SiteRow]) -> list[str]:
        """Count what was joined to the infusions, and what was not."""
        keys = [self._keys.get(row.number) for row in kept]
        met = {key for key in keys if key in self._rows}
        others = sum(len(rows) for key, rows in self._rows.items() if key not in met)
        here = sum(key in met for key in keys)
        reasons = {
            "left out by keep and drop": self._counts["filtered"],
            "without an identifier of a patient": self._counts["without_patient"],
            "without the infusion": self._counts["without_key"],
            "of no infusion": others,
        }
        words = f"{self.linked.name}: {counted(len(self.table.rows), 'row')}, joined to {here} of "
        words += f"{counted(len(keys), 'infusion')}"
        given = [f"{count} {reason}" for reason, count in reasons.items() if count]
        return [*self.notes, f"{words}; {', '.join(given)}" if given else words]

    def _problem(self, error: CellError, where: str, row: int) -> Problem:
        return Problem(
            error.code, error.rule, where, row=row, value_text=error.value_text, advice=error.advice
        )


@dataclass(repr=False)
class JoinedTables(ShortRepr):
    """All joined tables of a mapping.

    Parameters
    ----------
    tables : list of JoinedTable
        In the order of the mapping file.
    digests : list of str
        Of their files.
    """

    tables: list[JoinedTable] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)

    def beside(self, rows: Sequence[SiteRow], name: str) -> list[SiteRow]:
        """Put the columns of all tables beside the rows of the first table.

        Parameters
        ----------
        rows : sequence of SiteRow
        name : str
            Of mapping and table, for messages.

        Returns
        -------
        rows : list of SiteRow

        Raises
        ------
        DataError
            If rows of one patient or infusion differ, or a date of a key cannot be read.
        """
        result = list(rows)
        for table in self.tables:
            result = [table.beside(row) for row in result]
        problems = [each for table in self.tables for each in table.misfits()]
        if problems:
            raise DataError(problems, source=name)
        return result

    def words(self, kept: Sequence[SiteRow]) -> list[str]:
        """Count what was joined to the infusions that stay."""
        return [note for table in self.tables for note in table.words(kept)]


def joined_tables(opened: Sequence[Opened], names: Names, mapping: SiteMapping) -> JoinedTables:
    """Read the columns of joined tables that a mapping uses.

    Parameters
    ----------
    opened : sequence of Opened
        The tables.
    names : dict of str to (table, column)
        By which the mapping can name their columns.
    mapping : SiteMapping
        Of the site.

    Returns
    -------
    joined : JoinedTables

    Raises
    ------
    DataError
        If a table does not fit the mapping.
    """
    tables = [_joined(each, names, mapping) for each in opened]
    return JoinedTables(tables, [source.sha256 for _, source, _ in opened if source.sha256])


def _joined(opened: Opened, known: Names, mapping: SiteMapping) -> JoinedTable:
    linked = opened.linked
    names = {name: column for name, (table, column) in known.items() if table == linked.name}
    wanted = [(name, where) for where, columns in asked_columns(mapping) for name in columns if name in names]
    problems = table_problems(linked, {names[name]: where for name, where in wanted}, opened.raw)
    if problems:
        raise DataError(problems, source=opened.source.name)
    filling = filling_of(linked)
    table = with_dates_of(linked, filling.filled(opened.raw))
    used = {name: names[name] for name, _ in wanted}
    notes = [f"{linked.name}: {note}" for note in filling.notes]
    joined = JoinedTable(linked, table, *key_rules(linked, mapping), used=used, notes=notes)
    joined.index(CellWriter(linked, mapping))
    return joined
