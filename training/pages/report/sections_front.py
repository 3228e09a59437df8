"""The first and the last sections: head, summary, checklist, limitations, use, sources, provenance."""

from __future__ import annotations

from collections import Counter
from html import escape
from itertools import groupby

from training.pages.html import Markup, items, paragraph, sources
from training.pages.report.contents import PRECISION, Report
from training.pages.report.tables import code, headed_table, lines, soft
from training.pages.report.tripod import ChecklistRow
from training.pages.report.tripod_items import SOURCE

AUTHOR = "Author to complete"
SECTIONS = {
    "summary": "Summary",
    "data": "Participants and missing data",
    "outcomes": "Outcomes and estimand",
    "predictors": "Predictors",
    "model": "The models in full",
    "example": "A worked example",
    "performance": "Performance",
    "limitations": "Limitations",
    "use": "Intended use",
    "sources": "Published evidence used",
    "provenance": "Provenance",
    "checklist": "TRIPOD+AI checklist",
}
"""Sections of the page by identifier, in order."""


def open_to_author(words: str) -> Markup:
    """Mark what is left to the author."""
    return (
        Markup(f'<span class="author"><strong>{AUTHOR}:</strong> {escape(words)}</span>')
        if words
        else Markup("")
    )


def head_section(report: Report) -> str:
    """Title, what stands behind the model, and the way to every section."""
    card, states = report.card, Counter(row.state for row in report.checklist)
    notice = (
        f'<p class="notice" role="note"><strong>{escape(card.notice)}</strong></p>' if card.notice else ""
    )
    found = card.provenance
    made = f"Version {card.bundle.version}, made {found.get('created_at', 'at an unknown time')[:10]}."
    filled = (
        f"Of the {len(report.checklist)} items of TRIPOD+AI {states['filled in']} are filled in from the "
        f"model, {states['author to add']} in part, {states['author to complete']} are the author's, and "
        f"{states['does not apply']} do not apply."
    )
    links = "".join(f'<li><a href="#{name}">{escape(words)}</a></li>' for name, words in SECTIONS.items())
    return "\n".join(
        [
            f"<header><h1>{escape(report.title)}</h1>",
            notice,
            paragraph(f"{made} {filled}"),
            f'<p class="soft">Bundle {code(card.bundle.digest)}</p>',
            f'<nav aria-label="Contents"><ol class="contents">{links}</ol></nav></header>',
        ]
    )


def summary_section(report: Report) -> str:
    """Write the abstract, with what is left to the author marked."""
    parts = []
    for passage in report.abstract:
        said = lines(*passage.said, open_to_author(passage.author))
        parts.append(f"<dt>{escape(passage.heading)}</dt><dd>{said}</dd>")
    return f'{heading("summary")}<dl class="abstract">{"".join(parts)}</dl>'


def checklist_section(report: Report) -> str:
    """Every item of TRIPOD+AI, a table a part of the checklist."""
    words = Markup(
        f"Items of {sources(SOURCE)} in short; the statement is what counts. D is asked of studies that "
        "develop a model, E of those that evaluate one."
    )
    parts = [heading("checklist"), f"<p>{words}</p>"]
    for section, rows in groupby(report.checklist, key=lambda row: row.section):
        table = headed_table(
            ["Item", "Asked", "Answer"], map(_item, rows), caption=f"TRIPOD+AI: {section}", kind="checklist"
        )
        parts.append(f"<h3>{escape(section)}</h3>{table}")
    return "\n".join(parts)


def closing_sections(report: Report) -> list[str]:
    """Limitations, intended use, sources and provenance."""
    return [
        _limitations(report),
        heading("use") + paragraph(report.card.intended_use),
        _sources(report),
        _provenance(report),
    ]


def heading(section: str) -> str:
    """Open a section."""
    return f'<h2 id="{section}">{escape(SECTIONS[section])}</h2>'


def _item(row: ChecklistRow) -> tuple[Markup, Markup, Markup]:
    state = f'<span class="state" data-state="{row.state}">{row.state}</span>'
    see = f'<a href="#{row.see}">{escape(SECTIONS[row.see])}</a>' if row.see else ""
    return (
        Markup(f"{row.number} {soft(row.asked_of)}"),
        lines(Markup(f"<strong>{escape(row.title)}</strong>"), soft(row.asks)),
        lines(Markup(state), row.said, open_to_author(row.author), Markup(f"See {see}") if see else ""),
    )


def _limitations(report: Report) -> str:
    parts = [heading("limitations"), items(report.card.limitations)]
    for outcome in report.card.outcomes:
        reasons = [*outcome.status_reasons, outcome.interval_note, outcome.evidence_note]
        parts.append(f"<h3>{escape(outcome.title)}</h3>{paragraph(f'Status: {outcome.status}.')}")
        parts.append(items(reason for reason in reasons if reason))
    return "\n".join([*parts, f"<p>{open_to_author('limitations of design and data')}</p>"])


def _sources(report: Report) -> str:
    if not report.sources:
        words = "No published effect has a part in these models."
        return heading("sources") + paragraph(words)
    rows = [
        [
            sources(cited.source),
            lines(*(f"{name}: {', '.join(terms)}" for name, terms in cited.terms.items())),
        ]
        for cited in report.sources
    ]
    words = (
        "Sources of the priors. How each was converted and pooled the command cart-outcomes evidence tells."
    )
    table = headed_table(["Source", "Terms whose prior rests on it"], rows, caption="Published evidence")
    return heading("sources") + paragraph(words) + table


def _provenance(report: Report) -> str:
    card = report.card
    rows = [["bundle", code(card.bundle.digest)], ["cohort", code(card.cohort.sha256 or "none")]]
    rows += [[name, code(value)] for name, value in card.provenance.items()]
    for name, update in report.updates.items():
        rows.append([f"{name}: updated from", code(update.parent_digest)])
        rows.append([f"{name}: updated on", lines(update.cohort, code(update.cohort_sha256))])
    for model in report.models.values():
        rows += [[name, code(f"sha256:{digest}")] for name, digest in model.files.items()]
    table = headed_table(["What", "Which"], rows, caption="Versions, times and digests")
    return heading("provenance") + table + paragraph(PRECISION)
