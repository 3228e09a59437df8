"""An entry of a mapping file that takes values over time: it sees every row, and chooses at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from features.advice import plain
from features.checking.dates import shape
from features.checking.moments import Moment
from features.checking.parse_cell import CellError, is_date_like
from features.field import FieldSpec
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.linked_definition import LinkedTable, OverTime
from features.mapping.redcap_layout import SiteRow, ValueOverTime
from features.mapping.row_units import factor_of
from features.mapping.site_dates import RULES
from features.mapping.time_windows import Window, Windows, windows_of
from features.mapping.timed_choice import Candidates, Convert, Measurement
from features.mapping.timed_counts import TimedCount, reason_of
from features.mapping.timed_ways import converted, grouped_ways, rule_of, way_of
from features.problem_codes import Code
from features.problems import Problem, counted
from features.schema import all_fields
from features.short_repr import ShortRepr

UNSTATED = Moment(-1)
"""Of a value that has no date of its own."""


@dataclass(repr=False)
class TimedEntry(ShortRepr):
    """The state of an entry while the rows of its table are read.

    Entries of one field that choose among the same rows are one: a row is read by the first that applies to
    it, for example the one for its unit.

    Parameters
    ----------
    ways : sequence of FieldMapping
        The entry, or several.
    table : LinkedTable
        Their further table.
    windows : Windows
        Of the infusions.
    """

    ways: Sequence[FieldMapping]
    table: LinkedTable
    windows: Windows
    values: int = 0
    without_day: int = 0
    problems: list[Problem] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    _candidates: dict[int, Candidates] = field(default_factory=dict)
    _sides: dict[int, Counter[str]] = field(default_factory=dict)

    @property
    def how(self) -> FieldMapping:
        """The first entry."""
        return self.ways[0]

    @property
    def rule(self) -> OverTime:
        """Its rule; those of the others choose the same way."""
        return rule_of(self.how)

    @property
    def source(self) -> str:
        """Say where the values are from."""
        return ", ".join(dict.fromkeys(rule_of(way).words for way in self.ways))

    @property
    def spec(self) -> FieldSpec:
        """What the schema says of the field."""
        return all_fields()[self.how.field]

    @property
    def named(self) -> str:
        """Name the field and its source, for messages."""
        return f"{self.how.field} (from {self.source})"

    def see(
        self,
        patient: str,
        row: int,
        cells: Mapping[str, str],
        moment: Moment | None,
        about: Moment | None = None,
    ) -> None:
        """Take a row of a patient into account.

        Parameters
        ----------
        patient : str
        row : int
            Of the table.
        cells : mapping of str to str
            By column.
        moment : Moment or None
            Of the row. A value that is a date has its own.
        about : Moment, optional
            Date of the infusion that the row is about, where its table states one.
        """
        try:
            index = way_of(self.ways, self.table, cells)
            own = self._own_moment(rule_of(self.ways[index]), cells) if index is not None else None
        except CellError as error:
            self._refuse(error, row, cells, [window.position for window in self.windows.of_patient[patient]])
            return
        when = moment if own is UNSTATED else own
        if when is None or index is None:
            return
        self.values += 1
        self.windows.refused.update(self.windows.doubtful[patient])
        inside = self._inside(patient, when, about)
        if inside:
            self._collect(index, inside, when, row, cells)

    def _inside(self, patient: str, moment: Moment, about: Moment | None) -> list[Window]:
        """Find the windows that a moment is in, and remember on which side of the others it is."""
        inside = []
        for window in self.windows.of_patient[patient]:
            if self._is_of_another(window, about):
                continue
            side = window.side(moment)
            self._sides.setdefault(window.position, Counter())[side] += 1
            inside += [window] if side == "inside" else []
        return inside

    def _is_of_another(self, window: Window, about: Moment | None) -> bool:
        """Whether the row states another infusion; the number of days to a date is counted by that date."""
        if self.table.infusion is None or self.rule.is_day:
            return False
        return about is None or about.day != window.infusion_day

    def has_infusion(self, patient: str, about: Moment | None) -> bool:
        """Whether a patient has an infusion on a day."""
        days = {window.infusion_day for window in self.windows.of_patient[patient]}
        return about is not None and about.day in days

    def _collect(
        self, way: int, inside: Sequence[Window], moment: Moment, row: int, cells: Mapping[str, str]
    ) -> None:
        rule = rule_of(self.ways[way])
        stated = rule.unit_column is not None and not rule.is_day
        factor = factor_of(cells[rule.unit_column or ""], self.spec, rule) if stated else 1.0
        if factor is None:
            self._refuse(self._unknown_unit(rule, cells), row, cells, [window.position for window in inside])
            return
        cell = cells[rule.value] if rule.value else ""
        measurement = Measurement(moment, row, cell, factor, way)
        for window in inside:
            candidates = self._candidates.setdefault(window.position, Candidates(self.rule, window.anchor))
            try:
                candidates.add(measurement, self._converter(window.anchor))
            except CellError as error:
                self._refuse(error, row, cells, [window.position])

    def chosen(self, rows: Sequence[SiteRow]) -> tuple[dict[int, ValueOverTime], TimedCount]:
        """Choose the value of each infusion, once all rows were seen.

        Parameters
        ----------
        rows : sequence of SiteRow
            Infusions, for the rows of problems.

        Returns
        -------
        values : dict of int to ValueOverTime
            By position of the infusion.
        count : TimedCount
        """
        for position, error in self.windows.refused.items():
            self._refuse(error, rows[position].row_of(error.column or self.rule.anchor), {}, [position])
        values: dict[int, ValueOverTime] = {}
        other_unit = untimed = 0
        for position, candidates in self._candidates.items():
            if position in self.failed:
                continue
            try:
                chosen = candidates.chosen(self._converter(candidates.anchor))
            except CellError as error:
                self._refuse(error, candidates.kept[0].row, {}, [position], kept=candidates.kept)
                continue
            if chosen is not None and chosen.cell:
                measurement = chosen.measurement
                values[position] = ValueOverTime(chosen.cell, measurement.row, _shown(measurement.cell))
                other_unit += measurement.factor != 1
                untimed += self._is_untimed(measurement.moment, candidates.anchor)
        return values, replace(self._count(len(rows), values, other_unit), untimed=untimed)

    def _is_untimed(self, moment: Moment, anchor: Moment) -> bool:
        """Whether a predictor is of the day that its window ends on, and may be from after the date."""
        ends = self.rule.high == 0 and self.spec.known_when != "follow_up"
        return ends and moment.day == anchor.day and None in (moment.second, anchor.second)

    def _own_moment(self, rule: OverTime, cells: Mapping[str, str]) -> Moment | None:
        """Read the day of an event; any other value is of the day of its row."""
        column = rule.value
        if column is None or not rule.is_day:
            return UNSTATED
        rules = self.table.dates
        rules = replace(rules, partial=rule.partial or rules.partial)
        moment = rules.required_moment(cells[column], column)
        self.without_day += rules.partial_date(cells[column]) is not None
        return moment

    @property
    def notes(self) -> list[str]:
        """Say how many dates a rule for unknown days has changed."""
        how = self.rule.partial or self.table.dates.partial
        if how is None or not self.without_day:
            return []
        return [f"{self.how.field}: {counted(self.without_day, 'date')} without a day {RULES[how]}"]

    def _converter(self, anchor: Moment) -> Convert:
        return partial(converted, self.ways, self.table, anchor)

    def _unknown_unit(self, way_rule: OverTime, cells: Mapping[str, str]) -> CellError:
        unit = cells[way_rule.unit_column or ""]
        rule = "has a unit that the mapping file does not name" if unit else "has no unit"
        example = f'units = {{ "{unit}" = "{self.spec.unit}" }}' if unit else f'"" = "{self.spec.unit}"'
        fix = plain(f"add it to fields.{self.how.field}.units, as in {example}, if that is its meaning")
        return CellError(Code.UNKNOWN_UNIT, rule, fix, value_text=_shown(unit) if unit else None)

    def _refuse(
        self,
        error: CellError,
        row: int,
        cells: Mapping[str, str],
        positions: Sequence[int],
        *,
        kept: Sequence[Measurement] = (),
    ) -> None:
        self.failed |= set(positions)
        shown = error.value_text
        if shown is None and error.code is not Code.UNKNOWN_UNIT:
            shown = _shown(kept[0].cell if kept else cells.get(self.rule.value or "", "")) or None
        numbers = tuple(each.row for each in kept) if len(kept) > 1 else ()
        self.problems.append(
            Problem(
                error.code,
                error.rule,
                self.named if error.column is None else f"{self.how.field} (from {error.column})",
                row=None if numbers else row,
                rows=numbers,
                value_text=shown,
                advice=error.advice,
            )
        )

    def _count(self, infusions: int, values: Mapping[int, ValueOverTime], other_unit: int) -> TimedCount:
        reasons = Counter(self._reason(position) for position in range(infusions) if position not in values)
        return TimedCount(
            self.how.field,
            self.source,
            values=self.values,
            used=len(values),
            other_unit=other_unit,
            **reasons,
        )

    def _reason(self, position: int) -> str:
        """Say why an infusion has no value, by the name of the count."""
        if position in self.failed:
            return "refused"
        if position in self.windows.without_date:
            return "without_date"
        return reason_of(self._sides.get(position, Counter()))


def timed_entries(
    ways: Sequence[FieldMapping], table: LinkedTable, rows: Sequence[SiteRow], mapping: SiteMapping
) -> list[TimedEntry]:
    """Make the state of the entries of a further table, with the windows of the infusions."""
    entries = []
    for group in grouped_ways(ways):
        lead = group[0]
        windows = windows_of(lead, rule_of(lead), all_fields()[lead.field], rows, mapping)
        entries.append(TimedEntry(group, table, windows))
    return entries


def _shown(cell: str) -> str:
    return shape(cell) if is_date_like(cell) else cell
