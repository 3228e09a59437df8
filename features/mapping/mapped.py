"""A site's table becomes a table in the schema's columns, as a mapping says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.advice import plain
from features.intake.cells import CellError, is_date_like
from features.intake.dates import date_advice, shape
from features.intake.grid import RawTable
from features.intake.masking import masked
from features.intake.merged_cells import merged_problems
from features.intake.origin import Origin, Place
from features.intake.typed_text import canonical_text
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.fit import fit_problems, used_columns
from features.mapping.redcap import SiteRow, SiteRows, infusion_rows, plain_rows
from features.mapping.row_filter import kept_rows
from features.mapping.site_dates import site_date, time_zone_notes
from features.mapping.site_fields import field_text
from features.mapping.site_values import is_missing
from features.problems import DataError, Problem, counted, grouped
from features.schema import all_fields


@dataclass(frozen=True)
class Mapped:
    """A site's table in the schema's columns, not checked yet.

    Parameters
    ----------
    table : RawTable
        Columns of the schema that the mapping names, in schema order.
    origin : Origin
        Where every cell comes from, with the problems met on the way.
    notes : tuple of str
        Which rows and columns were left out, as the mapping says.
    """

    table: RawTable
    origin: Origin
    notes: tuple[str, ...]


def map_table(mapping: SiteMapping, table: RawTable) -> Mapped:
    """Bring a site's table into the schema's columns.

    Parameters
    ----------
    mapping : SiteMapping
        How.
    table : RawTable
        The site's table.

    Returns
    -------
    mapped : Mapped
        Problems of single cells are in its origin, to be told with those of the check.

    Raises
    ------
    DataError
        If mapping and table do not fit together: a column that is not there, or is neither used nor ignored.
    """
    source = f"{mapping.name} with {table.name}"
    _refuse(
        [*fit_problems(mapping, table), *merged_problems(table, mapping.fill_down)], table, mapping, source
    )
    table = _filled(table, mapping.fill_down)
    site = _site_rows(mapping, table)
    _refuse(site.problems, table, mapping, source)
    kept, problems = kept_rows(mapping, site.rows, record=_record_column(mapping))
    if not kept:
        _refuse(problems, table, mapping, table.name)
        fix = "correct keep and drop, or the file" if mapping.keep or mapping.drop else None
        nothing = Problem("no row is left: no infusion fits the mapping", fix=plain(fix) if fix else None)
        raise DataError([nothing], source=table.name)
    filtered = len(site.rows) - len(kept) - len(problems)
    notes = [*table.notes, *site.notes]
    notes += [f"{counted(filtered, 'row')} left out by keep and drop"] if filtered else []
    unused = [name for name in table.columns if name not in used_columns(mapping)]
    if unused:
        notes.append(f"{counted(len(unused), 'column')} left out: {', '.join(unused)}")
    notes += time_zone_notes(mapping.fields, kept)
    return _Conversion(mapping, kept, problems).mapped(table, notes)


def _refuse(problems: Sequence[Problem], table: RawTable, mapping: SiteMapping, source: str) -> None:
    if not problems:
        return
    record = _record_column(mapping)
    identifiers = frozenset(table.column(record) if record in table.columns else ())
    raise DataError(grouped(masked(problems, identifiers)), source=source)


def _filled(table: RawTable, columns: tuple[str, ...]) -> RawTable:
    """Let blank cells of the named columns take the value above them."""
    places = [table.columns.index(column) for column in columns]
    rows: list[tuple[str, ...]] = []
    for cells in table.rows:
        filled = list(cells)
        for place in places:
            filled[place] = cells[place] or (rows[-1][place] if rows else "")
        rows.append(tuple(filled))
    return replace(table, rows=tuple(rows))


def _site_rows(mapping: SiteMapping, table: RawTable) -> SiteRows:
    if mapping.redcap is None:
        return plain_rows(table)
    return infusion_rows(table, mapping.redcap, record=_record_column(mapping), used=used_columns(mapping))


def _record_column(mapping: SiteMapping) -> str:
    return next(how.columns[0] for how in mapping.fields if how.field == "patient_id")


class _Conversion:
    """Converts field by field, and keeps where every cell came from."""

    def __init__(self, mapping: SiteMapping, rows: list[SiteRow], problems: list[Problem]) -> None:
        self._mapping = mapping
        self._rows = rows
        self._hidden = _record_column(mapping)
        self._problems = list(problems)
        self._failed: set[Place] = set()
        self._cells: dict[Place, str] = {}
        self._places: dict[Place, int] = {}

    def mapped(self, table: RawTable, notes: list[str]) -> Mapped:
        columns = [self._column(how) for how in self._mapping.fields]
        origin = Origin(
            columns={how.field: ", ".join(how.used) for how in self._mapping.fields if how.used},
            cells=self._cells,
            rows=self._places,
            problems=tuple(self._problems),
            failed=frozenset(self._failed),
            hidden=frozenset(how.field for how in self._mapping.fields if self._hidden in how.used),
            dated=frozenset(how.field for how in self._mapping.fields if how.dated),
            identifiers=frozenset(row.cells[self._hidden] for row in self._rows),
        )
        canonical = RawTable(
            name=table.name,
            sha256=table.sha256,
            columns=tuple(how.field for how in self._mapping.fields),
            rows=tuple(zip(*columns, strict=True)),
            row_numbers=tuple(row.number for row in self._rows),
        )
        return Mapped(canonical, origin, tuple(notes))

    def _column(self, how: FieldMapping) -> list[str]:
        if how.ordered_by:
            return self._sequence(how)
        return [self._cell(how, position, row) for position, row in enumerate(self._rows)]

    def _cell(self, how: FieldMapping, position: int, row: SiteRow) -> str:
        place = (position, how.field)
        if how.columns:
            self._places[place] = row.row_of(how.columns[0])
        try:
            cell = field_text(
                how,
                all_fields()[how.field],
                row,
                numbers=self._mapping.numbers,
                missing=self._mapping.missing,
            )
        except CellError as error:
            self._refuse(how, position, error)
            return ""
        shown = self._shown(how, row)
        if shown is not None and shown != cell:
            self._cells[place] = shown
        return cell

    def _shown(self, how: FieldMapping, row: SiteRow) -> str | None:
        """Show the site's cells behind a field; never the patient's identifier, and of dates the shape."""
        columns = [column for column in how.used if column != self._hidden]
        if how.dated:
            return shape(row.cells[how.columns[0]]) if how.columns and columns else None
        shown = {column: _without_date(row.cells[column]) for column in columns}
        if len(columns) == 1:
            return shown[columns[0]]
        return ", ".join(f"{column} {cell or 'blank'}" for column, cell in shown.items()) or None

    def _refuse(self, how: FieldMapping, position: int, error: CellError) -> None:
        row = self._rows[position]
        self._failed.add((position, how.field))
        column = f"{how.field} (from {', '.join(how.used)})"
        number = row.row_of(how.used[0])
        found = error.found
        if found is None or found == row.cells[self._hidden]:
            found = self._shown(how, row)
        self._problems.append(Problem(error.rule, column, row=number, found=found, fix=error.fix))

    def _sequence(self, how: FieldMapping) -> list[str]:
        """Put the rows of each patient in order: their numbers, or the days to the next."""
        of_patient: dict[str, list[tuple[float, int]]] = defaultdict(list)
        cells = [""] * len(self._rows)
        for position, row in enumerate(self._rows):
            try:
                of_patient[row.cells[self._hidden]].append((self._order(how, row), position))
            except CellError as error:
                self._refuse(how, position, error)
        for rows in map(sorted, of_patient.values()):
            for place, (order, position) in enumerate(rows):
                following = [later - order for later, _ in rows[place + 1 :]]
                cells[position] = (
                    str(place + 1) if how.count_by else canonical_text(min(following, default=None))
                )
                if [other for other, _ in rows].count(order) > 1:
                    rule = "must be unique among a patient's rows"
                    fix = "is a row there twice? Drop one, or correct the cell"
                    cell = self._rows[position].cells[how.ordered_by or ""]
                    self._refuse(how, position, CellError(rule, plain(fix), found=shape(cell)))
        return cells

    def _order(self, how: FieldMapping, row: SiteRow) -> float:
        """Give the day or the number that puts a row in its place."""
        cell = row.cells[how.ordered_by or ""]
        known = not is_missing(cell, (*self._mapping.missing, *how.missing), self._mapping.numbers)
        date = site_date(how, cell) if known else None
        order = date.toordinal() if date else self._mapping.numbers.read(cell) if known else None
        if order is None:
            rule = f"needs a number or a date written {how.dates}"
            raise CellError(rule, date_advice(cell, how.dates), found=shape(cell))
        return order


def _without_date(cell: str) -> str:
    return shape(cell) if is_date_like(cell) else cell
