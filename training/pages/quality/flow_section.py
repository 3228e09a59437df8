"""From infusions to events, outcome by outcome, beside published rates."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problems import counted
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
        None, as the drawing, where the outcome is known of no infusion.
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


def outcome_views(cohort: Cohort | None) -> list[OutcomeView]:
    """Show what became of the infusions.

    Parameters
    ----------
    cohort : Cohort or None
        None where the file has problems: then what was observed is not certain.

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
            flow=_flow(outcome_flow(cohort, outcome)) if cohort is not None else None,
            published=_published(name),
        )
        for name, outcome in OUTCOMES.items()
    ]


def _flow(flow: Flow) -> FlowView:
    enrolled = counted(flow.enrolled, "infusion")
    counts = [(f"by day {at.horizon_days}", _counts(flow, at)) for at in flow.horizons]
    title = f"{flow.outcome.title}: what became of {enrolled}"
    return FlowView(
        size=f"{enrolled}; outcome known in {flow.known}.",
        left_out=f"Training would skip this outcome: {flow.left_out}." if flow.left_out else "",
        drawing=stacked(counts, title=title) if flow.known else None,
        horizons=_horizons(flow, caption=f"{enrolled}; cumulative incidence weighted for censoring")
        if flow.known
        else None,
        decisions=flow.decisions,
    )


def _horizons(flow: Flow, *, caption: str) -> Table:
    rows = [[at.horizon_days, *_counts(flow, at), _percent(at.risk)] for at in flow.horizons]
    return Table(["By day", *KEY, "Cumulative incidence"], rows, caption=caption)


def _counts(flow: Flow, at: AtHorizon) -> tuple[int, ...]:
    return at.events, at.competing, at.free, at.censored, flow.enrolled - flow.known


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
