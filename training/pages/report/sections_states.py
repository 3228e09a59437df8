"""Section on states that exclude one another: shares of the cohort by horizon, observed and predicted."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from training.pages.html import Table
from training.pages.report.contents import Report
from training.pages.report.numbers import percent
from training.pages.svg import stacked
from training.validation.state_shares import StateShares

TENTHS_OF_PERCENT = 1000


@dataclass(frozen=True)
class StatesView:
    """Shares of one family of states: a picture with its key, and a table."""

    title: str
    key: tuple[str, ...]
    drawing: Markup
    table: Table


def states_views(report: Report) -> list[StatesView]:
    """Show every family of states that was observed in the cohort."""
    return [_view(shares) for shares in report.states]


def _view(shares: StateShares) -> StatesView:
    title = ", ".join(shares.titles)
    rows = [
        (f"by day {days}, {kind}", each)
        for days in shares.observed
        for kind, by_day in (("observed", shares.observed), ("predicted", shares.predicted))
        if (each := by_day.get(days)) is not None
    ]
    lengths = [(label, [round(TENTHS_OF_PERCENT * share) for share in each]) for label, each in rows]
    cells = [[label, *map(percent, each)] for label, each in rows]
    return StatesView(
        title=title[:1].upper() + title[1:],
        key=shares.titles,
        drawing=stacked(
            lengths,
            title=f"{title}: observed and predicted shares of the cohort",
            words=lambda tenths: percent(tenths / TENTHS_OF_PERCENT),
        ),
        table=Table(["Share of the cohort", *shares.titles], cells, caption=f"{title}: shares of the cohort"),
    )
