"""Labels of reported outcomes at each horizon, by the same rules as in training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from features.outcomes import OUTCOMES
from serving.answers.states import families


@dataclass(frozen=True)
class Report:
    """What a site reported of one outcome.

    Attributes
    ----------
    happened : bool
    day : int or None
        Days from the infusion to the event, or to the last day known to be without it.
    reported_at : str
        ISO 8601, UTC.
    """

    happened: bool
    day: int | None
    reported_at: str


@dataclass(frozen=True)
class Label:
    """Whether an outcome occurred by a horizon.

    Attributes
    ----------
    outcome : str
    horizon_days : int
    event : int
        1 or 0.
    reported_at : str
        Of the report that decides it.
    """

    outcome: str
    horizon_days: int
    event: int
    reported_at: str


def labels(reports: Mapping[str, Report]) -> Iterator[Label]:
    """Label the outcomes of one answer at the horizons at which they are known.

    Parameters
    ----------
    reports : mapping of str to Report
        The last report of each outcome.

    Yields
    ------
    label : Label
        An outcome is known to have occurred by a horizon, or to have not: by a later day without it, or by a
        competing event before. Where neither is known, there is no label.

    Examples
    --------
    >>> [(each.horizon_days, each.event) for each in labels({"relapse": Report(True, 200, "")})
    ...  if each.outcome == "relapse"]
    [(90, 0), (180, 0), (365, 1), (730, 1)]
    >>> [(each.horizon_days, each.event) for each in labels({"relapse": Report(False, 200, "")})]
    [(90, 0), (180, 0)]
    """
    for name, outcome in OUTCOMES.items():
        for horizon in sorted(outcome.horizons_days):
            decided = _decided(reports, name, horizon)
            if decided is not None:
                yield Label(name, horizon, *decided)


def _decided(reports: Mapping[str, Report], name: str, horizon: int) -> tuple[int, str] | None:
    """Decide one label from the report of the outcome, or from one of a competing outcome."""
    own = reports.get(name)
    if own is not None:
        event = _event_by(own, horizon, single=len(OUTCOMES[name].horizons_days) == 1)
        if event is not None:
            return event, own.reported_at
    for competitor in _competitors(name):
        other = reports.get(competitor)
        if other is not None and other.happened and other.day is not None and other.day <= horizon:
            return 0, other.reported_at
    return None


def _event_by(report: Report, horizon: int, *, single: bool) -> int | None:
    """Say whether the event occurred by a horizon; an outcome of one horizon is defined by that day."""
    if report.day is None:
        return int(report.happened) if single else None
    if report.happened:
        return int(report.day <= horizon)
    return 0 if single or report.day >= horizon else None


def _competitors(name: str) -> set[str]:
    pairs = [pair for pair in families(OUTCOMES) if name in pair]
    return {other for pair in pairs for other in pair if other != name}
