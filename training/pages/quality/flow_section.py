"""From infusions to events, outcome by outcome, beside published rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problems import counted
from features.small_counts import MASKED, Shown, count_cell, shown_counts, shown_of
from training.pages.html import Table, source_link
from training.pages.quality.outcome_flow import AtHorizon, Flow, outcome_flow
from training.pages.quality.published_beside import published_outcomes
from training.pages.svg import stacked

KEY = ("event", "competing event", "event-free", "censored", "outcome unknown")
"""Parts of a bar, in the order of the page's colors."""


@dataclass(frozen=True)
class FlowView:
    """What became of the infusions of a cohort.

    Attributes
    ----------
    size : str
    left_out : str
        Why training would skip the outcome; empty where it would not.
    drawing : Markup or None
    horizons : Table or None
        None, as the drawing, where the outcome is known of no infusion; the drawing also where every horizon
        has a masked count.
    decisions : tuple of str
        Decisions about infusions, with counts.
    """

    size: str
    left_out: str
    drawing: Markup | None
    horizons: Table | None
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class OutcomeView:
    """One outcome on the page; ``flow`` is None without a cohort."""

    title: str
    name: str
    definition: str
    flow: FlowView | None
    published: Table


def outcome_views(cohort: Cohort | None, *, small_counts: bool = False) -> list[OutcomeView]:
    """Show what became of the infusions.

    Parameters
    ----------
    cohort : Cohort or None
        None where the file has problems: then what was observed is not certain.
    small_counts : bool
        Whether counts of fewer than five are shown.

    Returns
    -------
    outcomes : list of OutcomeView
        Every entry of `OUTCOMES`, published rates with their sources also without a cohort.
    """
    return [
        OutcomeView(
            title=outcome.title,
            name=name,
            definition=f"{outcome.definition[:1].upper()}{outcome.definition[1:]}.",
            flow=_flow(outcome_flow(cohort, outcome), small_counts=small_counts)
            if cohort is not None
            else None,
            published=_published(name),
        )
        for name, outcome in OUTCOMES.items()
    ]


def _flow(flow: Flow, *, small_counts: bool) -> FlowView:
    enrolled = counted(flow.enrolled, "infusion")
    known = shown_of(flow.known, flow.enrolled, small_counts=small_counts)
    counts = {at: _counts(flow, at, known, small_counts=small_counts) for at in flow.horizons}
    title = f"{flow.outcome.title}: what became of {enrolled}"
    return FlowView(
        size=f"{enrolled}; outcome known in {count_cell(known)}.",
        left_out=f"Training would skip this outcome: {flow.left_out}." if flow.left_out else "",
        drawing=_drawing(counts, title=title) if flow.known else None,
        horizons=_horizons(counts, caption=f"{enrolled}; cumulative incidence weighted for censoring")
        if flow.known
        else None,
        decisions=tuple(
            f"{words}: {count_cell(shown_of(count, flow.enrolled, small_counts=small_counts))}"
            for words, count in flow.decisions.items()
        ),
    )


def _drawing(counts: Mapping[AtHorizon, Sequence[Shown]], *, title: str) -> Markup | None:
    """Draw the horizons of which every count is shown; a bar of a part alone would mislead."""
    drawn = [
        (f"by day {at.horizon_days}", [count for count in row if count is not None])
        for at, row in counts.items()
        if None not in row
    ]
    return stacked(drawn, title=title) if drawn else None


def _horizons(counts: Mapping[AtHorizon, Sequence[Shown]], *, caption: str) -> Table:
    """List the counts; an incidence beside masked events would give them away."""
    rows = [
        [at.horizon_days, *map(count_cell, row), MASKED if row[0] is None else _percent(at.risk)]
        for at, row in counts.items()
    ]
    return Table(["By day", *KEY, "Cumulative incidence"], rows, caption=caption)


def _counts(flow: Flow, at: AtHorizon, known: Shown, *, small_counts: bool) -> list[Shown]:
    """Mask the counts given their public sum: those with a known outcome, or all where these are masked."""
    parts, unknown = [at.events, at.competing, at.free, at.censored], flow.enrolled - flow.known
    if known is None:
        return shown_counts([*parts, unknown], small_counts=small_counts)
    return [*shown_counts(parts, small_counts=small_counts), unknown]


def _percent(rate: float | None) -> str:
    return "too few at risk" if rate is None else f"{rate:.0%}"


def _published(outcome: str) -> Table:
    rows = [
        [
            row.cohort,
            f"{row.rate:.1%}",
            row.n if row.n is not None else "",
            row.horizon_days if row.horizon_days is not None else "not stated",
            f"{row.definition}; among {row.among}",
            Markup(", ").join(source_link(source) for source in row.sources),
        ]
        for row in published_outcomes(outcome)
    ]
    headings = ["Published cohort", "Rate", "Patients", "By day", "Definition and population", "Source"]
    return Table(headings, rows, caption="Published rates; definitions can differ from the one above")
