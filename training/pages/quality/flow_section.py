"""From infusions to events, outcome by outcome, beside what is published."""

from __future__ import annotations

from html import escape

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problems import counted
from training.pages.html import Markup, items, paragraph, sources, table
from training.pages.quality.outcome_flow import AtHorizon, Flow, outcome_flow
from training.pages.quality.published_beside import published_outcomes
from training.pages.svg import stacked

KEY = ("event", "competing event", "known free", "censored before", "outcome not known")


def flow_section(cohort: Cohort | None) -> str:
    """Show what became of the infusions.

    Parameters
    ----------
    cohort : Cohort or None
        None where the file has problems: then what was observed is not certain.

    Returns
    -------
    html : str
        A part for every entry of `OUTCOMES`, published rates with their sources also without a cohort.
    """
    parts = ["<h2>Outcomes</h2>"]
    if cohort is None:
        parts.append(paragraph("What was observed is shown once the problems are mended."))
    else:
        swatches = "".join(f"<li>{_swatch(place)} {words}</li>" for place, words in enumerate(KEY))
        parts.append(f'<ul class="key">{swatches}</ul>')
    for name, outcome in OUTCOMES.items():
        parts.append(f"<h3>{escape(outcome.title)} <code>{escape(name)}</code></h3>")
        parts.append(paragraph(f"{outcome.definition[:1].upper()}{outcome.definition[1:]}.", kind="soft"))
        if cohort is not None:
            parts.append(_flow(outcome_flow(cohort, outcome)))
        parts.append(_published(name))
    return "\n".join(parts)


def _swatch(place: int) -> str:
    drawn = f'<rect class="part part{place}" width="10" height="10"/>'
    return f'<svg viewBox="0 0 10 10" aria-hidden="true">{drawn}</svg>'


def _flow(flow: Flow) -> str:
    parts = [
        paragraph(f"{counted(flow.enrolled, 'infusion')}, of which the outcome is known in {flow.known}.")
    ]
    if flow.left_out:
        parts.append(paragraph(f"Training would leave it out: {flow.left_out}."))
    if flow.known:
        parts.append(_horizons(flow))
    return "\n".join([*parts, items(flow.decisions)] if flow.decisions else parts)


def _horizons(flow: Flow) -> str:
    """Draw what became of all infusions by each horizon, and list it."""
    counts = [(f"by day {at.horizon_days}", _counts(flow, at)) for at in flow.horizons]
    drawn = stacked(counts, title=f"{flow.outcome.title}: what became of {flow.enrolled} infusions")
    rows = [[at.horizon_days, *_counts(flow, at), _percent(at.risk)] for at in flow.horizons]
    caption = f"Of {counted(flow.enrolled, 'infusion')}; the cumulative incidence is weighted for censoring"
    return f"<figure>{drawn}{table(['By day', *KEY, 'Cumulative incidence'], rows, caption=caption)}</figure>"


def _counts(flow: Flow, at: AtHorizon) -> tuple[int, ...]:
    return at.events, at.competing, at.free, at.censored, flow.enrolled - flow.known


def _percent(rate: float | None) -> str:
    return "too few followed so long" if rate is None else f"{rate:.0%}"


def _published(outcome: str) -> str:
    rows = [
        [
            row.cohort,
            f"{row.rate:.1%}",
            row.n if row.n is not None else "",
            row.horizon_days if row.horizon_days is not None else "not stated",
            f"{row.definition}; among {row.among}",
            Markup(sources(row.source)),
        ]
        for row in published_outcomes(outcome)
    ]
    headings = ["Published cohort", "Rate", "Patients", "By day", "Of what, among whom", "Source"]
    return table(headings, rows, caption="Published, by other definitions where it says so")
