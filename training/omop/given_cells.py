"""What a cell is made of: the number, value, answer, date or count of the records of a window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from features.files.typed_text import canonical_text
from features.mapping.site_fields import SIGNIFICANT_DIGITS
from features.problem_codes import Code
from training.omop.answers import meaning_of, shown_answer
from training.omop.chosen_cell import Chosen, Status
from training.omop.project_data import NOT_CONFIRMED
from training.omop.recipe import ColumnRule
from training.omop.records import Record

LIMITS = "?<>=\u2264\u2265"
"""Signs before the number of a value beyond a limit."""


def _number(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    """Give a number with its unit; different ones at one time need a rule."""
    if rule.take == "sum":
        return _sum(records)
    if rule.take in ("highest", "lowest"):
        return _extreme(records, highest=rule.take == "highest")
    latest = _at_one_time(records, last=rule.take == "last")
    values = dict.fromkeys((record.number, record.unit) for record in latest)
    if len(values) > 1 and rule.tie:
        return _extreme(latest, highest=rule.tie == "highest")
    if len(values) > 1:
        return Chosen("", Status.REFUSED, problem=Code.VALUES_AT_ONE_TIME)
    number, unit = next(iter(values))
    return Chosen(number, Status.USED, unit)


def _sum(records: Sequence[Record]) -> Chosen:
    """Add the numbers of all records, as of daily doses."""
    if not all(record.number for record in records):
        return Chosen("", Status.VALUE_UNKNOWN)
    if len({record.unit for record in records}) > 1:
        return Chosen("", Status.REFUSED, problem=Code.VALUES_IN_SEVERAL_UNITS)
    if any(_size(record.number)[1] or record.number[0] in LIMITS for record in records):
        return Chosen("", Status.REFUSED, problem=Code.BEYOND_DETECTION_LIMIT)
    total = math.fsum(float(record.number) for record in records)
    moments = {(record.day, record.time, record.number, record.source) for record in records}
    cell = canonical_text(float(f"{total:.{SIGNIFICANT_DIGITS}g}"))
    return Chosen(cell, Status.USED, records[0].unit, repeats=len(moments) < len(records))


def _extreme(records: Sequence[Record], *, highest: bool) -> Chosen:
    """Give the highest or lowest number; numbers in two units cannot be compared."""
    if len({record.unit for record in records}) > 1:
        return Chosen("", Status.REFUSED, problem=Code.VALUES_IN_SEVERAL_UNITS)
    best = (max if highest else min)(records, key=lambda record: _size(record.number))
    return Chosen(best.number, Status.USED, best.unit)


def _size(number: str) -> tuple[float, int]:
    """Order numbers; what is below a limit is less than the limit, what is above it is more."""
    return float(number.lstrip(LIMITS)), {"<": -1, ">": 1}.get(number[:1], 0)


def _value(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    """Give what the concept set says: the highest of numbers, or that of the first or last record."""
    known = [record for record in records if record.value not in ("", NOT_CONFIRMED)]
    if not known:
        return Chosen("", Status.VALUE_UNKNOWN)
    if rule.take in ("highest", "lowest"):
        if not all(record.value.isdigit() for record in known):
            return Chosen("", Status.REFUSED, problem=Code.NOT_A_NUMBER)
        pick = max if rule.take == "highest" else min
        return Chosen(pick(known, key=lambda record: float(record.value)).value, Status.USED)
    values = {record.value for record in _at_one_time(known, last=rule.take == "last")}
    if len(values) > 1:
        return Chosen("", Status.REFUSED, problem=Code.VALUES_AT_ONE_TIME)
    return Chosen(values.pop(), Status.USED)


def _answer(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    """Give the meaning of an answer; answers of unknown meaning are passed over, as values are."""
    pairs = [(record, meaning_of(record, rule.codes)) for record in records]
    unexplained = dict.fromkeys(shown_answer(record) for record, meaning in pairs if meaning is None)
    if unexplained:
        return Chosen("", Status.REFUSED, problem=Code.UNEXPLAINED_CODE, unexplained=tuple(unexplained))
    return _value(rule, [replace(record, value=meaning or "") for record, meaning in pairs])


def _date(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    days = [record.day for record in records]
    return Chosen((max(days) if rule.take == "last" else min(days)).isoformat(), Status.USED)


def _yes(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    return Chosen("yes", Status.USED)


def _count(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    return Chosen(str(len({record.day for record in records})), Status.USED)


GIVE = {"number": _number, "value": _value, "answer": _answer, "date": _date, "yes": _yes, "count": _count}
"""What each kind of cell is made by."""


def _at_one_time(records: Sequence[Record], *, last: bool) -> list[Record]:
    """Give the records of the last or first moment; without a time, all of the day are at one moment."""
    pick = max if last else min
    day = pick(record.day for record in records)
    same_day = [record for record in records if record.day == day]
    times = [record.time for record in same_day if record.time is not None]
    if len(times) < len(same_day):
        return same_day
    return [record for record in same_day if record.time == pick(times)]
