"""Records of infusions become infusions: parts put together, the next one known, lymphodepletion found."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from features.files.typed_text import canonical_text
from features.short_repr import ShortRepr
from training.omop.records import Record
from training.omop.start_time import UNTIMED, StartTime, start_time


@dataclass(frozen=True, repr=False)
class Infusion(ShortRepr):
    """One infusion of a person, with all its parts.

    Parameters
    ----------
    person : int
        ``person_id``.
    number : int
        1 for the person's first.
    day : date
        Of the first part.
    product : str
        What the concept set says of it; blank if its parts differ or it does not say.
    source : str
        The source's own text of the first part.
    quantity, unit : str
        Sum of the parts; blank unless each day has one quantity, all in one unit.
    next_day : date, optional
        Of the person's next infusion.
    lymphodepletion : date, optional
        First day of lymphodepletion.
    time, lymphodepletion_time : StartTime
        Time of day at which they began.
    """

    person: int
    number: int
    day: datetime.date
    product: str
    source: str
    quantity: str
    unit: str
    next_day: datetime.date | None = None
    lymphodepletion: datetime.date | None = None
    time: StartTime = UNTIMED
    lymphodepletion_time: StartTime = UNTIMED


def infusions_of(records: Sequence[Record], *, parts_within_days: int) -> list[Infusion]:
    """Put the records of infusions together.

    Parameters
    ----------
    records : sequence of Record
        By person and day.
    parts_within_days : int
        Records within these days after the first one are parts of the same infusion.

    Returns
    -------
    infusions : list of Infusion
        By person and day.

    Examples
    --------
    >>> day = datetime.date(2021, 3, 4)
    >>> first = Record(1, day, None, "obecabtagene", "10", "", "obe-cel")
    >>> second = replace(first, day=day + datetime.timedelta(days=9), number="400")
    >>> [each.quantity for each in infusions_of([first, second], parts_within_days=14)]
    ['410']
    >>> [each.number for each in infusions_of([first, second], parts_within_days=0)]
    [1, 2]
    """
    groups: list[list[Record]] = []
    for record in records:
        first = groups[-1][0] if groups else None
        near = first and first.person == record.person and (record.day - first.day).days <= parts_within_days
        if near:
            groups[-1].append(record)
        else:
            groups.append([record])
    return _numbered([_infusion(group) for group in groups])


def with_lymphodepletion(
    infusions: Iterable[Infusion], records: Sequence[Record], *, within_days: int
) -> list[Infusion]:
    """Find the first day of lymphodepletion of each infusion.

    Parameters
    ----------
    infusions : iterable of Infusion
        By person and day.
    records : sequence of Record
        Of lymphodepletion.
    within_days : int
        Days before the infusion in which it may begin; the day of the infusion does not count.

    Returns
    -------
    infusions : list of Infusion
    """
    days = by_person(records)
    dated = []
    for infusion in infusions:
        before = [
            record
            for record in days.get(infusion.person, ())
            if 1 <= (infusion.day - record.day).days <= within_days
        ]
        day = min((record.day for record in before), default=None)
        dated.append(replace(infusion, lymphodepletion=day, lymphodepletion_time=start_time(before)))
    return dated


def by_person(records: Iterable[Record]) -> dict[int, list[Record]]:
    """Group records by person, in their order."""
    groups: dict[int, list[Record]] = {}
    for record in records:
        groups.setdefault(record.person, []).append(record)
    return groups


def _numbered(infusions: Sequence[Infusion]) -> list[Infusion]:
    counts: dict[int, int] = {}
    numbered = []
    for index, infusion in enumerate(infusions):
        counts[infusion.person] = counts.get(infusion.person, 0) + 1
        following = infusions[index + 1] if index + 1 < len(infusions) else None
        next_day = following.day if following and following.person == infusion.person else None
        numbered.append(replace(infusion, number=counts[infusion.person], next_day=next_day))
    return numbered


def _infusion(parts: Sequence[Record]) -> Infusion:
    first = parts[0]
    products = {part.value for part in parts if part.value not in ("", "?")}
    quantity, unit = _sum(parts)
    return Infusion(
        person=first.person,
        number=1,
        day=first.day,
        product=products.pop() if len(products) == 1 else "",
        source=first.source,
        quantity=quantity,
        unit=unit,
        time=start_time(parts),
    )


def _sum(parts: Sequence[Record]) -> tuple[str, str]:
    """Add the quantities of all days; two of one day may be two bags, or one record twice."""
    numbered = [part for part in parts if part.number]
    days = {part.day for part in parts}
    units = {part.unit for part in numbered}
    if len(numbered) != len(days) or {part.day for part in numbered} != days or len(units) != 1:
        return "", ""
    return canonical_text(sum(float(part.number) for part in numbered)), units.pop()
