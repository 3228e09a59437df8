"""The start page: what the service is, which model answers, and how to ask."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from serving.card import CohortCard, ModelCard, OutcomeCard

EXAMPLE: dict[str, Any] = {
    "age_years": 31,
    "prior_lines": 3,
    "prior_blinatumomab": "nonresponder",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 62,
    "target_antigen": "cd19",
    "dose_1e6_per_kg": 1.0,
}
"""An invented patient: the least that a request must bring."""


def start_page(card: ModelCard, *, address: str) -> str:
    """Write the start page as HTML.

    Parameters
    ----------
    card : ModelCard
        Of the model that answers.
    address : str
        Where ``POST /risk`` is, for the example.

    Returns
    -------
    html : str
        Self-contained: no script, nothing loaded from elsewhere. Every text is escaped.
    """
    notice = f'<p class="notice" role="note">{escape(card.notice)}</p>' if card.notice else ""
    texts = {
        "title": card.title,
        "intended_use": card.intended_use,
        "version": card.bundle.version,
        "digest": card.bundle.digest,
        "cohort": _cohort(card.cohort),
        "origin": "learned from a centre's own cohort" if card.cohort.trained else "from published studies",
        "estimand": f"{card.estimand}: {card.estimand_means}",
        "example": json.dumps(EXAMPLE),
        "address": address,
    }
    return Template(_part("start.html")).substitute(
        {name: escape(text) for name, text in texts.items()},
        style=_part("start.css"),
        notice=notice,
        outcomes="\n".join(_row(outcome) for outcome in card.outcomes),
    )


def content_security_policy() -> str:
    """State what the page may load: its own style sheet, known by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_part("start.css").encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _cohort(cohort: CohortCard) -> str:
    if not cohort.trained:
        return "no cohort: the model is the published evidence"
    synthetic = " (synthetic)" if cohort.synthetic else ""
    return f"{cohort.n_infusions} infusions of {cohort.n_patients} patients{synthetic}"


def _row(outcome: OutcomeCard) -> str:
    days = ", ".join(map(str, outcome.horizons_days))
    seen = f"{outcome.n_infusions}, {outcome.n_events}"
    cells = "".join(f"<td>{escape(text)}</td>" for text in (days, seen, outcome.status))
    return f'<tr><th scope="row">{escape(outcome.title)}</th>{cells}</tr>'


def _part(name: str) -> str:
    return files("serving.pages").joinpath(name).read_text(encoding="utf-8")
