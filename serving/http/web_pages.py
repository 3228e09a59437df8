"""The pages for people: one patient's answer, the model card, what the software is for."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from serving.answers.card import ModelCard

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

PAGES = {"/": "patient.html", "/model": "model.html", "/about": "about.html"}
"""File of the page at each path."""


def web_page(path: str, card: ModelCard) -> str:
    """Write a page as HTML.

    Parameters
    ----------
    path : str
        Entry of `PAGES`.
    card : ModelCard
        Of the model that answers.

    Returns
    -------
    html : str
        Frame and notices, everything escaped; scripts of the service fill in the rest. That the model is
        synthetic, or rests on published evidence only, is said without any script.
    """
    kind = "synthetic" if card.synthetic else "no_cohort"
    return _template(PAGES[path]).substitute(
        notice=notice_of(card.notice, key=f"server.{kind}"), intended_use=escape(card.intended_use)
    )


def notice_of(text: str, *, key: str = "") -> str:
    """Write a notice at the head of a page.

    Parameters
    ----------
    text : str
        Empty for none.
    key : str
        By which scripts find the text in another language; empty where they do not.

    Examples
    --------
    >>> notice_of("a < b")
    '<p class="notice" role="note">a &lt; b</p>'
    >>> notice_of("")
    ''
    """
    named = f' data-text="{key}"' if key else ""
    return f'<p class="notice" role="note"{named}>{escape(text)}</p>' if text else ""


@cache
def _template(name: str) -> Template:
    return Template(files("serving.pages").joinpath(name).read_text(encoding="utf-8"))
