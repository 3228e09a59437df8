"""Which of a person's records an infusion takes, by the rule of a column."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from training.omop.chosen_cell import Chosen, Status
from training.omop.given_cells import GIVE
from training.omop.infusions import Infusion
from training.omop.recipe import INFUSION, LYMPHODEPLETION, ColumnRule
from training.omop.records import Record
from training.omop.start_time import UNTIMED

NO_DATES: Mapping[str, datetime.date] = MappingProxyType({})


def chosen(
    rule: ColumnRule,
    infusion: Infusion,
    records: Sequence[Record],
    dates: Mapping[str, datetime.date] = NO_DATES,
) -> Chosen:
    """Choose the record of an infusion.

    Parameters
    ----------
    rule : ColumnRule
        How.
    infusion : Infusion
        Whose cell it is.
    records : sequence of Record
        Of its person and the rule's concepts.
    dates : mapping of str to date
        Days of the infusion's columns of dates, by name.

    Returns
    -------
    chosen : Chosen
        What happened after the person's next infusion does not count. On its day, events count that a window
        from day 1 includes: a window from day 0 already belongs to the next infusion. In a window that ends
        on day 0, a record of that day counts unless its time is that of the beginning, or later.

    Examples
    --------
    >>> from training.omop.recipe import Source
    >>> rule = ColumnRule("ldh", Source(("measurement",), ("ldh",)), (-14, -1))
    >>> day = datetime.date(2021, 3, 4)
    >>> infusion = Infusion(1, 1, day, "", "", "", "")
    >>> before = Record(1, day - datetime.timedelta(days=2), None, "", "<5", "U/L", "")
    >>> chosen(rule, infusion, [before]).cell
    '<5'
    """
    known = {**dates, INFUSION: infusion.day, LYMPHODEPLETION: infusion.lymphodepletion}
    anchor, end = known.get(rule.anchor), known.get(rule.until or INFUSION)
    if anchor is None or end is None:
        return Chosen("", Status.NO_ANCHOR)
    counted = [record for record in records if _counts(rule, record)]
    first, last = (anchor + datetime.timedelta(days=days) for days in rule.window)
    if infusion.next_day is not None:
        ended = infusion.next_day - datetime.timedelta(days=0 if rule.window[0] >= 1 else 1)
        last = min(last, ended)
    if rule.until:
        last = min(last, end - datetime.timedelta(days=1))
    inside = [record for record in counted if first <= record.day <= last]
    if rule.window[1] == 0 and not rule.same_day:
        return _before(rule, infusion, inside, counted, anchor, first)
    return _given(rule, inside, counted, first)


def _before(
    rule: ColumnRule,
    infusion: Infusion,
    inside: Sequence[Record],
    counted: Sequence[Record],
    anchor: datetime.date,
    first: datetime.date,
) -> Chosen:
    """Leave out what is later on the day of the beginning, and notice where a time of day is unknown."""
    times = {INFUSION: infusion.time, LYMPHODEPLETION: infusion.lymphodepletion_time}
    began = times.get(rule.anchor, UNTIMED)
    earlier = [record for record in inside if record.day < anchor]
    of_day = [record for record in inside if record.day == anchor and not began.is_past(record)]
    surely = [record for record in of_day if not began.is_open(record)]
    cell = _given(rule, [*earlier, *of_day], counted, first)
    if len(surely) == len(of_day):
        return cell
    certain = _given(rule, [*earlier, *surely], counted, first)
    return replace(cell, is_open=(cell.cell, cell.unit) != (certain.cell, certain.unit))


def _given(
    rule: ColumnRule, inside: Sequence[Record], counted: Sequence[Record], first: datetime.date
) -> Chosen:
    if not inside:
        return Chosen(rule.otherwise, _outside(counted, first))
    return GIVE[rule.give](rule, inside)


def _counts(rule: ColumnRule, record: Record) -> bool:
    if rule.give != "number":
        return True
    # A sum is unknown where a part of it is.
    return (bool(record.number) or rule.take == "sum") and record.unit not in rule.ignore_units


def _outside(records: Sequence[Record], first: datetime.date) -> Status:
    if not records:
        return Status.NEVER
    return Status.TOO_OLD if any(record.day < first for record in records) else Status.ONLY_LATER
