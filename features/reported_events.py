"""Which reports of outcomes cannot all be true of one patient, by the relations of the table of outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product

from features.outcome import Given, Outcome
from features.outcomes import OUTCOMES

NEVER = math.inf
"""Day of an event that does not happen."""


@dataclass(frozen=True)
class ReportedEvent:
    """What is reported of one outcome of a patient.

    Attributes
    ----------
    happened : bool
        Whether the event occurred.
    day : int or None
        Days from the infusion to the event, or to the last day without it; None if unknown.
    """

    happened: bool
    day: int | None = None


def contradicted(name: str, report: ReportedEvent, others: Mapping[str, ReportedEvent]) -> tuple[str, ...]:
    """Find the reports of other outcomes that a report contradicts.

    Parameters
    ----------
    name : str
        Outcome of the report, in `OUTCOMES`.
    report : ReportedEvent
    others : mapping of str to ReportedEvent
        The last report of each outcome of the same patient; one of the same outcome is not read.

    Returns
    -------
    names : tuple of str
        The fewest outcomes whose reports cannot be true together with this one, in the order of `OUTCOMES`;
        empty where there are none. Reports that contradict each other without this one do not count.

    Notes
    -----
    Reports are read as labels are: an outcome of one horizon that did not happen did not happen by that day,
    whatever the day of the report. Other outcomes that have not happened on a day may happen later, and
    without a day such a report excludes nothing.

    Examples
    --------
    >>> died = {"death_without_relapse": ReportedEvent(True, 150)}
    >>> contradicted("relapse", ReportedEvent(True, 100), died)
    ('death_without_relapse',)
    >>> contradicted("death", ReportedEvent(False, 400), died)
    ('death_without_relapse',)
    >>> contradicted("death", ReportedEvent(False), died)
    ()
    """
    related = [other for other in _related(name) if other != name and other in others]
    for number in range(1, len(related) + 1):
        for names in combinations(related, number):
            kept = {other: others[other] for other in names}
            if _can_be_true(kept) and not _can_be_true({**kept, name: report}):
                return names
    return ()


def _related(name: str) -> tuple[str, ...]:
    """List the outcomes that an outcome has relations with, itself among them, in the order of `OUTCOMES`."""
    groups = [{other, *outcome.rests_on} for other, outcome in OUTCOMES.items()]
    related = {name}
    while joined := [group for group in groups if group & related and not group <= related]:
        related.update(*joined)
    return tuple(other for other in OUTCOMES if other in related)


def _can_be_true(reports: Mapping[str, ReportedEvent]) -> bool:
    """Say whether all events can have days that agree with the reports and with each other."""
    names = _related(next(iter(reports)))
    days = _days_to_try(reports, names)
    possible = [[day for day in days if _agrees(OUTCOMES[name], reports.get(name), day)] for name in names]
    return any(_consistent(dict(zip(names, each, strict=True))) for each in product(*possible))


def _days_to_try(reports: Mapping[str, ReportedEvent], names: tuple[str, ...]) -> list[float]:
    """List enough days for every order of the events before, on, between and after the reported days."""
    limits = {report.day for report in reports.values() if report.day is not None}
    limits |= {day for name in names if (day := _defined_by(OUTCOMES[name])) is not None}
    return sorted({0, *limits, *(day + 1 for day in limits), NEVER})


def _defined_by(outcome: Outcome) -> int | None:
    """Give the day by which an outcome of one horizon is defined."""
    return outcome.horizons_days[0] if len(outcome.horizons_days) == 1 else None


def _agrees(outcome: Outcome, report: ReportedEvent | None, day: float) -> bool:
    """Say whether an event on a day agrees with its report."""
    if report is None:
        return True
    defined_by = _defined_by(outcome)
    if not report.happened:
        last_without = report.day if defined_by is None else defined_by
        return last_without is None or day > last_without
    if report.day is not None:
        return day == report.day
    return day < NEVER if defined_by is None else day <= defined_by


def _consistent(days: Mapping[str, float]) -> bool:
    """Say whether events can have happened on these days."""
    return all(
        _can_follow(given, day, days)
        for name, day in days.items()
        if (given := OUTCOMES[name].given) is not None
    )


def _can_follow(given: Given, day: float, days: Mapping[str, float]) -> bool:
    """Say whether an outcome can come on a day, or never, by what it is composed of."""
    other, part = days[given.outcome], days.get(given.plus, NEVER)
    if day == NEVER:
        return part == NEVER
    if given.neither and other < NEVER:
        return False
    among = (other <= day) == given.happened
    return day <= part and (among or part <= day)
