"""The days around each infusion on which a value over time counts for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from features.advice import plain
from features.checking.moments import Moment
from features.checking.parse_cell import CellError
from features.field import FieldSpec
from features.mapping.belonging import NO_TIME, SAME_TIME, first_day
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.linked_definition import OverTime
from features.mapping.linked_entries import named_table
from features.mapping.redcap_layout import SiteRow
from features.mapping.site_values import is_missing
from features.rules import COUNTED_FROM_EVERY_INFUSION
from features.short_repr import ShortRepr

Side = Literal["inside", "too_early", "too_late", "earlier_infusion"]


@dataclass(frozen=True, repr=False)
class Window(ShortRepr):
    """When a value counts for one infusion.

    Parameters
    ----------
    position : int
        Of the infusion.
    anchor : Moment
        From which the days are counted.
    low, high : float
        First and last day, counted from the anchor.
    infusion : Moment, optional
        No value after it counts; only for predictors.
    same_day : bool
        Whether values of the day of infusion count although no time shows that they are earlier.
    end : float
        Last day that is not the next infusion's; only for outcomes.
    previous : float
        Day of the infusion before; values up to it are not of this infusion. Only for values of before
        lymphodepletion, which change with each treatment.
    """

    position: int
    anchor: Moment
    low: float
    high: float
    infusion: Moment | None = None
    same_day: bool = False
    end: float = float("inf")
    previous: float = -float("inf")

    @property
    def infusion_day(self) -> int:
        """Day of the infusion; an outcome is counted from it."""
        return (self.infusion or self.anchor).day

    def side(self, moment: Moment) -> Side:
        """Say whether a moment is in the window, or on which side of it.

        Examples
        --------
        >>> week = Window(0, Moment(100, 3600), -7, 0)
        >>> [week.side(moment) for moment in (Moment(92), Moment(93), Moment(100), Moment(100, 7200))]
        ['too_early', 'inside', 'inside', 'too_late']
        """
        offset = moment.day - self.anchor.day
        if offset < self.low or (self.low == 0 and self.anchor.is_after(moment)):
            return "too_early"
        if offset > self.high or moment.day > self.end or (self.high == 0 and moment.is_after(self.anchor)):
            return "too_late"
        if moment.day <= self.previous:
            return "earlier_infusion"
        return "inside" if self.infusion is None or self._is_before_infusion(moment) else "too_late"

    def _is_before_infusion(self, moment: Moment) -> bool:
        infusion = self.infusion or moment
        if moment.day != infusion.day:
            return moment.day < infusion.day
        timed = moment.second is not None and infusion.second is not None
        return not moment.is_after(infusion) and (timed or self.same_day)


@dataclass(repr=False)
class Windows(ShortRepr):
    """The windows of one entry.

    Parameters
    ----------
    of_patient : dict of str to list of Window
        By patient.
    without_date : set of int
        Positions of infusions whose dates are unknown: no value can be chosen.
    refused : dict of int to CellError
        By position: dates that cannot be read.
    doubtful : dict of str to dict of int to CellError
        By patient: infusions whose order is not known; a problem if the patient has values.
    """

    of_patient: dict[str, list[Window]] = field(default_factory=lambda: defaultdict(list))
    without_date: set[int] = field(default_factory=set)
    refused: dict[int, CellError] = field(default_factory=dict)
    doubtful: dict[str, dict[int, CellError]] = field(default_factory=lambda: defaultdict(dict))


def windows_of(
    how: FieldMapping, rule: OverTime, spec: FieldSpec, rows: Sequence[SiteRow], mapping: SiteMapping
) -> Windows:
    """Lay out the windows of an entry.

    Parameters
    ----------
    how : FieldMapping
        The entry.
    rule : OverTime
        Its rule.
    spec : FieldSpec
        What the schema says of the field.
    rows : sequence of SiteRow
        Infusions in the site's columns.
    mapping : SiteMapping
        Of the site.

    Returns
    -------
    windows : Windows
    """
    windows = Windows()
    linked = named_table(mapping.tables, rule.table)
    is_stated = linked is not None and linked.infusion is not None and not rule.is_day
    infusions: dict[str, list[tuple[int, Moment | None, Moment | None]]] = defaultdict(list)
    for position, row in enumerate(rows):
        try:
            anchor = _moment(how, row, rule.anchor, mapping)
            infusion = _moment(how, row, how.infusion_date or rule.anchor, mapping)
        except CellError as error:
            windows.refused[position] = error
            continue
        infusions[row.cells[mapping.record]].append((position, anchor, infusion))
        if anchor is None or infusion is None:
            windows.without_date.add(position)
    for patient, dates in infusions.items():
        if spec.known_when == "follow_up":
            _of_outcome(windows, patient, dates, rule, spec, is_stated=is_stated)
        else:
            _of_predictor(windows, patient, dates, rule, spec, is_stated=is_stated)
    return windows


def _of_predictor(
    windows: Windows,
    patient: str,
    dates: Sequence[tuple[int, Moment | None, Moment | None]],
    rule: OverTime,
    spec: FieldSpec,
    *,
    is_stated: bool,
) -> None:
    """End each window at the infusion; a value of before lymphodepletion is from after the one before."""
    bounded = spec.known_when == "before_lymphodepletion" and not is_stated
    days = [infusion.day for _, _, infusion in dates if infusion and bounded]
    windows.of_patient[patient] = [
        Window(
            *(position, anchor, rule.low, rule.high, infusion, rule.same_day),
            previous=max((day for day in days if day < infusion.day), default=-float("inf")),
        )
        for position, anchor, infusion in dates
        if anchor and infusion
    ]


def _of_outcome(
    windows: Windows,
    patient: str,
    dates: Sequence[tuple[int, Moment | None, Moment | None]],
    rule: OverTime,
    spec: FieldSpec,
    *,
    is_stated: bool,
) -> None:
    """End each window before the next infusion, unless rows state theirs, or the fact is the patient's."""
    begins, shared = first_day(spec), spec.name in COUNTED_FROM_EVERY_INFUSION
    known = sorted((anchor.day, position, anchor) for position, anchor, _ in dates if anchor)
    for position, anchor, _ in dates:
        if anchor is None and len(dates) > 1 and not shared:
            fix = plain("fill it in, or drop the row")
            windows.doubtful[patient][position] = CellError(*NO_TIME, fix)
    for index, (day, position, anchor) in enumerate(known):
        others = {other for other, _, _ in known[:index] + known[index + 1 :]}
        if day in others and not shared:
            fix = plain("is an infusion repeated? Drop one, or correct the date")
            windows.doubtful[patient][position] = CellError(*SAME_TIME, fix)
        later = min((other for other in others if other > day), default=None)
        end = float("inf") if later is None or shared or is_stated else later + begins - 1
        low = rule.low if is_stated else max(rule.low, begins)
        windows.of_patient[patient].append(Window(position, anchor, low, rule.high, end=end))


def _moment(how: FieldMapping, row: SiteRow, column: str, mapping: SiteMapping) -> Moment | None:
    cell = row.cells[column]
    if is_missing(cell, mapping.missing, mapping.numbers):
        return None
    return how.dates.required_moment(cell, column)
