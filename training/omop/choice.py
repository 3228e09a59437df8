"""Which of a person's records an infusion takes, by the rule of a column."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from features.problem_codes import Code
from features.short_repr import ShortRepr
from training.omop.infusions import Infusion
from training.omop.project_data import NOT_CONFIRMED
from training.omop.recipe import LYMPHODEPLETION, ColumnRule
from training.omop.records import Record


class Status(StrEnum):
    """Why a cell has a value, or none."""

    USED = auto()
    TOO_OLD = auto()
    ONLY_LATER = auto()
    NO_ANCHOR = auto()
    NEVER = auto()
    VALUE_UNKNOWN = auto()
    REFUSED = auto()


@dataclass(frozen=True, repr=False)
class Chosen(ShortRepr):
    """The cell of one infusion.

    Parameters
    ----------
    cell : str
        Text of the cell.
    status : Status
        Why.
    unit : str
        Of a number.
    problem : Code, optional
        Why no record could be chosen.
    """

    cell: str
    status: Status
    unit: str = ""
    problem: Code | None = None


def chosen(rule: ColumnRule, infusion: Infusion, records: Sequence[Record]) -> Chosen:
    """Choose the record of an infusion.

    Parameters
    ----------
    rule : ColumnRule
        How.
    infusion : Infusion
        Whose cell it is.
    records : sequence of Record
        Of its person and the rule's concepts.

    Returns
    -------
    chosen : Chosen
        What happened after the person's next infusion does not count. On its day, events count that a window
        from day 1 includes: a window from day 0 already belongs to the next infusion.

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
    anchor = infusion.lymphodepletion if rule.anchor == LYMPHODEPLETION else infusion.day
    if anchor is None:
        return Chosen("", Status.NO_ANCHOR)
    counted = [record for record in records if _counts(rule, record)]
    first, last = (anchor + datetime.timedelta(days=days) for days in rule.window)
    if infusion.next_day is not None:
        ended = infusion.next_day - datetime.timedelta(days=0 if rule.window[0] >= 1 else 1)
        last = min(last, ended)
    inside = [record for record in counted if first <= record.day <= last]
    if not inside:
        return Chosen(rule.otherwise, _outside(counted, first))
    return GIVE[rule.give](rule, inside)


def _counts(rule: ColumnRule, record: Record) -> bool:
    if rule.give != "number":
        return True
    return bool(record.number) and record.unit not in rule.ignore_units


def _outside(records: Sequence[Record], first: datetime.date) -> Status:
    if not records:
        return Status.NEVER
    return Status.TOO_OLD if any(record.day < first for record in records) else Status.ONLY_LATER


def _number(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    """Give a number with its unit; different ones at one time need a rule."""
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


def _extreme(records: Sequence[Record], *, highest: bool) -> Chosen:
    """Give the highest or lowest number; numbers in two units cannot be compared."""
    if len({record.unit for record in records}) > 1:
        return Chosen("", Status.REFUSED, problem=Code.VALUES_IN_SEVERAL_UNITS)
    best = (max if highest else min)(records, key=lambda record: _size(record.number))
    return Chosen(best.number, Status.USED, best.unit)


def _size(number: str) -> tuple[float, int]:
    """Order numbers; what is below a limit is less than the limit, what is above it is more."""
    return float(number.lstrip("?<>=\u2264\u2265")), {"<": -1, ">": 1}.get(number[:1], 0)


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


def _date(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    days = [record.day for record in records]
    return Chosen((max(days) if rule.take == "last" else min(days)).isoformat(), Status.USED)


def _yes(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    return Chosen("yes", Status.USED)


def _count(rule: ColumnRule, records: Sequence[Record]) -> Chosen:
    return Chosen(str(len({record.day for record in records})), Status.USED)


GIVE = {"number": _number, "value": _value, "date": _date, "yes": _yes, "count": _count}
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


def report(name: str, cells: Iterable[Chosen]) -> str:
    """Count why the cells of a column have a value, or none.

    Parameters
    ----------
    name : str
        Of the column.
    cells : iterable of Chosen
        One for each infusion.

    Returns
    -------
    line : str

    Examples
    --------
    >>> report("ldh", [Chosen("<5", Status.USED), Chosen("", Status.TOO_OLD), Chosen("", Status.NEVER)])
    'ldh: 1 used (1 beyond a limit), 1 only before the window, 1 without record'
    """
    cells = list(cells)
    counts = Counter(cell.status for cell in cells)
    limits = sum(cell.cell[:1] in ("<", ">") for cell in cells)
    words = [f"{counts[status]} {text}" for status, text in WORDS.items() if counts[status]]
    if limits and counts[Status.USED]:
        words[0] += f" ({limits} beyond a limit)"
    return f"{name}: {', '.join(words)}"


WORDS = {
    Status.USED: "used",
    Status.TOO_OLD: "only before the window",
    Status.ONLY_LATER: "only after the window",
    Status.NO_ANCHOR: "without lymphodepletion",
    Status.VALUE_UNKNOWN: "recorded without a value",
    Status.REFUSED: "refused",
    Status.NEVER: "without record",
}
"""What the report says of each status, in its order."""
