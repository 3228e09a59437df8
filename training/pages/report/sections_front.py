"""The first and the last sections: head, checklist, limitations, sources, provenance."""

from __future__ import annotations

from itertools import groupby

from training.pages.html import Table, code, source_link
from training.pages.report.contents import Report
from training.pages.report.tables import lines
from training.pages.report.tripod import ChecklistRow

SECTIONS = {
    "summary": "Summary",
    "data": "Participants and missing data",
    "outcomes": "Outcomes and estimand",
    "predictors": "Predictors",
    "model": "Model specification",
    "example": "Worked example",
    "performance": "Performance",
    "states": "States by horizon",
    "limitations": "Limitations",
    "use": "Intended use",
    "sources": "Published evidence",
    "provenance": "Provenance",
    "checklist": "TRIPOD+AI checklist",
}
"""Sections of the page by identifier, in order."""


def made_at(report: Report) -> str:
    """Day on which the version was made."""
    return report.card.provenance.get("created_at", "on an unknown date")[:10]


def limitations(report: Report) -> dict[str, list[str]]:
    """List what limits each outcome's model: reasons of its status, notes on intervals and evidence."""
    return {
        outcome.name: [
            each for each in (*outcome.status_reasons, outcome.interval_note, outcome.evidence_note) if each
        ]
        for outcome in report.card.outcomes
    }


def cited_table(report: Report) -> Table | None:
    """List the sources of the priors; None where no published effect is used."""
    rows = [
        [
            source_link(cited.source),
            lines(*(f"{name}: {', '.join(terms)}" for name, terms in cited.terms.items())),
        ]
        for cited in report.sources
    ]
    return (
        Table(["Source", "Terms with a prior from it"], rows, caption="Published evidence") if rows else None
    )


def provenance_table(report: Report) -> Table:
    """List versions, times and digests."""
    card = report.card
    rows = [["bundle", code(card.bundle.digest)], ["cohort", code(card.cohort.sha256 or "none")]]
    rows += [[name, code(value)] for name, value in card.provenance.items()]
    for name, update in report.updates.items():
        rows.append([f"{name}: updated from", code(update.parent_digest)])
        rows.append([f"{name}: updated on", lines(update.cohort, code(update.cohort_sha256))])
    for model in report.models.values():
        rows += [[name, code(f"sha256:{digest}")] for name, digest in model.files.items()]
    return Table(["Item", "Value"], rows, caption="Versions, times and digests")


def grouped_checklist(report: Report) -> dict[str, list[ChecklistRow]]:
    """Group the items of TRIPOD+AI by part of the checklist."""
    parts = groupby(report.checklist, key=lambda row: row.section)
    return {section: list(rows) for section, rows in parts}
