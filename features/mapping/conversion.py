"""The infusions of a site's table become cells of the schema's columns, field by field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from features.advice import plain
from features.checking.cell_provenance import CellKey, Origin
from features.checking.date_advice import date_advice
from features.checking.dates import shape
from features.checking.parse_cell import CellError, is_date_like
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.files.typed_text import canonical_text
from features.mapping.belonging import Placed, placed
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.given_values import given_values
from features.mapping.infusion_days import infusion_days
from features.mapping.linked_values import ValuesOverTime
from features.mapping.redcap_layout import SiteRow, ValueOverTime
from features.mapping.sharing import (
    across_patients,
    belongs_to_one,
    counted_from_each,
    shared,
    sharing_problem,
)
from features.mapping.site_fields import field_text, way_taken
from features.mapping.site_values import is_missing
from features.mapping.timed_counts import TimedCount
from features.mapping.unmet_conditions import unmet_notes
from features.mapping.unticked import Boxes
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.problems import Problem, counted, row_ranges
from features.rules import COUNTED_FROM_EVERY_INFUSION, LAST_CONTACT
from features.schema import all_fields
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class Mapped(ShortRepr):
    """A site's table in the schema's columns, not checked yet.

    Parameters
    ----------
    table : RawTable
        Columns of the schema that the mapping names, in schema order.
    origin : Origin
        Where every cell comes from, with the problems of the conversion.
    notes : tuple of str
        Which rows and columns were left out, as the mapping says.
    over_time : tuple of TimedCount
        How many infusions have a value of a further table, for each entry that names one.
    infusion_days : tuple of float
        When each infusion was given, NaN where unknown; empty where the table has no such date.
    """

    table: RawTable
    origin: Origin
    notes: tuple[str, ...]
    over_time: tuple[TimedCount, ...] = ()
    infusion_days: tuple[float, ...] = ()


def converted(
    mapping: SiteMapping,
    infusions: ValuesOverTime,
    problems: Sequence[Problem],
    table: RawTable,
    notes: Sequence[str],
) -> Mapped:
    """Convert the infusions of a site's table.

    Parameters
    ----------
    mapping : SiteMapping
        How.
    infusions : ValuesOverTime
        In the site's columns, with values of further tables.
    problems : sequence of Problem
        Of earlier steps.
    table : RawTable
        The site's table.
    notes : sequence of str
        What was left out before.

    Returns
    -------
    mapped : Mapped
        Problems of single cells are in its origin, to be reported with those of the check.
    """
    return _Conversion(mapping, infusions, problems, table).mapped(notes)


class _Conversion:
    """Converts field by field, and keeps where every cell came from."""

    def __init__(
        self, mapping: SiteMapping, infusions: ValuesOverTime, problems: Sequence[Problem], table: RawTable
    ) -> None:
        self._mapping = mapping
        self._rows: Sequence[SiteRow] = infusions.rows
        self._hidden = mapping.record
        self._table = table
        self._boxes = Boxes(mapping, table)
        self._notes = [*infusions.notes, *unmet_notes(mapping, self._rows)]
        self._counts = tuple(infusions.counts)
        self._problems = [*problems, *infusions.problems]
        self._failed = set(infusions.failed)
        self._cells: dict[CellKey, str] = {}
        self._rows_of_cells: dict[CellKey, int] = {}

    def mapped(self, notes: Sequence[str]) -> Mapped:
        table = self._table
        columns = [self._column(how) for how in self._mapping.fields]
        origin = Origin(
            columns={how.field: how.source for how in self._mapping.fields if how.used},
            cells=self._cells,
            rows=self._rows_of_cells,
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
        days = infusion_days(self._mapping, self._rows)
        return Mapped(canonical, origin, (*notes, *self._notes), self._counts, days)

    def _column(self, how: FieldMapping) -> list[str]:
        if how.ordered_by:
            return self._sequence(how)
        cells = [self._cell(how, position, row) for position, row in enumerate(self._rows)]
        cells = self._of_checkboxes(how, cells)
        if any(way.over_time for way in how.ways):
            return cells
        return self._of_infusions(how, cells) if belongs_to_one(all_fields()[how.field]) else cells

    def _of_infusions(self, how: FieldMapping, cells: list[str]) -> list[str]:
        """Give an outcome that several infusions of a patient share to one of them, or ask for the rule."""
        spec = all_fields()[how.field]
        given = given_values(how, spec, self._rows, cells, self._mapping, record=self._hidden)
        across = across_patients(given)
        if how.rule is not None and not across:
            result = placed(spec, given, how.rule)
            self._notes += [*result.notes, *self._followed_beyond(spec, result)]
            for position, refusal in result.refused.items():
                self._failed.add((position, how.field))
                row = self._rows[position].number
                self._problems.append(
                    Problem(
                        refusal.code, refusal.rule, self._named(how), row=row, advice=plain(refusal.advice)
                    )
                )
            return ["" if row in result.refused else cell for row, cell in enumerate(result.cells)]
        groups = across or shared(spec, given)
        self._notes += counted_from_each(spec, given)
        if groups:
            self._problems.append(sharing_problem(spec, given, groups, self._named(how)))
        both = {position for group in groups for position in group}
        self._failed |= {(position, how.field) for position in both}
        return ["" if position in both else cell for position, cell in enumerate(cells)]

    def _of_checkboxes(self, how: FieldMapping, cells: list[str]) -> list[str]:
        """Refuse unticked boxes that count as answers where the question was skipped."""
        refused = set(self._boxes.unanswered(how, self._rows, cells))
        if refused:
            numbers = (self._rows[position].row_of(how.used[0]) for position in sorted(refused))
            self._problems.append(self._boxes.problem(how, self._named(how), numbers))
            self._failed |= {(position, how.field) for position in refused}
        return ["" if position in refused else cell for position, cell in enumerate(cells)]

    def _followed_beyond(self, spec: FieldSpec, result: Placed) -> list[str]:
        """Say where an event of a later infusion leaves an earlier one without it up to its last contact."""
        ends = next((how for how in self._mapping.fields if how.field == LAST_CONTACT), None)
        trained = any(spec.name in outcome.needs for outcome in OUTCOMES.values())
        if spec.name in COUNTED_FROM_EVERY_INFUSION or not (result.event_later and ends and trained):
            return []
        if ends.rule == "preceding_infusion" or spec.unit != "days":
            return []
        rows = row_ranges(self._rows[position].number for position in result.event_later)
        one = counted(len(result.event_later), "infusion")
        return [
            f"{spec.name}: {one} (row {rows}) without an event of its own before the next infusion, followed "
            "up beyond that to its last contact; to end its follow-up on the day of the next infusion, set "
            'belongs_to = "preceding_infusion" for last_contact_day and death_day too'
        ]

    def _named(self, how: FieldMapping, column: str | None = None) -> str:
        return f"{how.field} (from {column or how.source})"

    def _cell(self, how: FieldMapping, position: int, row: SiteRow) -> str:
        key = (position, how.field)
        if how.columns and not how.over_time:
            self._rows_of_cells[key] = row.row_of(how.columns[0])
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
        chosen = self._chosen(how, row)
        shown = chosen.shown if chosen else self._shown(how, row)
        if chosen:
            self._rows_of_cells[key] = chosen.row
        if shown is not None and shown != cell:
            self._cells[key] = shown
        return cell

    def _chosen(self, how: FieldMapping, row: SiteRow) -> ValueOverTime | None:
        """Give the value over time that a field takes in a row."""
        if not row.over_time or not any(way.over_time for way in how.ways):
            return None
        mapping, spec = self._mapping, all_fields()[how.field]
        rule = way_taken(how, spec, row, numbers=mapping.numbers, missing=mapping.missing).over_time
        return row.over_time.get(rule.key) if rule else None

    def _shown(self, how: FieldMapping, row: SiteRow) -> str | None:
        """Show the site's cells behind a field; never the patient's identifier, and of dates the shape."""
        ways = [way for way in how.ways if not way.over_time]
        used = dict.fromkeys(column for way in ways for column in way.used)
        columns = [column for column in used if column != self._hidden]
        if how.dated and ways:
            return shape(row.cells[how.columns[0]]) if how.columns and columns else None
        shown = {column: _without_date(row.cells[column]) for column in columns}
        if len(columns) == 1:
            return shown[columns[0]]
        return ", ".join(f"{column} {cell or 'blank'}" for column, cell in shown.items()) or None

    def _refuse(self, how: FieldMapping, position: int, error: CellError) -> None:
        row = self._rows[position]
        self._failed.add((position, how.field))
        number = row.row_of(how.used[0])
        shown = error.value_text
        if shown is None or shown == row.cells[self._hidden]:
            shown = self._shown(how, row)
        self._problems.append(
            Problem(
                error.code,
                error.rule,
                self._named(how, error.column),
                row=number,
                value_text=shown,
                advice=error.advice,
            )
        )

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
            for index, (order, position) in enumerate(rows):
                following = [later - order for later, _ in rows[index + 1 :]]
                cells[position] = (
                    str(index + 1) if how.count_by else canonical_text(min(following, default=None))
                )
                if [other for other, _ in rows].count(order) > 1:
                    rule = "must be unique among a patient's rows"
                    advice = plain("is a row repeated? Drop one, or correct the cell")
                    cell = self._rows[position].cells[how.ordered_by or ""]
                    self._refuse(
                        how, position, CellError(Code.INFUSION_REPEATED, rule, advice, value_text=shape(cell))
                    )
        return cells

    def _order(self, how: FieldMapping, row: SiteRow) -> float:
        """Give the day or the number by which a row is ordered."""
        cell = row.cells[how.ordered_by or ""]
        known = not is_missing(cell, (*self._mapping.missing, *how.missing), self._mapping.numbers)
        date = how.dates.date(cell) if known else None
        order = date.toordinal() if date else self._mapping.numbers.read(cell) if known else None
        if order is None:
            rule = f"must be a number or a date written {how.dates.shown}"
            advice = date_advice(cell, how.dates.written[0])
            raise CellError(Code.NOT_NUMBER_OR_DATE, rule, advice, value_text=shape(cell))
        return order


def _without_date(cell: str) -> str:
    return shape(cell) if is_date_like(cell) else cell
